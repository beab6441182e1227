"""A recorded market: what to do at each recorded event so that the exchange's book is the recorded one.

The maker account's resting orders mirror the recorded depth: the snapshot, then the diffs, and in between the recorded
best bid and ask. The taker account takes at each recorded trade. A user's orders stand in the same queues and are
filled by the same flow. docs/markets.md says what of it is exact and what approximate.

Decisions only: an event goes in, commands come out, and outcomes are learned. `pacing` does the waiting.
"""

from collections.abc import Iterable, Sequence

from pitwire.exchange.messages import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    CommandRejected,
    OrderCanceled,
    OrderExpired,
    OrderOpened,
    OrderTraded,
    Outcome,
    PlaceOrder,
)
from pitwire.exchange.participants.accounts import MAKER, TAKER
from pitwire.exchange.participants.resting import RestingOrders
from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.market.filters import LotSize
from pitwire.market.numbers import Price, Quantity
from pitwire.market.rejects import Reject
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, RecordedEvent, Trade

Place = tuple[Side, Price]
"""A side of the book and a price."""


class RecordedMarket:
    """Plays one symbol. Owns the recorded depth and the table of the maker's orders, and knows nothing else.

    Events are best given in the market's order (`in_market_order`). A level finer than the symbol's step size, as old
    orders may be, is mirrored down to whole steps, and so is a trade; one larger than an order may be takes several.
    `late_trades` counts the trades that were left out because the recorded book had already moved through their price.
    """

    def __init__(self, symbol: str, lot_size: LotSize) -> None:
        self.symbol = symbol
        self._step_size = lot_size.step_size or 1
        self._max_quantity = lot_size.max_quantity
        """0 for no limit, as in LOT_SIZE."""
        self.late_trades = 0
        self._depth = RecordedDepth()
        self._ticker: BookTicker | None = None
        """The best bid and ask, where they are newer than the depth."""
        self._resting = RestingOrders()
        self._astray: set[Place] = set()
        """The levels that may differ from the recorded depth: each is set right with the next diff."""
        self._last_id = 0

    def withdrawal(self) -> Sequence[Command]:
        """What comes first and, after a failure, last: cancel all that rests. It is refused when there is nothing."""
        return [CancelOpenOrders(account=MAKER, symbol=self.symbol, cancel_id=self._new_id("c"))]

    def restart(self) -> None:
        """The recording starts anew: its next snapshot is set against the orders that rest now."""
        self._depth.reset()
        self._ticker = None

    def decide(self, event: RecordedEvent) -> Sequence[Command]:
        """What is to be done at an event, in this order. Raises `DepthGap` when recorded diffs are missing."""
        if isinstance(event, BookTicker):
            return self._at_ticker(event)
        if isinstance(event, Trade):
            return self._at_trade(event)
        if isinstance(event, DepthDiff):
            return self._at_diff(event)
        return self._at_snapshot(event)

    def learn(self, outcome: Outcome) -> None:
        """Take in an outcome, whoever's command it was."""
        command = outcome.record.command
        if not isinstance(command, (PlaceOrder, CancelOrder, CancelOpenOrders)) or command.symbol != self.symbol:
            return
        for event in outcome.events:
            if isinstance(event, (OrderTraded, OrderOpened, OrderCanceled, OrderExpired)):
                order = event.order
                if order.account == MAKER:
                    self._resting.learn(order)
                    if isinstance(event, OrderTraded):
                        self._astray.add((order.side, order.price))
            elif isinstance(event, CommandRejected) and isinstance(command, PlaceOrder) and command.account == MAKER:
                if event.reason is Reject.FILTER_FAILURE:
                    continue  # It would fail again at every diff: it waits until the recording changes the level.
                self._astray.add((command.side, command.price))

    def _at_snapshot(self, snapshot: DepthSnapshot) -> Sequence[Command]:
        self._depth.replace(snapshot)
        self._forget_older_ticker()
        return self._set_right({*self._depth.prices(), *self._resting.prices()})

    def _at_diff(self, diff: DepthDiff) -> Sequence[Command]:
        if not self._depth.change(diff):
            return ()
        self._forget_older_ticker()
        changed = {(Side.BUY, price) for price, _ in diff.bids}
        changed.update((Side.SELL, price) for price, _ in diff.asks)
        return self._set_right(changed | self._astray)

    def _at_ticker(self, ticker: BookTicker) -> Sequence[Command]:
        if self._ticker is not None and ticker.update_id < self._ticker.update_id:
            return ()
        self._ticker = ticker
        if not self._depth.is_live:
            return ()
        self._forget_older_ticker()
        if self._ticker is None:
            return ()
        places: set[Place] = set()
        for side in Side:
            price, _ = ticker.best(side)
            places.add((side, price))
            places.update((side, better) for better in self._resting.better_than(side, price))
        return self._set(places)

    def _at_trade(self, trade: Trade) -> Sequence[Command]:
        """A trade says that its price was the best and held its quantity: have that so, then take it."""
        quantity = self._mirrored(trade.quantity)
        if not self._depth.is_live or not quantity:
            return ()
        side, price = trade.maker_side, trade.price
        opposite = self._resting.best(side.opposite)
        if opposite is not None and (price >= opposite if side is Side.BUY else price <= opposite):
            self.late_trades += 1
            return ()
        commands: list[Command] = []
        for better in self._resting.better_than(side, price):
            self._astray.add((side, better))
            commands += self._cancel(self._resting.at(side, better))
        missing = quantity - sum(self._resting.at(side, price).values())
        if missing > 0:
            self._astray.add((side, price))
            commands += self._rest(side, price, missing)
        taker = PlaceOrder(
            account=TAKER,
            symbol=self.symbol,
            side=side.opposite,
            type=OrderType.LIMIT,
            time_in_force=TimeInForce.IOC,
            client_order_id=self._new_id("t"),
            price=price,
            quantity=quantity,
        )
        commands.append(taker)
        return commands

    def _forget_older_ticker(self) -> None:
        if self._ticker is not None and self._ticker.update_id <= self._depth.last_update_id:
            self._ticker = None

    def _set_right(self, places: set[Place]) -> Sequence[Command]:
        """Bring the levels to where they belong, those astray among them."""
        self._astray = set()
        if self._ticker is not None:
            places.update((side, self._ticker.best(side)[0]) for side in Side)
        return self._set(places)

    def _set(self, places: Iterable[Place]) -> Sequence[Command]:
        cancels: list[Command] = []
        rests: list[Command] = []
        # Sorted, since a set's order is not the same in every process, and the same events are to give the same orders.
        for side, price in sorted(places):
            target = self._target(side, price)
            if target != self._mirrored(self._depth.quantity(side, price)):
                self._astray.add((side, price))
            orders = self._resting.at(side, price)
            surplus = sum(orders.values()) - target
            if surplus < 0:
                # An order more, for the difference: the others keep their places in the queue.
                rests += self._rest(side, price, -surplus)
            elif surplus:
                # The newest first; the one that is too large comes back with what is left of it.
                for client_order_id in reversed(orders):
                    cancels += self._cancel((client_order_id,))
                    surplus -= orders[client_order_id]
                    if surplus <= 0:
                        break
                if surplus:
                    rests += self._rest(side, price, -surplus)
        # Cancels first: an order placed before them could meet one that is about to go.
        return cancels + rests

    def _target(self, side: Side, price: Price) -> Quantity:
        if self._ticker is not None:
            best, quantity = self._ticker.best(side)
            if price == best:
                return self._mirrored(quantity)
            if price > best if side is Side.BUY else price < best:
                return Quantity(0)
        return self._mirrored(self._depth.quantity(side, price))

    def _mirrored(self, quantity: Quantity) -> Quantity:
        return Quantity(quantity - quantity % self._step_size)

    def _rest(self, side: Side, price: Price, quantity: int) -> list[Command]:
        orders: list[Command] = []
        while quantity > 0:
            part = min(quantity, self._max_quantity or quantity)
            quantity -= part
            orders.append(
                PlaceOrder(
                    account=MAKER,
                    symbol=self.symbol,
                    side=side,
                    type=OrderType.LIMIT,
                    client_order_id=self._new_id("m"),
                    price=price,
                    quantity=Quantity(part),
                )
            )
        return orders

    def _cancel(self, client_order_ids: Iterable[str]) -> list[Command]:
        return [
            CancelOrder(account=MAKER, symbol=self.symbol, cancel_id=self._new_id("c"), client_order_id=client_order_id)
            for client_order_id in client_order_ids
        ]

    def _new_id(self, kind: str) -> str:
        self._last_id += 1
        return f"{kind}{self._last_id}"
