"""The REST API's requests: which method an endpoint is, and how its parameters and its signature are read.

An endpoint is a method of the WebSocket API under another name (rest-api.md): its parameters become the method's
struct, so both surfaces share everything behind it. Bounds: the caller bounds query and body; here their number is.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Struct

from pitwire.protocol.authorization import NOBODY, Admitted, Denied, KeyLookup, authorized
from pitwire.protocol.errors import Code, wire_error
from pitwire.protocol.parameters import ParameterError, ParameterReader, missing
from pitwire.protocol.requests import account, general, lists, market, trading
from pitwire.protocol.requests.base import Request, SignedRequest

PARAMETERS_MAX: Final = 128
"""The endpoint with the most parameters has 45."""
FORM: Final = "application/x-www-form-urlencoded"

_NOT_ON_REST: Final = frozenset({"apiKey", "returnRateLimits"})
"""The key is a header, and the limits are too (Request Security, LIMITS)."""
_SIGNED_HOW: Final = "the query string and the body, as they were sent and without the signature"
_SIGNATURE: Final = b"signature="

_encode: Final = msgspec.json.Encoder().encode


class Endpoint(Struct, frozen=True):
    """A row of the table of endpoints. `single`: the answer is the one entry of the list that the method answers."""

    verb: str
    path: str
    request: type[Request[Any]]
    single: bool = False


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v3/ping", general.Ping),
    Endpoint("GET", "/api/v3/time", general.Time),
    Endpoint("GET", "/api/v3/exchangeInfo", general.ExchangeInfo),
    Endpoint("GET", "/api/v3/executionRules", general.ExecutionRules),
    Endpoint("GET", "/api/v3/depth", market.Depth),
    Endpoint("GET", "/api/v3/trades", market.TradesRecent),
    Endpoint("GET", "/api/v3/historicalTrades", market.TradesHistorical),
    Endpoint("GET", "/api/v3/historicalBlockTrades", market.BlockTradesHistorical),
    Endpoint("GET", "/api/v3/aggTrades", market.TradesAggregate),
    Endpoint("GET", "/api/v3/klines", market.Klines),
    Endpoint("GET", "/api/v3/uiKlines", market.UiKlines),
    Endpoint("GET", "/api/v3/avgPrice", market.AvgPrice),
    Endpoint("GET", "/api/v3/ticker/24hr", market.Ticker24hr),
    Endpoint("GET", "/api/v3/ticker/tradingDay", market.TickerTradingDay),
    Endpoint("GET", "/api/v3/ticker/price", market.TickerPrice),
    Endpoint("GET", "/api/v3/ticker/bookTicker", market.TickerBook),
    Endpoint("GET", "/api/v3/ticker", market.Ticker),
    Endpoint("GET", "/api/v3/referencePrice", market.ReferencePrice),
    Endpoint("GET", "/api/v3/referencePrice/calculation", market.ReferencePriceCalculation),
    Endpoint("POST", "/api/v3/order", trading.OrderPlace),
    Endpoint("POST", "/api/v3/order/test", trading.OrderTest),
    Endpoint("DELETE", "/api/v3/order", trading.OrderCancel),
    Endpoint("DELETE", "/api/v3/openOrders", trading.OpenOrdersCancelAll),
    Endpoint("POST", "/api/v3/order/cancelReplace", trading.OrderCancelReplace),
    Endpoint("PUT", "/api/v3/order/amend/keepPriority", trading.OrderAmendKeepPriority),
    Endpoint("POST", "/api/v3/order/oco", lists.OrderListPlace),
    Endpoint("POST", "/api/v3/orderList/oco", lists.OrderListPlaceOco),
    Endpoint("POST", "/api/v3/orderList/oto", lists.OrderListPlaceOto),
    Endpoint("POST", "/api/v3/orderList/otoco", lists.OrderListPlaceOtoco),
    Endpoint("POST", "/api/v3/orderList/opo", lists.OrderListPlaceOpo),
    Endpoint("POST", "/api/v3/orderList/opoco", lists.OrderListPlaceOpoco),
    Endpoint("DELETE", "/api/v3/orderList", lists.OrderListCancel),
    Endpoint("POST", "/api/v3/sor/order", trading.SorOrderPlace, single=True),
    Endpoint("POST", "/api/v3/sor/order/test", trading.SorOrderTest),
    Endpoint("GET", "/api/v3/account", account.AccountStatus),
    Endpoint("GET", "/api/v3/order", account.OrderStatus),
    Endpoint("GET", "/api/v3/openOrders", account.OpenOrdersStatus),
    Endpoint("GET", "/api/v3/allOrders", account.AllOrders),
    Endpoint("GET", "/api/v3/orderList", account.OrderListStatus),
    Endpoint("GET", "/api/v3/allOrderList", account.AllOrderLists),
    Endpoint("GET", "/api/v3/openOrderList", account.OpenOrderListsStatus),
    Endpoint("GET", "/api/v3/myTrades", account.MyTrades),
    Endpoint("GET", "/api/v3/rateLimit/order", account.AccountRateLimitsOrders),
    Endpoint("GET", "/api/v3/myPreventedMatches", account.MyPreventedMatches),
    Endpoint("GET", "/api/v3/myAllocations", account.MyAllocations),
    Endpoint("GET", "/api/v3/account/commission", account.AccountCommission),
    Endpoint("GET", "/api/v3/order/amendments", account.OrderAmendments),
    Endpoint("GET", "/api/v3/myFilters", account.MyFilters),
)
"""All 48 endpoints, in the documentation's order."""


