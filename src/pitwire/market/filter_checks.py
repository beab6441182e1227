"""All filters of filters.md as one table: what each of them says about an order.

`order_limits` answers the same questions faster for orders that only the common filters concern; a property test
holds the two together. The filters are tried in the order in which filters.md has them, symbol, exchange and asset.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from pitwire.market.enums import OrderType, Side
from pitwire.market.filters import (
    AnyFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import SCALE

ALGO_TYPES: Final = frozenset(
    {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
)
"""The "algo" orders (filters.md, MAX_NUM_ALGO_ORDERS)."""
_WITHOUT_PRICE: Final = frozenset({OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})
_STOP_LOSSES: Final = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT})

AveragePriceOver = Callable[[int], int]
"""The price that stands in for a missing one, by minutes: the reference price if there is one, else the average of the
last minutes (0 minutes: the last price). 0 where there is none, which leaves the rule unjudged."""


class Asked(NamedTuple):
    """What filters look at in an order. A number that the order does not have is 0."""

    base: str
    quote: str
    type: OrderType
    side: Side
    price: int
    quantity: int
    quote_quantity: int = 0
    stop_price: int = 0
    iceberg_quantity: int = 0
    trailing_delta: int = 0
    in_list: bool = False
    """It is one of the orders of an order list that is being placed."""
    awaits_price: bool = False
    """The book will give it its price when it is triggered: it has none to be judged before."""


class Standing(NamedTuple):
    """What the account has open before the order: on the symbol, and (`all_`) on the whole exchange."""

    open_orders: int = 0
    algo_orders: int = 0
    iceberg_orders: int = 0
    order_lists: int = 0
    all_open_orders: int = 0
    all_algo_orders: int = 0
    all_iceberg_orders: int = 0
    all_order_lists: int = 0
    position: int = 0
    """Free and locked of the base asset, and the rest of all open BUY orders on the symbol."""


def first_failure(
    filters: Iterable[AnyFilter], asked: Asked, standing: Standing, average: AveragePriceOver
) -> str | None:
    """The first of `filters` that the order fails, by its wire name, or `None`. They must be `in_order`."""
    for each in filters:
        if _FAILS[type(each)](each, asked, standing, average):
            return name_of(each)
    return None


def in_order(filters: Iterable[AnyFilter]) -> tuple[AnyFilter, ...]:
    """The filters as filters.md has them, whatever the order in which they were listed."""
    return tuple(sorted(filters, key=lambda each: _PLACES[type(each)]))


def name_of(rule: AnyFilter) -> str:
    """`filterType`."""
    return str(rule.__struct_config__.tag)


# --- price and quantity -------------------------------------------------------------------------------------------


def _price(rule: PriceFilter, asked: Asked, _: Standing, __: AveragePriceOver) -> bool:
    if asked.type not in _WITHOUT_PRICE and not asked.awaits_price and _off_ticks(rule, asked.price):
        return True
    return bool(asked.stop_price) and _off_ticks(rule, asked.stop_price)


def _off_ticks(rule: PriceFilter, price: int) -> bool:
    return price < rule.min_price or 0 < rule.max_price < price or (rule.tick_size != 0 and price % rule.tick_size != 0)


def _percent_price(rule: PercentPrice, asked: Asked, _: Standing, average: AveragePriceOver) -> bool:
    return _beyond(asked.price, rule.multiplier_down, rule.multiplier_up, average(rule.average_price_minutes))


def _percent_price_by_side(rule: PercentPriceBySide, asked: Asked, _: Standing, average: AveragePriceOver) -> bool:
    if asked.side is Side.BUY:
        down, up = rule.bid_multiplier_down, rule.bid_multiplier_up
    else:
        down, up = rule.ask_multiplier_down, rule.ask_multiplier_up
    return _beyond(asked.price, down, up, average(rule.average_price_minutes))


def _beyond(price: int, down: int, up: int, average: int) -> bool:
    return bool(price and average) and not average * down <= price * SCALE <= average * up


def _lot_size(rule: LotSize | MarketLotSize, asked: Asked, _: Standing, __: AveragePriceOver) -> bool:
    if asked.quote_quantity:
        return False  # it has no quantity until it meets the book
    if _off_grid(rule, asked.quantity):
        return True
    return bool(asked.iceberg_quantity) and _off_grid(rule, asked.iceberg_quantity)


def _market_lot_size(rule: MarketLotSize, asked: Asked, standing: Standing, average: AveragePriceOver) -> bool:
    return asked.type is OrderType.MARKET and _lot_size(rule, asked, standing, average)


def _off_grid(rule: LotSize | MarketLotSize, quantity: int) -> bool:
    return (
        quantity < rule.min_quantity
        or 0 < rule.max_quantity < quantity
        or (rule.step_size != 0 and quantity % rule.step_size != 0)
    )


def _min_notional(rule: MinNotional, asked: Asked, _: Standing, average: AveragePriceOver) -> bool:
    if asked.type in _WITHOUT_PRICE and not rule.apply_to_market:
        return False
    notional = _notional_of(asked, average, rule.average_price_minutes)
    return notional is not None and notional < rule.min_notional * SCALE


def _notional(rule: Notional, asked: Asked, _: Standing, average: AveragePriceOver) -> bool:
    notional = _notional_of(asked, average, rule.average_price_minutes)
    if notional is None:
        return False
    has_price = asked.type not in _WITHOUT_PRICE
    if (has_price or rule.apply_min_to_market) and notional < rule.min_notional * SCALE:
        return True
    return (has_price or rule.apply_max_to_market) and 0 < rule.max_notional * SCALE < notional


def _notional_of(asked: Asked, average: AveragePriceOver, minutes: int) -> int | None:
    """`price * quantity` in units of 1e-16; `None` for an order without a price, if nothing may stand in for it."""
    if asked.quote_quantity:
        return asked.quote_quantity * SCALE
    if asked.awaits_price:
        return None
    if asked.type not in _WITHOUT_PRICE:
        return asked.price * asked.quantity
    return average(minutes) * asked.quantity or None


def _iceberg_parts(rule: IcebergParts, asked: Asked, _: Standing, __: AveragePriceOver) -> bool:
    return bool(asked.iceberg_quantity) and -(-asked.quantity // asked.iceberg_quantity) > rule.limit


def _trailing_delta(rule: TrailingDelta, asked: Asked, _: Standing, __: AveragePriceOver) -> bool:
    delta = asked.trailing_delta
    if not delta:
        return False
    # filters.md: a stop loss to buy and a take profit to sell trigger above the price, the other two below it.
    if (asked.type in _STOP_LOSSES) == (asked.side is Side.BUY):
        return not rule.min_trailing_above_delta <= delta <= rule.max_trailing_above_delta
    return not rule.min_trailing_below_delta <= delta <= rule.max_trailing_below_delta


# --- how many, and how much ---------------------------------------------------------------------------------------


def _num_orders(rule: MaxNumOrders, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    # A MARKET order never is an open order.
    return asked.type is not OrderType.MARKET and standing.open_orders >= rule.max_num_orders


def _num_algo_orders(rule: MaxNumAlgoOrders, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.type in ALGO_TYPES and standing.algo_orders >= rule.max_num_algo_orders


def _num_iceberg_orders(rule: MaxNumIcebergOrders, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return bool(asked.iceberg_quantity) and standing.iceberg_orders >= rule.max_num_iceberg_orders


def _position(rule: MaxPosition, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.side is Side.BUY and standing.position + asked.quantity > rule.max_position


def _num_order_amends(_: MaxNumOrderAmends, __: Asked, ___: Standing, ____: AveragePriceOver) -> bool:
    return False  # an order that is being placed has not been amended: amending one is judged by the engine


def _num_order_lists(rule: MaxNumOrderLists, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.in_list and standing.order_lists >= rule.max_num_order_lists


def _all_orders(rule: ExchangeMaxNumOrders, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.type is not OrderType.MARKET and standing.all_open_orders >= rule.max_num_orders


def _all_algo_orders(rule: ExchangeMaxNumAlgoOrders, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.type in ALGO_TYPES and standing.all_algo_orders >= rule.max_num_algo_orders


def _all_iceberg_orders(
    rule: ExchangeMaxNumIcebergOrders, asked: Asked, standing: Standing, _: AveragePriceOver
) -> bool:
    return bool(asked.iceberg_quantity) and standing.all_iceberg_orders >= rule.max_num_iceberg_orders


def _all_order_lists(rule: ExchangeMaxNumOrderLists, asked: Asked, standing: Standing, _: AveragePriceOver) -> bool:
    return asked.in_list and standing.all_order_lists >= rule.max_num_order_lists


def _asset(rule: MaxAsset, asked: Asked, _: Standing, average: AveragePriceOver) -> bool:
    if rule.asset == asked.base:
        return asked.quantity > rule.limit
    if rule.asset == asked.quote:
        notional = _notional_of(asked, average, 0)
        return notional is not None and notional > rule.limit * SCALE
    return False


_FAILS: Final[Mapping[type[AnyFilter], Callable[[Any, Asked, Standing, AveragePriceOver], bool]]] = MappingProxyType(
    {
        PriceFilter: _price,
        PercentPrice: _percent_price,
        PercentPriceBySide: _percent_price_by_side,
        LotSize: _lot_size,
        MinNotional: _min_notional,
        Notional: _notional,
        IcebergParts: _iceberg_parts,
        MarketLotSize: _market_lot_size,
        MaxNumOrders: _num_orders,
        MaxNumAlgoOrders: _num_algo_orders,
        MaxNumIcebergOrders: _num_iceberg_orders,
        MaxPosition: _position,
        TrailingDelta: _trailing_delta,
        MaxNumOrderAmends: _num_order_amends,
        MaxNumOrderLists: _num_order_lists,
        ExchangeMaxNumOrders: _all_orders,
        ExchangeMaxNumAlgoOrders: _all_algo_orders,
        ExchangeMaxNumIcebergOrders: _all_iceberg_orders,
        ExchangeMaxNumOrderLists: _all_order_lists,
        MaxAsset: _asset,
    }
)
_PLACES: Final = {kind: place for place, kind in enumerate(_FAILS)}
