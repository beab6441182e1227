"""Puts a recording's events into the order in which they happened in the market.

A recording holds them in the order of arrival, which differs: a trade comes, as a rule, a few milliseconds after the
best bid and ask that show its effect (hundreds in a busy moment), and a depth diff may come after newer best bids and
asks. Whoever plays a recording wants a trade to meet the book as it was before the trade. So events are held back for
a moment, and

* best bids and asks and diffs are put into the order of their update ids, which number the same sequence;
* a trade is put before the best bid and ask that shows it: the first one, not older than the trade, that took the
  trade's quantity away from the best price of the side that was hit. A trade that nothing shows stays with the trade
  before it where both may be of one taker's sweep, and else goes where its own time says. Trades keep their order.

The first is exact; the second is a reconstruction, since trades carry no update id.
"""

from collections.abc import Iterable, Iterator

from pitwire.market.enums import Side
from pitwire.market.numbers import Price, Quantity
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, RecordedEvent, Trade

HELD_BACK_NS = 400_000_000
"""How long events are held back: about twice as late as any trade came in the recordings looked at."""
HELD_EVENTS_MAX = 10_000
"""Most events held at once; beyond it the oldest are let go early."""
USUAL_DELAY_NS = 1_000_000
"""How much later than the quickest message the others arrive, as a rule."""
OFFSET_RISE_NS = 1_000
"""How much the estimated offset between the two clocks may rise per trade: follows clocks that drift apart."""


def in_market_order(events: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
    """The same events, each once, in the order of the market. Raises what `events` raises."""
    held = _Held()
    for event in events:
        yield from held.released_before(event.receive_ns - HELD_BACK_NS)
        if isinstance(event, Trade):
            held.add_trade(event)
        elif isinstance(event, DepthSnapshot):
            held.events.append(event)
        else:
            held.add_book_event(event)
    yield from held.events


class _Held:
    """The events that are held back, in the market's order so far."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []
        self._ticker: BookTicker | None = None
        """The last one that was let go: what the oldest one held is compared with."""
        self._trade: Trade | None = None
        self._offset_ns: int | None = None
        """What the quickest trade's arrival time is ahead of the exchange's clock."""

    def released_before(self, receive_ns: int) -> Iterator[RecordedEvent]:
        events = self.events
        count = max(0, len(events) - HELD_EVENTS_MAX + 1)
        while count < len(events) and events[count].receive_ns < receive_ns:
            count += 1
        if count:
            released = events[:count]
            del events[:count]
            for event in released:
                if isinstance(event, BookTicker):
                    self._ticker = event
            yield from released

    def add_book_event(self, event: BookTicker | DepthDiff) -> None:
        """Put it by its update id; a best bid and ask before the diff that ends with the same one."""
        events = self.events
        order = _order(event)
        position = len(events)
        for index in range(len(events) - 1, -1, -1):
            other = events[index]
            if isinstance(other, (BookTicker, DepthDiff)):
                if _order(other) <= order:
                    break
                position = index
        events.insert(position, event)

    def add_trade(self, trade: Trade) -> None:
        events, previous = self.events, self._trade
        time_ns = trade.time_ms * 1_000_000
        offset_ns = trade.receive_ns - time_ns
        if self._offset_ns is not None:
            offset_ns = min(offset_ns, self._offset_ns + OFFSET_RISE_NS)
        moment_ns = time_ns + offset_ns
        self._offset_ns, self._trade = offset_ns, trade
        earliest = len(events)
        while earliest and not isinstance(other := events[earliest - 1], Trade) and other.receive_ns >= moment_ns:
            earliest -= 1
        position = self._shown_by(trade, earliest)
        if position is None:
            position = earliest
            if previous is None or not _same_sweep(previous, trade):
                while position < len(events) and events[position].receive_ns < moment_ns + USUAL_DELAY_NS:
                    position += 1
        events.insert(position, trade)

    def _shown_by(self, trade: Trade, earliest: int) -> int | None:
        """Where the first best bid and ask stands that shows the trade's effect, not before `earliest`."""
        side, events = trade.maker_side, self.events
        before = self._ticker
        together = trade.quantity
        """What this trade and those right before the same best bid and ask took from one price."""
        adjacent = True
        for index in range(earliest - 1, -1, -1):
            event = events[index]
            if isinstance(event, BookTicker):
                before = event
                break
            if adjacent and isinstance(event, Trade) and event.price == trade.price and event.maker_side is side:
                together = Quantity(together + event.quantity)
            else:
                adjacent = False
        for index in range(earliest, len(events)):
            event = events[index]
            if isinstance(event, BookTicker):
                if before is not None and _lost(before, event, side, trade.price) >= together:
                    return index
                before, together = event, trade.quantity
        return None


def _order(event: BookTicker | DepthDiff) -> tuple[int, bool]:
    if isinstance(event, BookTicker):
        return event.update_id, False
    return event.last_update_id, True


def _lost(before: BookTicker, after: BookTicker, side: Side, price: Price) -> int:
    """What `side` lost at `price` from one to the other; 0 when that was not its best price."""
    best, quantity = before.best(side)
    if best != price:
        return 0
    best_after, quantity_after = after.best(side)
    if best_after == best:
        return quantity - quantity_after
    worse = best_after < best if side is Side.BUY else best_after > best
    return quantity if worse else 0


def _same_sweep(previous: Trade, trade: Trade) -> bool:
    """Whether the trade may be of the same taker's order: the same moment and side, at the same or a worse price."""
    if previous.time_ms != trade.time_ms or previous.buyer_is_maker != trade.buyer_is_maker:
        return False
    return trade.price <= previous.price if trade.buyer_is_maker else trade.price >= previous.price
