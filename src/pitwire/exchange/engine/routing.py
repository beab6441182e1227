"""Smart order routing: one order takes from the books of all interchangeable quote assets, best price first.

Source: faqs/sor_faq.md. As it matches, the order walks from book to book. What it gets there are allocations of its
own symbol, in that symbol's quote asset; also what its own book gives is one, as in the FAQ's examples. The makers
trade as ever, in their own quote asset: the difference is the venue's (`Venue.settlements`), one for one.

What the FAQ leaves open is settled here. Of equal prices that of the order's own book goes first, then that of the
symbol named first. A book is left out where its symbol is not trading, where the account may not trade it, and beyond
its price range. Commission is what the account pays on the order's own symbol.
"""

from collections.abc import Iterator
from heapq import merge
from typing import Final

from msgspec import structs

from pitwire.exchange.engine.activation import follow
from pitwire.exchange.engine.book import BookSide, Level
from pitwire.exchange.engine.market import Trader
from pitwire.exchange.engine.matching import match
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.placement import admit, enter, expire
from pitwire.exchange.engine.prevention import fillable_by, others
from pitwire.exchange.engine.price_range import worst_key_in_range
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    Balance,
    CommandRejected,
    Event,
    MatchPrevented,
    OrderAllocated,
    OrderOpened,
    OrderPrevented,
    OrderTraded,
    PlaceOrder,
    PositionChanged,
    TradeMatched,
)
from pitwire.market.enums import OrderType, SelfTradePrevention, Side, TimeInForce, WorkingFloor
from pitwire.market.numbers import SCALE
from pitwire.market.rejects import Reject

NOBODY: Final = -1
"""The id of an order that is on another symbol, where ids mean other orders."""


class Book:
    """One book that an order may take from: the side it takes, down to the level of `worst_key`, as `trader`."""

    __slots__ = ("side", "trader", "worst_key")

    def __init__(self, trader: Trader, command: PlaceOrder, time_us: int) -> None:
        market = trader.market
        is_buy = command.side is Side.BUY
        self.trader = trader
        self.side: BookSide = market.book.asks if is_buy else market.book.bids
        keys = self.side.keys
        self.worst_key = 0
        if keys:
            worst_key = command.price * self.side.sign if command.price else keys[0]
            self.worst_key = worst_key_in_range(market, is_buy, self.side, worst_key, time_us)

    def is_open(self) -> bool:
        """Whether it has something to take."""
        keys = self.side.keys
        return bool(keys) and keys[-1] >= self.worst_key

    def best_key(self) -> int:
        """The key of the best level of an open book."""
        return self.side.keys[-1]

    def levels(self) -> Iterator[Level]:
        """What it has to take, best price first."""
        for level in self.side.best_first():
            if level.price * self.side.sign < self.worst_key:
                return
            yield level


class Books:
    """All books that an order may take from, that of its own symbol first."""

    __slots__ = ("_books", "_sign")

    def __init__(self, venue: Venue, trader: Trader, command: PlaceOrder, time_us: int) -> None:
        self._sign = -1 if command.side is Side.BUY else 1
        self._books = [Book(trader, command, time_us)]
        for symbol in venue.routes[trader.market.base]:
            market = venue.markets[symbol]
            there = trader.taking_from(market)
            if market is not trader.market and there.is_open:
                self._books.append(Book(there, command, time_us))

    def best(self) -> Book | None:
        """The book with the best price, of equal ones the first; `None` when there is nothing to take."""
        return max(filter(Book.is_open, self._books), key=Book.best_key, default=None)

    def best_first(self) -> Iterator[Level]:
        """Their levels, best price first."""
        return merge(*[book.levels() for book in self._books], key=self._distance)

    def _distance(self, level: Level) -> int:
        return -level.price * self._sign