class Sent(Struct, frozen=True):
    """What came of a request besides its path: the raw query string, the raw body, and headers.

    `api_key` is empty where there was none. `is_form` says that the body is of the one documented content type.
    """

    query: bytes = b""
    body: bytes = b""
    api_key: str = ""
    is_form: bool = True


class EndpointReader:
    """Reads and authorizes the requests of one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._parameters = ParameterReader(endpoint.request, hidden=_NOT_ON_REST)

    def read(self, sent: Sent) -> Request[Any]:
        """The method's struct. Raises `ParameterError`.

        A GET takes its parameters from the query alone; else the body has those that the query has not (General
        Information on Endpoints).
        """
        params = _pairs(sent.query)
        if sent.body and sent.is_form and self.endpoint.verb != "GET":
            params = _pairs(sent.body) | params
        return self._parameters.read(_encode(params))[0]


def admit(keys: KeyLookup, request: Request[Any], sent: Sent, now_us: int) -> Admitted | Denied:
    """Check the key, the timestamp, the signature and the permission, as far as the endpoint asks for them."""
    if not isinstance(request, SignedRequest):
        return Admitted(b"", request, NOBODY, False)
    if not sent.api_key:
        return Denied(wire_error(Code.BAD_API_KEY_FMT), "the header X-MBX-APIKEY is missing")
    if request.signature is None:
        return Denied(missing("signature"), "no signature in the query string or the body")
    verdict = authorized(keys, request, sent.api_key, lambda: signed_text(sent), _SIGNED_HOW, now_us)
    return verdict if isinstance(verdict, Denied) else Admitted(b"", request, verdict.key.account, False, *verdict)


def signed_text(sent: Sent) -> bytes:
    """What the signature is over: the query string and the body, joined without separator, percent-encoded as sent."""
    return _unsigned(sent.query) + _unsigned(sent.body)


def _unsigned(text: bytes) -> bytes:
    if _SIGNATURE not in text:
        return text
    return b"&".join([part for part in text.split(b"&") if not part.startswith(_SIGNATURE)])


def _pairs(text: bytes) -> dict[str, str]:
    if not text:
        return {}
    parts = [part for part in text.split(b"&") if part]
    if len(parts) > PARAMETERS_MAX:
        error = wire_error(Code.TOO_MANY_PARAMETERS, PARAMETERS_MAX, len(parts))
        raise ParameterError(error, f"{len(parts)} parameters; at most {PARAMETERS_MAX} are read")
    pairs: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition(b"=")
        try:
            decoded = _decoded(name)
            if decoded in pairs:
                error = wire_error(Code.TOO_MANY_PARAMETERS, message="Duplicate values for a parameter detected.")
                raise ParameterError(error, f"sent more than once: {decoded[:80]}")
            pairs[decoded] = _decoded(value)
        except UnicodeDecodeError:
            error = wire_error(Code.ILLEGAL_CHARS)
            raise ParameterError(error, "a parameter's bytes, percent-decoded, are no UTF-8") from None
    return pairs


def _decoded(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return (unquote_to_bytes(text) if b"%" in text else text).decode()


READERS: Final[Mapping[tuple[str, str], EndpointReader]] = MappingProxyType(
    {(endpoint.verb, endpoint.path): EndpointReader(endpoint) for endpoint in ENDPOINTS}
)
"""The reader of each endpoint, by verb and path."""
