"""Placing an order: first everything that can speak against it, in Binance's order, then its life up to the book."""

from typing import Final

from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.matching import match
from pitwire.exchange.engine.orders import Order, Trader, locked_quote
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    CommandRejected,
    Event,
    LevelChanged,
    OrderExpired,
    OrderOpened,
    PlaceOrder,
)
from pitwire.market.enums import OrderStatus, OrderType, Side, SymbolStatus, TimeInForce
from pitwire.market.numbers import SCALE, Price, Quantity
from pitwire.market.rejects import Reject

BUY: Final = Side.BUY
LIMIT: Final = OrderType.LIMIT
LIMIT_MAKER: Final = OrderType.LIMIT_MAKER
MARKET: Final = OrderType.MARKET
GTC: Final = TimeInForce.GTC
FOK: Final = TimeInForce.FOK
TRADING: Final = SymbolStatus.TRADING
PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
FILLED: Final = OrderStatus.FILLED
EXPIRED: Final = OrderStatus.EXPIRED

SUPPORTED_TYPES: Final = (LIMIT, MARKET, LIMIT_MAKER)


class Admitted:
    """An order that nothing speaks against: where it goes, and the quantity of the base asset that it is for.

    For an order by quoteOrderQty the quantity is what the book gives for it; `exhausts_book` says that it would have
    bought or sold more, had there been more.
    """

    __slots__ = ("exhausts_book", "market", "quantity", "trader")

    def __init__(self, market: Market, trader: Trader, quantity: int, exhausts_book: bool) -> None:
        self.market = market
        self.trader = trader
        self.quantity = quantity
        self.exhausts_book = exhausts_book


def admit(venue: Venue, command: PlaceOrder, time_us: int) -> Admitted | CommandRejected:
    """Check an order against the venue as it stands, changing nothing that can be seen.

    The first of these to fail is the reason: symbol, account, trading status, order type, filters
    (in the order of filters.md), client order id, LIMIT_MAKER's promise not to take, liquidity, balance.
    """
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    account = venue.accounts.get(command.account)
    if account is None:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    rules = market.rules
    if rules.status is not TRADING:
        return CommandRejected(reason=Reject.MARKET_CLOSED)
    type = command.type
    if type not in SUPPORTED_TYPES or type not in rules.order_types:
        return CommandRejected(reason=Reject.UNSUPPORTED_ORDER_TYPE, detail=type.value)
    price: int = command.price
    quantity: int = command.quantity
    quote_quantity: int = command.quote_quantity
    is_market = type is MARKET
    if (price or (quantity and quote_quantity)) if is_market else quote_quantity:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    trader = market.trader(account)
    failed = market.limits.violation(
        type,
        command.price,
        command.quantity,
        command.quote_quantity,
        Price(market.average_price.price(time_us) if is_market else 0),
        -1 if account.market_maker else len(trader.open_orders),
    )
    if failed is not None:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    if is_market:
        if quantity <= 0 and quote_quantity <= 0:
            return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    elif price <= 0 or quantity <= 0 or price * quantity < SCALE:
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    if command.client_order_id in trader.open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    is_buy = command.side is BUY
    if is_market:
        return _admit_market_order(market, trader, type, is_buy, quantity, quote_quantity)
    if type is LIMIT_MAKER and _crosses(market, is_buy, price):
        return CommandRejected(reason=Reject.WOULD_MATCH_IMMEDIATELY)
    if (trader.quote.free < locked_quote(price, quantity)) if is_buy else (trader.base.free < quantity):
        return CommandRejected(reason=Reject.INSUFFICIENT_BALANCE)
    return Admitted(market, trader, quantity, False)


