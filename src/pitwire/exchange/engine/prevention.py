"""Self-trade prevention: what becomes of two orders that must not trade with each other (faqs/stp_faq.md).

Orders of one account must not, nor those of two accounts of one trade group, unless the taker's mode is NONE. It is
the taker's mode that decides, but for TRANSFER: that takes both, and is DECREMENT without the maker's.

Of an iceberg order a taker meets the part that shows, here as in a trade. What expires, though, is the whole order.

What the FAQ leaves open is settled here. A FOK order that could not be filled with other people's orders alone
expires before it meets its own ones, and leaves them as they are. The cost of a market order, and the quantity of one
by quoteOrderQty, are those of the orders that it will trade with, so EXPIRE_MAKER never spends more than was asked.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from pitwire.exchange.engine.accounts import Account
from pitwire.exchange.engine.book import BookSide, Level
from pitwire.exchange.engine.events import level_changed, match_prevented, order_prevented
from pitwire.exchange.engine.market import Trader
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import Event, PlaceOrder
from pitwire.market.enums import OrderStatus, SelfTradePrevention, Side
from pitwire.market.numbers import SCALE

BUY: Final = Side.BUY
DECREMENT: Final = SelfTradePrevention.DECREMENT
EXPIRE_BOTH: Final = SelfTradePrevention.EXPIRE_BOTH
EXPIRE_MAKER: Final = SelfTradePrevention.EXPIRE_MAKER
EXPIRE_TAKER: Final = SelfTradePrevention.EXPIRE_TAKER
NONE: Final = SelfTradePrevention.NONE
NO_GROUP: Final = -1
TRANSFER: Final = SelfTradePrevention.TRANSFER
EXPIRED_IN_MATCH: Final = OrderStatus.EXPIRED_IN_MATCH


class Levels(Protocol):
    """One side of a book, or of several."""

    def best_first(self) -> Iterator[Level]:
        """Its levels, best price first."""
        ...


def is_self_trade(taker: Account, maker: Account) -> bool:
    """Whether the two are the same account, or of one trade group."""
    return taker is maker or (taker.trade_group != NO_GROUP and taker.trade_group == maker.trade_group)


def prevent(venue: Venue, taker: Order, maker: Order, time_us: int, events: list[Event]) -> bool:
    """Do to both orders what the mode says, in place of their trade. `maker` is the first order of its level.

    Then the maker has left the book, or the taker has ended, or an iceberg order shows its next part behind all others.
    Returns whether it changed the maker's balances.
    """
    market = taker.trader.market
    mode = taker.command.self_trade_prevention
    if mode is TRANSFER and maker.command.self_trade_prevention is not TRANSFER:
        mode = DECREMENT
    price = maker.price
    taker_rest = taker.quantity - taker.executed
    maker_rest = maker.quantity - maker.executed
    shown = maker_rest - maker.hidden
    quantity = min(taker_rest, shown)
    taker_loses: int | None = taker_rest
    maker_loses: int | None = maker_rest
    if mode is EXPIRE_MAKER:
        taker_loses = None
    elif mode is EXPIRE_TAKER:
        maker_loses = None
    elif mode is not EXPIRE_BOTH:
        taker_loses = maker_loses = quantity
    market.last_prevented_match_id += 1
    match_id = market.last_prevented_match_id
    trade_group = taker.trader.account.trade_group
    events.append(
        match_prevented(
            symbol=market.symbol,
            prevented_match_id=match_id,
            taker_account=taker.trader.account_id,
            taker_order_id=taker.order_id,
            maker_account=maker.trader.account_id,
            maker_order_id=maker.order_id,
            trade_group=trade_group,
            mode=mode,
            price=price,
            taker_prevented=taker_loses,
            maker_prevented=maker_loses,
        )
    )
    quote = price * quantity // SCALE
    if maker_loses is not None:
        maker.unlock()
        if maker_loses == maker_rest:
            level_quantity = market.withdraw(maker)
            _lose(maker, maker_loses, match_id, time_us)
        else:
            level = maker.level
            assert level is not None  # a maker rests
            if maker_loses == shown:
                side = market.book.bids if maker.is_buy else market.book.asks
                side.refresh(maker, level)
            level.quantity -= maker_loses
            level_quantity = level.quantity
            _lose(maker, maker_loses, match_id, time_us)
            maker.lock()
    if taker_loses is not None:
        _lose(taker, taker_loses, match_id, time_us)
    if mode is TRANSFER and taker.trader.account is not maker.trader.account:
        _transfer(taker, maker, quantity, quote)
    for order, counter, lost in ((maker, taker, maker_loses), (taker, maker, taker_loses)):
        if lost is None:
            continue
        venue.last_execution_id += 1
        events.append(
            order_prevented(
                order=order.view(),
                execution_id=venue.last_execution_id,
                prevented=lost,
                counter_order_id=counter.order_id,
                trade_group=trade_group,
                price=price,
                quantity=quantity,
                quote=quote,
            )
        )
    if maker_loses is not None:
        market.book.update_id += 1
        events.append(
            level_changed(
                symbol=market.symbol,
                side=maker.command.side,
                price=price,
                quantity=level_quantity,
                update_id=market.book.update_id,
            )
        )
    return maker_loses is not None


def _lose(order: Order, lost: int, match_id: int, time_us: int) -> None:
    order.quantity -= lost
    order.prevented += lost
    order.prevented_match_id = match_id
    order.updated_us = time_us
    if order.quantity == order.executed:
        order.status = EXPIRED_IN_MATCH


def _transfer(taker: Order, maker: Order, quantity: int, quote: int) -> None:
    """Move what the trade would have moved, without commission."""
    buyer, seller = (taker.trader, maker.trader) if taker.is_buy else (maker.trader, taker.trader)
    buyer.quote.free -= quote
    seller.quote.free += quote
    seller.base.free -= quantity
    buyer.base.free += quantity


def met(trader: Trader, command: PlaceOrder) -> Iterator[Level]:
    """The levels that a market order can trade with: without the orders that it would expire."""
    book = trader.market.book
    side = book.asks if command.side is BUY else book.bids
    skips = command.self_trade_prevention is EXPIRE_MAKER and _may_meet_own(trader)
    return others(side, trader) if skips else side.best_first()


def cost_of(levels: Iterator[Level], quantity: int) -> int:
    """What buying `quantity`, or as much of it as there is, costs at most: trades round down one by one."""
    cost = 0
    for level in levels:
        there = level.quantity + level.hidden
        taken = there if there < quantity else quantity
        cost += level.price * taken // SCALE
        quantity -= taken
        if not quantity:
            break
    return cost


def fillable(side: BookSide, order: Order) -> Iterator[Level]:
    """The levels, the last perhaps in part, that can fill an order which lapses unless they fill it."""
    return fillable_by(side, order.trader, order.command) if _may_meet_own(order.trader) else side.best_first()


def fillable_by(side: Levels, trader: Trader, command: PlaceOrder) -> Iterator[Level]:
    """The same for an order that its account's orders may be in the way of."""
    mode = command.self_trade_prevention
    if mode is NONE:
        return side.best_first()
    return (others if mode is EXPIRE_MAKER else _before_own)(side, trader)


def _may_meet_own(trader: Trader) -> bool:
    return bool(trader.open_orders) or trader.account.trade_group != NO_GROUP


def others(side: Levels, trader: Trader) -> Iterator[Level]:
    """The levels without the orders of the trader's account and trade group."""
    for level in side.best_first():
        found = Level(level.price)
        for order in level.orders():
            if not is_self_trade(trader.account, order.trader.account):
                found.quantity += order.quantity - order.executed
        if found.quantity:
            yield found


def _before_own(side: Levels, trader: Trader) -> Iterator[Level]:
    for level in side.best_first():
        found = Level(level.price)
        for order in level.orders():
            if is_self_trade(trader.account, order.trader.account):
                found.hidden = 0  # it shows only behind the own order
                if found.quantity:
                    yield found
                return
            found.quantity += order.quantity - order.executed - order.hidden
            found.hidden += order.hidden
        yield found
