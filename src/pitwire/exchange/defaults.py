"""What an exchange starts with when nothing else is asked for: Binance's symbols and filters, and funded accounts.

Where the filters come from: a public copy of a whole `GET /api/v3/exchangeInfo` answer of Binance Spot, dated by its
`serverTime` 2024-09-08, a month after the recordings. Every number below of PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE,
NOTIONAL and MAX_NUM_ORDERS is as it was there for all six symbols, with one exception:

* BNBUSDT's tick was 0.1 in it. It is 0.01 here: a public log of an order report of 2025-10-20 has the price 1125.22.
  That the smallest price went down with the tick is assumed.

Later copies of single rows agree but for MARKET_LOT_SIZE: BTCUSDT of 2025-08-23, and ETHBTC of 2025 or later, undated.
For the other four nothing later was found. MARKET_LOT_SIZE's maximum follows the volume traded, so Binance changes it
all the time: here it is that of 2024-09-08.

PERCENT_PRICE_BY_SIDE is that of public copies of rows of BTCUSDT and ETHBTC, which both have the same; that the other
four have it too is assumed. Not listed are ICEBERG_PARTS, TRAILING_DELTA and MAX_NUM_ALGO_ORDERS, which those answers
have as well: who wants icebergs and stop orders bound adds them (`SymbolTerms.filters`).
"""

from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from pitwire.exchange.filter_terms import symbol_filter, together
from pitwire.exchange.messages import Commission, CommissionRates
from pitwire.exchange.price_range_terms import PriceRangeTerms, ReferencePriceTerms
from pitwire.market.enums import OrderType, SelfTradePrevention, SymbolStatus
from pitwire.market.filters import Filter, LotSize, MarketLotSize, MaxAsset, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import Amount, Price, Quantity, scaled
from pitwire.market.symbols import SymbolRules


class SymbolTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A symbol to list, in Binance's usual shape: the smallest price is a tick, the smallest quantity a step.

    The modes of self-trade prevention are those of that answer, and DECREMENT, which came in 2025.

    `max_market_quantity` 0 means: no limit but `max_quantity`.
    `max_market_quantity` 0 means: no limit but `max_quantity`. `filters` are further ones, in the form of
    `filter_terms`; one of the usual five among them goes before what the other numbers say.
    """

    base: str
    quote: str
    tick_size: Decimal
    step_size: Decimal
    min_notional: Decimal
    max_price: Decimal = Decimal(1_000_000)
    max_quantity: Decimal = Decimal(9_000)
    max_market_quantity: Decimal = Decimal(0)
    max_notional: Decimal = Decimal(9_000_000)
    max_num_orders: int = 200
    amend_allowed: bool = True
    cancel_replace_allowed: bool = True
    oco_allowed: bool = True
    oto_allowed: bool = True
    opo_allowed: bool = True
    commission_discount: bool = True
    default_self_trade_prevention: SelfTradePrevention = SelfTradePrevention.EXPIRE_MAKER
    allowed_self_trade_prevention: tuple[SelfTradePrevention, ...] = (
        SelfTradePrevention.EXPIRE_TAKER,
        SelfTradePrevention.EXPIRE_MAKER,
        SelfTradePrevention.EXPIRE_BOTH,
        SelfTradePrevention.DECREMENT,
    )
    status: SymbolStatus = SymbolStatus.TRADING
    permission_sets: tuple[tuple[str, ...], ...] = (("SPOT",),)
    filters: tuple[dict[str, Any], ...] = ()
    reference_price: ReferencePriceTerms | None = None
    price_range: PriceRangeTerms | None = None

    @property
    def symbol(self) -> str:
        """The symbol's name: base and quote asset in one word."""
        return self.base + self.quote

    def rules(self) -> SymbolRules:
        """The terms in scaled integers. Raises `TooPrecise` for a number with more than eight decimal places."""
        return SymbolRules(
            symbol=self.symbol,
            base=self.base,
            quote=self.quote,
            status=self.status,
            order_types=tuple(sorted(OrderType)),
            trailing_stop_allowed=True,
            iceberg_allowed=True,
            peg_instructions_allowed=True,
            permission_sets=self.permission_sets,
            reference_price=None if self.reference_price is None else self.reference_price.calculation(),
            amend_allowed=self.amend_allowed,
            cancel_replace_allowed=self.cancel_replace_allowed,
            oco_allowed=self.oco_allowed,
            oto_allowed=self.oto_allowed,
            opo_allowed=self.opo_allowed,
            default_self_trade_prevention=self.default_self_trade_prevention,
            allowed_self_trade_prevention=self.allowed_self_trade_prevention,
            commission_discount=self.commission_discount,
            price_range=None if self.price_range is None else self.price_range.rule(),
            filters=together(self._usual_filters(), tuple(map(symbol_filter, self.filters))),
        )

    def _usual_filters(self) -> tuple[Filter, ...]:
        tick, step = Price(scaled(self.tick_size)), Quantity(scaled(self.step_size))
        return (
            PriceFilter(min_price=tick, max_price=Price(scaled(self.max_price)), tick_size=tick),
            LotSize(min_quantity=step, max_quantity=Quantity(scaled(self.max_quantity)), step_size=step),
            MarketLotSize(
                min_quantity=Quantity(0),
                max_quantity=Quantity(scaled(self.max_market_quantity)),
                step_size=Quantity(0),
            ),
            Notional(
                min_notional=Amount(scaled(self.min_notional)),
                apply_min_to_market=True,
                max_notional=Amount(scaled(self.max_notional)),
                apply_max_to_market=False,
                average_price_minutes=5,
            ),
            MaxNumOrders(max_num_orders=self.max_num_orders),
        )


class SorTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Smart order routing for a base asset: among its symbols with these quote assets, which are worth each other."""

    base: str
    quotes: tuple[str, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols among which orders are routed."""
        return tuple(self.base + quote for quote in self.quotes)


class AccountTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to open: its fees as fractions (0.001 is 0.1 %), and what is deposited in it.

    With a `discount` it pays commission in `discount_asset`: that fraction of the standard commission.
    """

    number: int
    name: str
    maker_rate: Decimal = Decimal("0.001")
    taker_rate: Decimal = Decimal("0.001")
    market_maker: bool = False
    trade_group: int = -1
    discount: Decimal | None = None
    discount_asset: str = "BNB"
    balances: dict[str, Decimal] = {}
    permissions: tuple[str, ...] = ("SPOT",)
    max_assets: dict[str, Decimal] = {}
    """How much of an asset one order may be about (filters.md, MAX_ASSET)."""

    def asset_filters(self) -> tuple[MaxAsset, ...]:
        """`max_assets` as filters."""
        return tuple(
            MaxAsset(asset=asset, limit=Amount(scaled(limit))) for asset, limit in sorted(self.max_assets.items())
        )


_PERCENT_PRICE_BY_SIDE: Final = {
    "type": "PERCENT_PRICE_BY_SIDE",
    "bid_multiplier_up": "5",
    "bid_multiplier_down": "0.2",
    "ask_multiplier_up": "5",
    "ask_multiplier_down": "0.2",
    "average_price_minutes": 5,
}


class RateTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fractions: an order pays that of its role and that of its side, together."""

    maker: Decimal = Decimal(0)
    taker: Decimal = Decimal(0)
    buyer: Decimal = Decimal(0)
    seller: Decimal = Decimal(0)

    def rates(self) -> CommissionRates:
        """The terms in scaled integers. Raises `TooPrecise` for a number with more than eight decimal places."""
        return CommissionRates(scaled(self.maker), scaled(self.taker), scaled(self.buyer), scaled(self.seller))


class CommissionTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account pays on a symbol, in place of its two rates (faqs/commission_faq.md)."""

    account: int
    symbol: str
    standard: RateTerms = RateTerms()
    special: RateTerms = RateTerms()
    tax: RateTerms = RateTerms()

    def commission(self) -> Commission:
        """The terms in scaled integers. Raises `TooPrecise` for a number with more than eight decimal places."""
        return Commission(self.standard.rates(), self.special.rates(), self.tax.rates())


def _terms(row: str) -> SymbolTerms:
    base, quote, *numbers = row.split()
    tick_size, max_price, step_size, max_quantity, max_market_quantity, min_notional = map(Decimal, numbers)
    return SymbolTerms(
        base=base,
        quote=quote,
        tick_size=tick_size,
        max_price=max_price,
        step_size=step_size,
        max_quantity=max_quantity,
        max_market_quantity=max_market_quantity,
        min_notional=min_notional,
        filters=(_PERCENT_PRICE_BY_SIDE,),
    )


SYMBOLS: Final = tuple(
    map(
        _terms,
        (
            # base quote, tick size, max price, step size, max quantity, max market quantity, min notional
            "BTC USDT  0.01      1000000  0.00001  9000    129.84957276   5",
            "ETH USDT  0.01      1000000  0.0001   9000    3125.75267907  5",
            "BNB USDT  0.01      100000   0.001    900000  4883.52236820  5",
            "ETH BTC   0.00001   922327   0.0001   100000  2255.71583723  0.0001",
            "BNB BTC   0.000001  100000   0.001    100000  3187.67367782  0.0001",
            "BTC USDC  0.01      1000000  0.00001  9000    30.94034205    5",
        ),
    )
)

_GENEROUS: Final = {
    "BTC": Decimal(100),
    "ETH": Decimal(1_000),
    "BNB": Decimal(10_000),
    "USDT": Decimal(10_000_000),
    "USDC": Decimal(10_000_000),
}

SORS: Final = (SorTerms(base="BTC", quotes=("USDT", "USDC")),)
"""web-socket-api.md, Exchange information: the example's `sors`."""

ACCOUNTS: Final = tuple(
    AccountTerms(number=number, name=name, balances=_GENEROUS)
    for number, name in enumerate(("alice", "bob", "carol"), 1)
)
"""The owners of the development keys."""
