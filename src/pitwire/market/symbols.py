"""What may be traded and how: a symbol, its assets and its filters, in scaled integers."""

from msgspec import Struct

from pitwire.market.enums import OrderType, SelfTradePrevention, SymbolStatus
from pitwire.market.filters import Filter
from pitwire.market.reference_price import Calculation, PriceRange


class SymbolRules(Struct, frozen=True, kw_only=True, array_like=True):
    """One tradable pair (rest-api.md, Exchange information).

    New fields go at the end, with a default: logs keep old rows.
    """

    symbol: str
    base: str
    quote: str
    status: SymbolStatus = SymbolStatus.TRADING
    order_types: tuple[OrderType, ...] = (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET)
    filters: tuple[Filter, ...] = ()
    default_self_trade_prevention: SelfTradePrevention = SelfTradePrevention.NONE
    allowed_self_trade_prevention: tuple[SelfTradePrevention, ...] = (SelfTradePrevention.NONE,)
    permission_sets: tuple[tuple[str, ...], ...] = (("SPOT",),)
    amend_allowed: bool = True
    cancel_replace_allowed: bool = True
    commission_discount: bool = True
    """Whether accounts that pay commission with a discount may do so on this symbol."""
    reference_price: Calculation | None = None
    price_range: PriceRange | None = None
    trailing_stop_allowed: bool = False
    iceberg_allowed: bool = False
    peg_instructions_allowed: bool = False
    oco_allowed: bool = False
    oto_allowed: bool = False
    opo_allowed: bool = False


def permits(permission_sets: tuple[tuple[str, ...], ...], permissions: tuple[str, ...]) -> bool:
    """Whether an account with `permissions` may trade: it needs one of each set (web-socket-api.md, permissionSets)."""
    return all(not wanted or not set(wanted).isdisjoint(permissions) for wanted in permission_sets)
