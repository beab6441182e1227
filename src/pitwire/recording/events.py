"""What a recorded line says: a trade, a best bid and ask, a change of the depth, or a snapshot of it.

Prices and quantities are scaled by 1e-8. `receive_ns` is the recording machine's time at which the line came,
in nanoseconds since the Unix epoch.
"""

from msgspec import Struct

from pitwire.market.enums import Side
from pitwire.market.numbers import Price, Quantity

Level = tuple[Price, Quantity]
"""A price and the quantity that rests there; in a `DepthDiff`, 0 says that the level is gone."""


class Trade(Struct, frozen=True, kw_only=True, gc=False):
    """A trade of the stream `<symbol>@trade` (web-socket-streams.md, Trade Streams)."""

    receive_ns: int
    symbol: str
    trade_id: int
    price: Price
    quantity: Quantity
    time_ms: int
    """When the matching engine made the trade, on the exchange's clock, since the Unix epoch."""
    buyer_is_maker: bool

    @property
    def maker_side(self) -> Side:
        """The side of the order that was resting."""
        return Side.BUY if self.buyer_is_maker else Side.SELL


class BookTicker(Struct, frozen=True, kw_only=True, gc=False):
    """The best bid and ask as of `update_id` (web-socket-streams.md, Individual Symbol Book Ticker Streams)."""

    receive_ns: int
    symbol: str
    update_id: int
    bid_price: Price
    bid_quantity: Quantity
    ask_price: Price
    ask_quantity: Quantity

    def best(self, side: Side) -> Level:
        """The best price of `side`, and what rests there."""
        if side is Side.BUY:
            return self.bid_price, self.bid_quantity
        return self.ask_price, self.ask_quantity


class DepthDiff(Struct, frozen=True, kw_only=True):
    """The levels that changed from `first_update_id` to `last_update_id`, as they stand after the latter.

    Source: web-socket-streams.md, Diff. Depth Stream (`U` and `u`).
    """

    receive_ns: int
    symbol: str
    first_update_id: int
    last_update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class DepthSnapshot(Struct, frozen=True, kw_only=True):
    """The whole depth, down to the number of levels asked for, as of `last_update_id` (rest-api.md, Order book)."""

    receive_ns: int
    symbol: str
    last_update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


RecordedEvent = Trade | BookTicker | DepthDiff | DepthSnapshot
