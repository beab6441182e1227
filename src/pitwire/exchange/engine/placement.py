"""Placing an order: first everything that can speak against it, in Binance's order, then its life up to the book."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import structs

from pitwire.exchange.engine.book import Level
from pitwire.exchange.engine.contingent import admit_contingent, wait
from pitwire.exchange.engine.events import level_changed
from pitwire.exchange.engine.filtering import filter_failure, judged_failure, quantity_failure
from pitwire.exchange.engine.icebergs import iceberg_refusal
from pitwire.exchange.engine.market import Market, Trader
from pitwire.exchange.engine.matching import match
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.pegs import peg_refusal, pegged_price
from pitwire.exchange.engine.prevention import cost_of, fillable, met
from pitwire.exchange.engine.price_range import EXCEEDED, worst_key_in_range
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import CommandRejected, Event, OrderExpired, OrderOpened, PlaceOrder
from pitwire.market.enums import OrderStatus, OrderType, Side, SymbolStatus, TimeInForce
from pitwire.market.numbers import SCALE, Price
from pitwire.market.rejects import Reject

BUY: Final = Side.BUY
LIMIT: Final = OrderType.LIMIT
LIMIT_MAKER: Final = OrderType.LIMIT_MAKER
MARKET: Final = OrderType.MARKET
GTC: Final = TimeInForce.GTC
FOK: Final = TimeInForce.FOK
TRADING: Final = SymbolStatus.TRADING
EXPIRED: Final = OrderStatus.EXPIRED
EXPIRED_IN_MATCH: Final = OrderStatus.EXPIRED_IN_MATCH

PLAIN_TYPES: Final = (LIMIT, MARKET, LIMIT_MAKER)
"""The types that enter the market at once."""


def admit(
    venue: Venue,
    command: PlaceOrder,
    time_us: int,
    levels: Callable[[Trader, PlaceOrder], Iterator[Level]] = met,
) -> Order | CommandRejected:
    """The order as it would be placed, or what speaks against it. Changes nothing that can be seen.

    `levels` gives those that a market order can trade with.

    Of several reasons the first in this order is given: symbol, account, trading status, permissions, order type,
    filters (in the order of filters.md), client order id, LIMIT_MAKER's promise not to take, liquidity, balance.
    """
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    trader = market.traders.get(command.account)
    if trader is None:
        account = venue.accounts.get(command.account)
        if account is None:
            return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
        trader = market.trader(account)
    if not trader.is_open:
        closed = market.rules.status is not TRADING
        return CommandRejected(reason=Reject.MARKET_CLOSED if closed else Reject.SYMBOL_NOT_PERMITTED)
    order_type = command.type
    if order_type not in market.order_types:
        return CommandRejected(reason=Reject.UNSUPPORTED_ORDER_TYPE, detail=order_type.value)
    if command.self_trade_prevention not in market.prevention_modes:
        return CommandRejected(reason=Reject.SELF_TRADE_PREVENTION_NOT_ALLOWED)
    iceberg_quantity = command.iceberg_quantity
    if iceberg_quantity:
        refused = iceberg_refusal(market, command)
        if refused is not None:
            return refused
    if command.peg is not None:
        refused = peg_refusal(market, command)
        if refused is not None:
            return refused
        if order_type in PLAIN_TYPES:
            return _admit_pegged(venue, trader, command, time_us)
    if order_type not in PLAIN_TYPES:
        return admit_contingent(venue, trader, command, time_us)
    if command.trigger is not None:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    if order_type is MARKET:
        return _admit_market_order(venue, market, trader, command, time_us, levels)
    price = command.price
    quantity = command.quantity
    if command.quote_quantity:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    open_orders = trader.open_orders
    notional = price * quantity
    is_buy = command.side is BUY
    if time_us >= market.bounds_until_us:
        market.update_price_bounds(time_us)
    lowest, highest = market.bid_bounds if is_buy else market.ask_bounds
    # Which filter an order fails is worked out for those alone that do not keep to the plain bounds.
    if (
        price < lowest
        or price > highest
        or not trader.is_plain
        or iceberg_quantity
        or not market.limits.lets_pass(price, quantity, notional, len(open_orders))
    ):
        failed = judged_failure(venue, trader, command, time_us)
        if failed is not None:
            return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    if price <= 0 or notional < SCALE:
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    if command.client_order_id in open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    if order_type is LIMIT_MAKER and _crosses(market, is_buy, price):
        return CommandRejected(reason=Reject.WOULD_MATCH_IMMEDIATELY)
    if (trader.quote.free < notional // SCALE) if is_buy else (trader.base.free < quantity):
        return CommandRejected(reason=Reject.INSUFFICIENT_BALANCE)
    order = Order(market.last_order_id + 1, trader, command, quantity, time_us)
    if iceberg_quantity:
        order.extend(iceberg_quantity=iceberg_quantity)
    return order


def place(venue: Venue, command: PlaceOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Place an order, or say why not, having changed nothing."""
    order = admit(venue, command, time_us)
    if not isinstance(order, Order):
        return order
    trader = order.trader
    market = trader.market
    market.last_order_id = order.order_id
    venue.last_execution_id += 1
    events.append(OrderOpened(order=order.view(), execution_id=venue.last_execution_id))
    if order.working_us < 0:
        wait(venue, order)
        events.append(trader.position())
        return None
    enter(venue, order, time_us, events)
    return None


