"""The filters that not every order meets: what an account has open and owns, exchange and asset filters, averages.

An account's own tally is taken only for a filter that asks for it, so that placing plain orders stays cheap.
"""

from collections.abc import Callable, Sequence
from typing import Final

from pitwire.exchange.engine.market import Market, Trader
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import PlaceOrder
from pitwire.market.filter_checks import ALGO_TYPES, Asked, Standing, first_failure
from pitwire.market.filters import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
)

COUNTS: Final = (
    MaxNumOrders
    | MaxNumAlgoOrders
    | MaxNumIcebergOrders
    | MaxNumOrderLists
    | ExchangeMaxNumOrders
    | ExchangeMaxNumAlgoOrders
    | ExchangeMaxNumIcebergOrders
    | ExchangeMaxNumOrderLists
)
"""What bounds how many orders and lists an account has open."""


def filter_failure(
    venue: Venue, trader: Trader, command: PlaceOrder, time_us: int, without: Order | None = None
) -> str | None:
    """The first filter that the order fails, by its wire name, or `None`: those of the symbol, exchange and assets.

    `without` is the order itself, where it is open already.
    """
    market = trader.market
    filters = (*market.filters, *trader.account.filters)
    if not filters:
        return None
    standing = _standing(venue, trader, without)
    return first_failure(filters, _asked(market, command), standing, _average(market, time_us))


def judged_failure(
    venue: Venue, trader: Trader, command: PlaceOrder, time_us: int, without: Order | None = None
) -> str | None:
    """The first filter that an order with a quantity fails, whosever it is.

    A mirrored book has the rests of many people's orders in it: more of them, smaller ones, and farther away than one
    user may place. It has to keep to the grid, and to no other filter.
    """
    if not trader.account.market_maker:
        return filter_failure(venue, trader, command, time_us, without)
    limits = trader.market.limits
    failed = limits.grid_violation(command.price, command.quantity)
    if failed is None and command.iceberg_quantity:
        failed = limits.lot_violation(command.iceberg_quantity)
    return failed


def quantity_failure(venue: Venue, trader: Trader, command: PlaceOrder, quantity: int, time_us: int) -> str | None:
    """What an order by quoteOrderQty fails once the book has given it a quantity."""
    market = trader.market
    asked = _asked(market, command)._replace(quantity=quantity)
    filters = [each for each in (*market.filters, *trader.account.filters) if isinstance(each, MaxPosition | MaxAsset)]
    return first_failure(filters, asked, _standing(venue, trader), _average(market, time_us))


def list_failure(venue: Venue, trader: Trader, orders: Sequence[PlaceOrder], time_us: int) -> str | None:
    """The first filter by which the account has too much open to place these orders as one list."""
    if trader.account.market_maker:
        return None
    market = trader.market
    filters = [each for each in (*market.filters, *trader.account.filters) if isinstance(each, COUNTS)]
    if not filters:
        return None
    standing = _standing(venue, trader)
    for order in orders:
        asked = _asked(market, order)._replace(in_list=True)
        failed = first_failure(filters, asked, standing, _average(market, time_us))
        if failed is not None:
            return failed
        algo, iceberg = order.type in ALGO_TYPES, order.iceberg_quantity > 0
        standing = standing._replace(
            open_orders=standing.open_orders + 1,
            algo_orders=standing.algo_orders + algo,
            iceberg_orders=standing.iceberg_orders + iceberg,
            all_open_orders=standing.all_open_orders + 1,
            all_algo_orders=standing.all_algo_orders + algo,
            all_iceberg_orders=standing.all_iceberg_orders + iceberg,
        )
    return None


def _asked(market: Market, command: PlaceOrder) -> Asked:
    trigger = command.trigger
    return Asked(
        market.base,
        market.quote,
        command.type,
        command.side,
        command.price,
        command.quantity,
        command.quote_quantity,
        stop_price=0 if trigger is None else trigger.stop_price,
        iceberg_quantity=command.iceberg_quantity,
        trailing_delta=0 if trigger is None else trigger.trailing_delta,
        awaits_price=trigger is not None and command.peg is not None and not command.price,
    )


def _standing(venue: Venue, trader: Trader, without: Order | None = None) -> Standing:
    orders = [order for order in trader.open_orders.values() if order is not without]
    everywhere = [
        order
        for market in venue.markets.values()
        if (elsewhere := market.traders.get(trader.account_id)) is not None
        for order in elsewhere.open_orders.values()
        if order is not without
    ]
    base = trader.base
    return Standing(
        open_orders=len(orders),
        algo_orders=sum(order.command.type in ALGO_TYPES for order in orders),
        iceberg_orders=sum(order.command.iceberg_quantity > 0 for order in orders),
        order_lists=sum(each.trader is trader for each in trader.account.order_lists.values()),
        all_open_orders=len(everywhere),
        all_algo_orders=sum(order.command.type in ALGO_TYPES for order in everywhere),
        all_iceberg_orders=sum(order.command.iceberg_quantity > 0 for order in everywhere),
        all_order_lists=len(trader.account.order_lists),
        position=base.free + base.locked + sum(order.quantity - order.executed for order in orders if order.is_buy),
    )


def _average(market: Market, time_us: int) -> Callable[[int], int]:
    return lambda minutes: market.average(time_us, minutes)
