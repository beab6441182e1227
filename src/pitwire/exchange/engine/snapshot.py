"""The venue as bytes, and back: an engine restored from a snapshot goes on exactly as the one that made it.

The same state always gives the same bytes. It is JSON, since MessagePack has no integers beyond 64 bits, and balances
may have.

A build with mypyc leaves this module as it is, like all that define msgspec structs: those need interpreted classes.
"""

import msgspec
from msgspec import Struct

from pitwire.exchange.engine.accounts import Account, Discount, Holding
from pitwire.exchange.engine.book import BookSide
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import OrderList, open_list
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import Balance, Commission, ListedOrder, OrderView, PlaceOrder
from pitwire.market.enums import ContingencyType, OrderStatus
from pitwire.market.filters import ExchangeFilter, MaxAsset
from pitwire.market.numbers import Amount, Quantity
from pitwire.market.reference_price import ReferencePrice, ReferenceState
from pitwire.market.symbols import SymbolRules

VERSION = 1


class SnapshotUnreadable(Exception):
    """The bytes are not a snapshot of this version."""


class AccountState(Struct, frozen=True, array_like=True):
    """An account and what it owns; assets that it has nothing of are left out."""

    account: int
    name: str
    maker_rate: int
    taker_rate: int
    market_maker: bool
    balances: tuple[Balance, ...]
    trade_group: int = -1
    commissions: dict[str, Commission] = {}
    discount: Discount | None = None
    permissions: tuple[str, ...] = ("SPOT",)
    asset_filters: tuple[MaxAsset, ...] = ()
    external_locks: dict[str, int] = {}


class OrderListState(Struct, frozen=True, array_like=True):
    """An open order list. Which of its orders are open follows from the open orders."""

    order_list_id: int
    account: int
    client_order_id: str
    contingency: ContingencyType
    pays: bool
    orders: tuple[ListedOrder, ...]
    in_second_phase: bool
    reserved_base: Amount
    reserved_quote: Amount
    updated_us: int


class MarketState(Struct, frozen=True, array_like=True):
    """`bids` and `asks` in the order of their priority; `amendments` counts those of each amended order, by its id."""

    rules: SymbolRules
    last_order_id: int
    last_trade_id: int
    update_id: int
    last_price: int
    average_price: tuple[tuple[int, int, int], ...]
    bids: tuple[OrderView, ...]
    asks: tuple[OrderView, ...]
    waiting: tuple[tuple[OrderView, int], ...] = ()
    """By order id; with the best price that a trailing order has seen."""
    hidden: tuple[tuple[int, int], ...] = ()
    """What the book does not show of an iceberg order, by its id; left out where that is nothing."""
    amendments: tuple[tuple[int, int], ...] = ()
    last_prevented_match_id: int = -1
    reference_price: ReferenceState | None = None
    pending: tuple[OrderView, ...] = ()
    """Orders of lists that wait for their working order, by id."""
    order_lists: tuple[OrderListState, ...] = ()
    """By id."""
    last_block_trade_id: int = 0
    last_allocation_id: int = -1


class VenueState(Struct, frozen=True, array_like=True):
    """Everything, in a canonical order: accounts by id, markets by symbol."""

    version: int
    last_execution_id: int
    commissions: dict[str, int]
    accounts: tuple[AccountState, ...]
    markets: tuple[MarketState, ...]
    exchange_filters: tuple[ExchangeFilter, ...] = ()
    last_order_list_id: int = -1
    settlements: dict[str, int] = {}
    routes: dict[str, tuple[str, ...]] = {}


def encode(venue: Venue) -> bytes:
    """The whole state of the exchange."""
    return msgspec.json.encode(
        VenueState(
            VERSION,
            venue.last_execution_id,
            dict(sorted(venue.commissions.items())),
            tuple(_account_state(venue.accounts[account]) for account in sorted(venue.accounts)),
            tuple(_market_state(venue.markets[symbol], venue) for symbol in sorted(venue.markets)),
            venue.exchange_filters,
            venue.last_order_list_id,
            dict(sorted(venue.settlements.items())),
            dict(sorted(venue.routes.items())),
        )
    )


def decode(snapshot: bytes) -> Venue:
    """The venue that `encode` was given. Raises `SnapshotUnreadable`."""
    try:
        state = msgspec.json.decode(snapshot, type=VenueState)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SnapshotUnreadable(f"not an engine snapshot: {error}") from error
    if state.version != VERSION:
        raise SnapshotUnreadable(f"engine snapshot version {state.version}, this program reads {VERSION}")
    venue = Venue()
    venue.last_execution_id = state.last_execution_id
    venue.commissions = dict(state.commissions)
    venue.exchange_filters = state.exchange_filters
    venue.last_order_list_id = state.last_order_list_id
    venue.settlements = dict(state.settlements)
    venue.routes = dict(state.routes)
    for kept in state.accounts:
        account = Account(
            kept.account, kept.name, kept.maker_rate, kept.taker_rate, kept.market_maker, kept.trade_group
        )
        account.commissions = dict(kept.commissions)
        account.discount = kept.discount
        for balance in kept.balances:
            account.holdings[balance.asset] = Holding(balance.asset, balance.free, balance.locked)
        account.permissions = kept.permissions
        account.asset_filters = kept.asset_filters
        account.external_locks = dict(kept.external_locks)
        venue.apply_filters(account)
        venue.accounts[kept.account] = account
    for market in state.markets:
        venue.markets[market.rules.symbol] = _restored_market(market, venue)
    return venue


