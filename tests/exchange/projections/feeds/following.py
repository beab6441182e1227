"""A stream of a floor, followed: what it tells after each command, or at a time."""

from typing import Any

from pitwire.exchange.messages import Command
from pitwire.exchange.projections.feeds.opening import open_feed
from pitwire.market.enums import TimeUnit
from pitwire.protocol.streams import parse_stream
from tests.exchange.projections.trading import Floor


class Following:
    def __init__(self, floor: Floor, name: str) -> None:
        stream = parse_stream(name)
        assert stream is not None
        self.floor = floor
        self.feed = open_feed(floor.projections, stream)
        self.fresh = True

    def do(self, command: Command) -> None:
        self.see(self.floor.do(command))

    def place(self, *order: Any, **more: Any) -> None:
        self.see(self.floor.place(*order, **more))

    def see(self, outcome) -> None:
        for event in outcome.events:
            if isinstance(event, self.feed.observes):
                self.feed.observe(event, outcome.record.time_us)

    def told(self, now_us: int | None = None, unit: TimeUnit = TimeUnit.MILLISECOND) -> list[Any]:
        """What it has to tell at a time: that of the floor, unless another is given."""
        contents = self.feed.take(self.floor.now_us if now_us is None else now_us, fresh=self.fresh)
        self.fresh = False
        return [content(unit) for content in contents]