def place(
    venue: Venue, command: PlaceOrder, time_us: int, events: list[Event], touched: dict[int, Trader]
) -> CommandRejected | None:
    """Place an order, or say why not, having changed nothing."""
    admitted = admit(venue, command, time_us)
    if isinstance(admitted, CommandRejected):
        return admitted
    market = admitted.market
    market.last_order_id += 1
    order = Order(
        market.last_order_id,
        admitted.trader,
        market.symbol,
        command.client_order_id,
        command.side,
        command.type,
        command.time_in_force,
        command.price,
        admitted.quantity,
        command.quote_quantity,
        time_us,
        command.self_trade_prevention,
        command.strategy_id,
        command.strategy_type,
    )
    venue.last_execution_id += 1
    events.append(OrderOpened(order=order.view(), execution_id=venue.last_execution_id))
    if order.time_in_force is not FOK or order.type is not LIMIT or _can_fill(market, order):
        match(venue, market, order, PARTIALLY_FILLED if admitted.exhausts_book else FILLED, time_us, events, touched)
    if order.executed == order.quantity and not admitted.exhausts_book:
        touched[order.trader.account_id] = order.trader
        return None
    if order.type is MARKET or (order.type is LIMIT and order.time_in_force is not GTC):
        order.status = EXPIRED
        venue.last_execution_id += 1
        events.append(OrderExpired(order=order.view(), execution_id=venue.last_execution_id))
        if order.executed:
            touched[order.trader.account_id] = order.trader
        return None
    touched[order.trader.account_id] = order.trader
    order.lock()
    level_quantity = market.rest(order)
    book = market.book
    book.update_id += 1
    events.append(
        LevelChanged(
            symbol=market.symbol,
            side=order.side,
            price=command.price,
            quantity=Quantity(level_quantity),
            update_id=book.update_id,
        )
    )
    return None


def _admit_market_order(
    market: Market, trader: Trader, type: OrderType, is_buy: bool, quantity: int, quote_quantity: int
) -> Admitted | CommandRejected:
    exhausts_book = False
    if quote_quantity:
        quantity, exhausts_book = _quantity_for(market, is_buy, quote_quantity)
        failed = market.limits.lot_violation(type, Quantity(quantity))
        if exhausts_book and (failed is not None or not quantity):
            return CommandRejected(reason=Reject.MARKET_WITHOUT_LIQUIDITY, detail=failed or "")
        if failed is not None or not quantity:
            return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed or "LOT_SIZE")
    if is_buy:
        # market_orders_faq.md: rejected when the balance does not suffice for the order to be completely filled.
        short = trader.quote.free < (quote_quantity or _cost_of(market, quantity))
    else:
        short = trader.base.free < quantity
    if short:
        return CommandRejected(reason=Reject.INSUFFICIENT_BALANCE)
    return Admitted(market, trader, quantity, exhausts_book)


def _crosses(market: Market, is_buy: bool, price: int) -> bool:
    side = market.book.asks if is_buy else market.book.bids
    keys = side.keys
    return bool(keys) and keys[-1] >= price * side.sign


def _can_fill(market: Market, order: Order) -> bool:
    """Whether the other side holds the whole quantity at the order's price or better."""
    side = market.book.asks if order.is_buy else market.book.bids
    worst_key = order.price * side.sign
    wanted = order.quantity
    for level in side.best_first():
        if level.price * side.sign < worst_key:
            return False
        wanted -= level.quantity
        if wanted <= 0:
            return True
    return False


def _cost_of(market: Market, quantity: int) -> int:
    """What buying `quantity`, or as much of it as there is, costs at most: trades round down one by one."""
    cost = 0
    for level in market.book.asks.best_first():
        taken = level.quantity if level.quantity < quantity else quantity
        cost += level.price * taken // SCALE
        quantity -= taken
        if not quantity:
            break
    return cost


def _quantity_for(market: Market, is_buy: bool, quote_quantity: int) -> tuple[int, bool]:
    """How much of the base asset the book gives for `quote_quantity`, and whether it ran out.

    It is rounded down to the lot step, so that a buyer never spends more, and a seller never sells more, than asked.
    """
    step = market.limits.lot_step()
    side = market.book.asks if is_buy else market.book.bids
    left = quote_quantity * SCALE
    quantity = 0
    price = 0
    for level in side.best_first():
        price = level.price
        affordable = left // price
        if affordable < level.quantity:
            return (quantity + affordable) // step * step, False
        quantity += level.quantity
        left -= price * level.quantity
    return quantity // step * step, left >= price * step