def _account_state(account: Account) -> AccountState:
    return AccountState(
        account.account_id,
        account.name,
        account.maker_rate,
        account.taker_rate,
        account.market_maker,
        tuple(
            Balance(holding.asset, Amount(holding.free), Amount(holding.locked))
            for _, holding in sorted(account.holdings.items())
            if holding.free or holding.locked
        ),
        account.trade_group,
        dict(sorted(account.commissions.items())),
        account.discount,
        account.permissions,
        account.asset_filters,
        {asset: amount for asset, amount in sorted(account.external_locks.items()) if amount},
    )


def _market_state(market: Market, venue: Venue) -> MarketState:
    average = market.average_price
    return MarketState(
        market.rules,
        market.last_order_id,
        market.last_trade_id,
        market.book.update_id,
        average.last_price,
        tuple((second, base, quote) for second, base, quote in average.buckets),
        _resting(market.book.bids),
        _resting(market.book.asks),
        tuple((order.view(), market.triggers.best(order)) for order in market.triggers.orders()),
        tuple((order_id, order.hidden) for order_id, order in sorted(market.orders.items()) if order.hidden),
        tuple((order_id, order.amendments) for order_id, order in sorted(market.orders.items()) if order.amendments),
        market.last_prevented_match_id,
        None if market.reference_price is None else market.reference_price.state(),
        tuple(order.view() for _, order in sorted(market.orders.items()) if order.status is OrderStatus.PENDING_NEW),
        tuple(_list_state(each) for _, each in sorted(venue.order_lists.items()) if each.trader.market is market),
        market.last_block_trade_id,
        market.last_allocation_id,
    )


def _list_state(order_list: OrderList) -> OrderListState:
    return OrderListState(
        order_list.order_list_id,
        order_list.trader.account_id,
        order_list.client_order_id,
        order_list.contingency,
        order_list.pays,
        tuple(order_list.orders),
        order_list.in_second_phase,
        Amount(order_list.reserved_base),
        Amount(order_list.reserved_quote),
        order_list.updated_us,
    )


def _resting(side: BookSide) -> tuple[OrderView, ...]:
    return tuple(order.view() for level in side.best_first() for order in level.orders())


def _restored_market(state: MarketState, venue: Venue) -> Market:
    market = Market(state.rules)
    market.last_order_id = state.last_order_id
    market.last_trade_id = state.last_trade_id
    market.last_prevented_match_id = state.last_prevented_match_id
    market.last_block_trade_id = state.last_block_trade_id
    market.last_allocation_id = state.last_allocation_id
    market.book.update_id = state.update_id
    market.average_price.restore(state.last_price, state.average_price)
    if state.rules.reference_price is not None:
        market.reference_price = ReferencePrice(state.rules.reference_price, state.reference_price)
    # In the order of priority, which is what a level's queue needs.
    hidden = dict(state.hidden)
    for view in (*state.bids, *state.asks):
        order = _restored_order(view, market, venue)
        order.hidden = hidden.get(order.order_id, 0)
        market.rest(order)
    for view, best in state.waiting:
        order = _restored_order(view, market, venue)
        market.orders[order.order_id] = order
        order.trader.open_orders[order.command.client_order_id] = order
        market.triggers.add(order, best)
    venue.waiting += len(state.waiting)
    for view in state.pending:
        order = _restored_order(view, market, venue)
        market.orders[order.order_id] = order
        order.trader.open_orders[order.command.client_order_id] = order
    for kept in state.order_lists:
        trader = market.trader(venue.accounts[kept.account])
        order_list = OrderList(kept.order_list_id, trader, kept.client_order_id, kept.contingency, kept.pays)
        order_list.orders = list(kept.orders)
        order_list.open = {
            each.order_id: market.orders[each.order_id] for each in kept.orders if each.order_id in market.orders
        }
        order_list.in_second_phase = kept.in_second_phase
        order_list.reserved_base = kept.reserved_base
        order_list.reserved_quote = kept.reserved_quote
        order_list.updated_us = kept.updated_us
        open_list(venue, order_list)
    for order_id, amendments in state.amendments:
        market.orders[order_id].amendments = amendments
    return market


def _restored_order(view: OrderView, market: Market, venue: Venue) -> Order:
    command = PlaceOrder(
        account=view.account,
        symbol=view.symbol,
        side=view.side,
        type=view.type,
        client_order_id=view.client_order_id,
        time_in_force=view.time_in_force,
        price=view.price,
        quantity=view.quantity,
        quote_quantity=view.quote_quantity,
        self_trade_prevention=view.self_trade_prevention,
        strategy_id=view.strategy_id,
        strategy_type=view.strategy_type,
        trigger=None if view.extras is None else view.extras.trigger,
        iceberg_quantity=Quantity(0) if view.extras is None else view.extras.iceberg_quantity,
        peg=None if view.extras is None else view.extras.peg,
    )
    trader = market.trader(venue.accounts[view.account])
    order = Order(view.order_id, trader, command, view.quantity - view.prevented, view.created_us)
    order.status = view.status
    order.executed = view.executed
    order.quote_executed = view.quote_executed
    order.prevented = view.prevented
    order.prevented_match_id = view.prevented_match_id
    order.updated_us = view.updated_us
    order.working_us = view.working_us
    order.extras = view.extras
    if view.extras is not None and view.extras.pegged_price:
        order.price = view.extras.pegged_price
    return order