def route(venue: Venue, command: PlaceOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Place an order that is routed, or say why not, having changed nothing."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    account = venue.accounts.get(command.account)
    if account is None:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    if market.symbol not in venue.routes.get(market.base, ()):
        return CommandRejected(reason=Reject.SOR_UNSUPPORTED)
    if command.type is not OrderType.LIMIT and command.type is not OrderType.MARKET:
        return CommandRejected(reason=Reject.UNSUPPORTED_ORDER_TYPE)
    if command.quote_quantity or command.peg is not None:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    trader = market.trader(account)
    books = Books(venue, trader, command, time_us)

    def levels(trader: Trader, command: PlaceOrder) -> Iterator[Level]:
        skips = command.self_trade_prevention is SelfTradePrevention.EXPIRE_MAKER
        return others(books, trader) if skips else books.best_first()

    order = admit(venue, command, time_us, levels)
    if not isinstance(order, Order):
        return order
    market.last_order_id = order.order_id
    venue.last_execution_id += 1
    at_once = command.type is OrderType.MARKET or command.time_in_force is not TimeInForce.GTC
    takes = books.best() is not None
    order.extend(working_floor=WorkingFloor.SOR if takes or at_once else WorkingFloor.EXCHANGE)
    events.append(OrderOpened(order=order.view(), execution_id=venue.last_execution_id))
    _Walk(venue, order, books, time_us, events).carry_out()
    return None


class _Walk:
    """An accepted order on its way: what has followed from it, and whose balances it has changed."""

    __slots__ = ("books", "events", "heard", "order", "own", "time_us", "touched", "venue")

    def __init__(self, venue: Venue, order: Order, books: Books, time_us: int, events: list[Event]) -> None:
        self.venue = venue
        self.order = order
        self.own = order.trader
        self.books = books
        self.time_us = time_us
        self.events = events
        self.touched: list[Trader] = []
        self.heard: dict[str, list[Event]] = {}
        """What happened on each symbol, as it would have without routing: what orders wait for there."""

    def carry_out(self) -> None:
        order, venue = self.order, self.venue
        if order.price and order.command.time_in_force is TimeInForce.FOK and not self._can_fill():
            expire(venue, order, self.events)
            return
        while order.executed < order.quantity and (book := self.books.best()) is not None:
            self._take(book)
        if order.executed < order.quantity:
            rest: list[Event] = []
            enter(venue, order, self.time_us, rest)
            symbol = self.own.market.symbol
            self._tell(symbol, rest)
            self.heard.setdefault(symbol, []).extend(event for event in rest if type(event) is not PositionChanged)
            if order.level is not None:
                order.extend(working_floor=WorkingFloor.EXCHANGE)
        if venue.waiting:
            for symbol, heard in self.heard.items():
                count = len(heard)
                follow(venue, symbol, self.time_us, heard)
                self._tell(symbol, heard[count:])
        self.events.extend(self._positions())

    def _can_fill(self) -> bool:
        wanted = self.order.quantity
        for level in fillable_by(self.books, self.own, self.order.command):
            wanted -= level.quantity + level.hidden
            if wanted <= 0:
                return True
        return False

    def _take(self, book: Book) -> None:
        """Trade with the best level of a book."""
        order, own, there = self.order, self.own.market, book.trader.market
        # A match that is prevented between two symbols has one number, which is new on both.
        numbered = there.last_prevented_match_id
        number = there.last_prevented_match_id = max(numbered, own.last_prevented_match_id)
        happened: list[Event] = []
        order.trader = book.trader
        touched = match(self.venue, order, self.time_us, happened, book.best_key())
        order.trader = self.own
        if there.last_prevented_match_id == number:
            there.last_prevented_match_id = numbered
        else:
            own.last_prevented_match_id = there.last_prevented_match_id
        self.touched += (self.own, *touched.values())
        self.heard.setdefault(there.symbol, []).extend(happened)
        self.events.extend([self._told(event, book) for event in happened])
        if there is not own:
            self._settle(happened, there.quote)

    def _told(self, event: Event, book: Book) -> Event:
        """What happened on a book, as the order's symbol and the maker have it."""
        order, own, there = self.order, self.own.market, book.trader.market
        if isinstance(event, OrderTraded) and not event.is_maker:
            own.last_allocation_id += 1
            return OrderAllocated(
                order=event.order,
                execution_id=event.execution_id,
                allocation_id=own.last_allocation_id,
                price=event.price,
                quantity=event.quantity,
                quote=event.quote,
                commission=event.commission,
                commission_asset=event.commission_asset,
            )
        if there is own:
            return event
        if isinstance(event, TradeMatched):
            taker = "buyer_order_id" if order.is_buy else "seller_order_id"
            return structs.replace(event, **{taker: NOBODY})
        if isinstance(event, MatchPrevented):
            return structs.replace(event, symbol=own.symbol, maker_symbol=there.symbol)
        if isinstance(event, OrderPrevented):
            counter = there if event.order.symbol == own.symbol else own
            return structs.replace(event, counter_symbol=counter.symbol)
        return event

    def _settle(self, happened: list[Event], quote: str) -> None:
        """Exchange what the order pays, or is paid, for what its makers have to be paid, or pay."""
        amount: int = 0
        for event in happened:
            if isinstance(event, OrderTraded) and not event.is_maker:
                amount += event.quote
            elif (
                isinstance(event, MatchPrevented)
                and event.mode is SelfTradePrevention.TRANSFER
                and event.taker_account != event.maker_account
            ):
                amount += event.price * (event.taker_prevented or 0) // SCALE
        if not self.order.is_buy:
            amount = -amount
        settlements = self.venue.settlements
        own = self.own.quote.asset
        settlements[own] = settlements.get(own, 0) + amount
        settlements[quote] = settlements.get(quote, 0) - amount

    def _tell(self, symbol: str, events: list[Event]) -> None:
        """Take in what followed on a symbol, with the balances that changed at its end."""
        traders = self.venue.markets[symbol].traders
        for event in events:
            if isinstance(event, PositionChanged):
                self.touched.append(traders[event.account])
            else:
                self.events.append(event)

    def _positions(self) -> list[PositionChanged]:
        """The balances of all accounts that were touched: of each account once, those of all its markets."""
        changed: dict[int, dict[str, Balance]] = {}
        for trader in self.touched:
            balances = changed.setdefault(trader.account_id, {})
            for balance in trader.position().balances:
                balances[balance.asset] = balance
        return [
            PositionChanged(account=account, balances=tuple(balances.values()))
            for account, balances in sorted(changed.items())
        ]
