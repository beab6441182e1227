"""What clients ask for when they start, beyond the REST API: a few paths of Binance's wallet and margin APIs.

Those APIs are not simulated. Without these answers the clients below cannot start, or a common call of theirs fails:

    ccxt            load_markets: capital/config/getall; with fetchMargins also margin/allPairs and isolated/allPairs;
                    fetch_status: system/status; fetch_trading_fee: asset/tradeFee
    python-binance  get_system_status, get_account_status, get_account_api_permissions, get_trade_fee,
                    get_all_coins_info, get_margin_all_pairs

The fields are those that Binance's documentation of these APIs shows, as far as an exchange without chains has them.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final

import msgspec

from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.numbers import text
from pitwire.protocol.authorization import Admitted
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.requests.base import Method, Request, Security, SignedRequest
from pitwire.protocol.rest import Endpoint, EndpointReader

_encode = msgspec.json.Encoder().encode
_NOTHING: Final = "0"


class SystemStatus(Request[Any], frozen=True, kw_only=True):
    """Whether the exchange is under maintenance."""

    METHOD: ClassVar[Method] = Method("sapi.system.status", Security.NONE)


class CoinsInformation(SignedRequest[Any], frozen=True, kw_only=True):
    """Every asset, and what the account has of it."""

    METHOD: ClassVar[Method] = Method("sapi.capital.config.getall", Security.USER_DATA)


class TradeFee(SignedRequest[Any], frozen=True, kw_only=True):
    """The account's rates on one symbol, or on all."""

    METHOD: ClassVar[Method] = Method("sapi.asset.tradeFee", Security.USER_DATA)
    symbol: str | None = None


class WalletStatus(SignedRequest[Any], frozen=True, kw_only=True):
    """Whether the account is restricted."""

    METHOD: ClassVar[Method] = Method("sapi.account.status", Security.USER_DATA)


class KeyRestrictions(SignedRequest[Any], frozen=True, kw_only=True):
    """What the API key may do."""

    METHOD: ClassVar[Method] = Method("sapi.account.apiRestrictions", Security.USER_DATA)


class MarginPairs(Request[Any], frozen=True, kw_only=True):
    """The symbols that trade on margin: none. ccxt signs the request, python-binance does not; nothing is secret."""

    METHOD: ClassVar[Method] = Method("sapi.margin.allPairs", Security.NONE)
    symbol: str | None = None
    signature: str | None = None
    timestamp: int | None = None
    recv_window: Decimal | None = None


class IsolatedMarginPairs(MarginPairs, frozen=True, kw_only=True):
    """The symbols that trade on isolated margin: none."""

    METHOD: ClassVar[Method] = Method("sapi.margin.isolated.allPairs", Security.NONE)


def _coins(handlers: Handlers, admitted: Admitted) -> list[dict[str, Any]]:
    balance = handlers.projections.accounts.balance
    found = []
    for asset in sorted(handlers.projections.symbols.assets()):
        held = balance(admitted.account, asset)
        found.append(
            {
                "coin": asset,
                "depositAllEnable": True,
                "withdrawAllEnable": True,
                "name": asset,
                "free": text(held.free),
                "locked": text(held.locked),
                "freeze": _NOTHING,
                "withdrawing": _NOTHING,
                "ipoing": _NOTHING,
                "ipoable": _NOTHING,
                "storage": _NOTHING,
                "isLegalMoney": False,
                "trading": True,
                "networkList": [],
            }
        )
    return found


def _trade_fee(handlers: Handlers, admitted: Admitted) -> list[dict[str, str]]:
    asked = admitted.request.symbol  # type: ignore[attr-defined]
    accounts, symbols = handlers.projections.accounts, handlers.projections.symbols
    names = symbols.names() if asked is None else [symbols.rules(asked).symbol]
    rates = {name: accounts.commission(admitted.account, name)["standardCommission"] for name in names}
    return [
        {"symbol": name, "makerCommission": each["maker"], "takerCommission": each["taker"]}
        for name, each in rates.items()
    ]


def _restrictions(_: Handlers, admitted: Admitted) -> dict[str, Any]:
    assert admitted.key is not None  # the request is signed
    may = admitted.key.permissions
    return {
        "ipRestrict": False,
        "enableReading": Security.USER_DATA in may,
        "enableSpotAndMarginTrading": Security.TRADE in may,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": False,
        "enableVanillaOptions": False,
        "permitsUniversalTransfer": False,
        "enablePortfolioMarginTrading": False,
    }


_ANSWERS: Final[Mapping[type[Request[Any]], Callable[[Handlers, Admitted], Any]]] = MappingProxyType(
    {
        SystemStatus: lambda _, __: {"status": 0, "msg": "normal"},
        CoinsInformation: _coins,
        TradeFee: _trade_fee,
        WalletStatus: lambda _, __: {"data": "Normal"},
        KeyRestrictions: _restrictions,
        MarginPairs: lambda _, __: [],
        IsolatedMarginPairs: lambda _, __: [],
    }
)

_ENDPOINTS: Final = (
    Endpoint("GET", "/sapi/v1/system/status", SystemStatus),
    Endpoint("GET", "/sapi/v1/capital/config/getall", CoinsInformation),
    Endpoint("GET", "/sapi/v1/asset/tradeFee", TradeFee),
    Endpoint("GET", "/sapi/v1/account/status", WalletStatus),
    Endpoint("GET", "/sapi/v1/account/apiRestrictions", KeyRestrictions),
    Endpoint("GET", "/sapi/v1/margin/allPairs", MarginPairs),
    Endpoint("GET", "/sapi/v1/margin/isolated/allPairs", IsolatedMarginPairs),
)
STARTUP_READERS: Final[Mapping[tuple[str, str], EndpointReader]] = MappingProxyType(
    {(endpoint.verb, endpoint.path): EndpointReader(endpoint) for endpoint in _ENDPOINTS}
)
"""The reader of each of these paths, by verb and path."""


def startup_answer(handlers: Handlers, admitted: Admitted) -> bytes | WireError | None:
    """The answer, as JSON, or why there is none. None: the request is none of these."""
    answer = _ANSWERS.get(type(admitted.request))
    if answer is None:
        return None
    try:
        return _encode(answer(handlers, admitted))
    except UnknownSymbol:
        return wire_error(Code.BAD_SYMBOL)