def enter(venue: Venue, order: Order, time_us: int, events: list[Event]) -> None:
    """Let an accepted order trade, and then rest or lapse. The balances that it changed are its last events.

    An order without a price takes any. What it may spend must be free.
    """
    market = order.trader.market
    command = order.command
    price = order.price
    at_market = not price
    book = market.book
    other_side = book.asks if order.is_buy else book.bids
    keys = other_side.keys
    tif = GTC if command.type is LIMIT_MAKER else command.time_in_force
    touched: dict[int, Trader] | None = None
    # `_crosses`, without the call.
    if at_market or (
        keys and keys[-1] >= price * other_side.sign and (tif is not FOK or _can_fill(market, order, time_us))
    ):
        touched = match(venue, order, time_us, events)
    if order.executed < order.quantity or (order.exhausts_book and order.status is not EXPIRED_IN_MATCH):
        if at_market or tif is not GTC or order.range_exceeded:
            expire(venue, order, events)
        else:
            order.lock()
            if order.extras is not None:
                order.hide()
            level_quantity = market.rest(order)
            book.update_id += 1
            events.append(
                level_changed(
                    symbol=market.symbol,
                    side=command.side,
                    price=price,
                    quantity=level_quantity,
                    update_id=book.update_id,
                )
            )
            if not touched:
                events.append(order.trader.position())
    if touched:
        events.extend([touched[account].position() for account in sorted(touched)])


def expire(venue: Venue, order: Order, events: list[Event]) -> None:
    """What is left of an order that does not rest lapses."""
    order.status = EXPIRED
    venue.last_execution_id += 1
    view = order.view()
    if order.range_exceeded:
        view = structs.replace(view, expiry_reason=EXCEEDED)
    events.append(OrderExpired(order=view, execution_id=venue.last_execution_id))


def _admit_pegged(venue: Venue, trader: Trader, command: PlaceOrder, time_us: int) -> Order | CommandRejected:
    """A pegged order must pass as one at the price that the book gives would, and its own price the filters too."""
    assert command.peg is not None
    price = pegged_price(trader.market, command.side is BUY, command.peg)
    if not price:
        return CommandRejected(reason=Reject.PEG_WITHOUT_LIQUIDITY)
    if command.price:
        failed = judged_failure(venue, trader, command, time_us)
        if failed is not None:
            return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    order = admit(venue, structs.replace(command, peg=None, price=Price(price)), time_us)
    if isinstance(order, Order):
        order.command = command
        order.extend(peg=command.peg, pegged_price=price)
    return order


def _admit_market_order(
    venue: Venue,
    market: Market,
    trader: Trader,
    command: PlaceOrder,
    time_us: int,
    levels: Callable[[Trader, PlaceOrder], Iterator[Level]],
) -> Order | CommandRejected:
    quantity: int = command.quantity
    quote_quantity: int = command.quote_quantity
    limits = market.limits
    if command.price or (quantity and quote_quantity):
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    if trader.is_plain:
        average = market.average(time_us, limits.average_price_minutes)
        failed = limits.market_order_violation(quantity, quote_quantity, average)
    else:
        failed = "" if trader.account.market_maker else filter_failure(venue, trader, command, time_us)
    if failed is not None and trader.account.market_maker:
        failed = None if quote_quantity else limits.lot_violation(quantity) or limits.market_lot_violation(quantity)
    if failed is not None:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    if quantity <= 0 and quote_quantity <= 0:
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    if command.client_order_id in trader.open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    is_buy = command.side is BUY
    exhausts_book = False
    if quote_quantity:
        quantity, exhausts_book = _quantity_for(market, trader, command)
        failed = limits.lot_violation(quantity) or limits.market_lot_violation(quantity)
        if exhausts_book and (failed is not None or not quantity):
            return CommandRejected(reason=Reject.MARKET_WITHOUT_LIQUIDITY, detail=failed if failed and quantity else "")
        if failed is not None or not quantity:
            return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed or "LOT_SIZE")
        if not trader.is_plain and not trader.account.market_maker:
            failed = quantity_failure(venue, trader, command, quantity, time_us)
            if failed is not None:
                return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    # market_orders_faq.md: refused when the balance does not suffice for the order to be completely filled.
    if is_buy:
        short = trader.quote.free < (quote_quantity or cost_of(levels(trader, command), quantity))
    else:
        short = trader.base.free < quantity
    if short:
        return CommandRejected(reason=Reject.INSUFFICIENT_BALANCE)
    order = Order(market.last_order_id + 1, trader, command, quantity, time_us)
    order.exhausts_book = exhausts_book
    return order


def _crosses(market: Market, is_buy: bool, price: int) -> bool:
    side = market.book.asks if is_buy else market.book.bids
    keys = side.keys
    return bool(keys) and keys[-1] >= price * side.sign


def _can_fill(market: Market, order: Order, time_us: int) -> bool:
    """Whether the other side holds the whole quantity at the order's price or better."""
    side = market.book.asks if order.is_buy else market.book.bids
    worst_key = asked_key = order.price * side.sign
    if market.rules.price_range is not None:
        worst_key = worst_key_in_range(market, order.is_buy, side, worst_key, time_us)
    wanted = order.quantity
    for level in fillable(side, order):
        key = level.price * side.sign
        if key < worst_key:
            order.range_exceeded = key >= asked_key
            return False
        wanted -= level.quantity + level.hidden
        if wanted <= 0:
            return True
    return False


def _quantity_for(market: Market, trader: Trader, command: PlaceOrder) -> tuple[int, bool]:
    """How much of the base asset the book gives for the command's `quote_quantity`, and whether it ran out.

    It is rounded down to the lot step, so that a buyer never spends more, and a seller never sells more, than asked.
    """
    step = market.limits.market_order_step
    left = command.quote_quantity * SCALE
    quantity = 0
    price = 0
    for level in met(trader, command):
        price = level.price
        affordable = left // price
        there = level.quantity + level.hidden
        if affordable < there:
            return (quantity + affordable) // step * step, False
        quantity += there
        left -= price * there
    return quantity // step * step, left >= price * step
