"""The state that `pitwire top` shows: what its client and its streams measure, and what it asks once a second."""

import asyncio
import time
from collections import deque
from contextlib import AsyncExitStack
from typing import Any

import pitwire
from pitwire import MarketStream
from pitwire.cli.top import exported
from pitwire.metrics.rules import Alert, LatencyAbove, usual_rules
from pitwire.protocol.codec import encode
from pitwire.protocol.results.market import BookTicker

EVERY_S = 1.0
EVENTS_KEPT = 8
ALERTS_KEPT = 5


class Watch:
    """A client, and what it was told. `exporter` is the URL of /metrics, where one is to be read.

    `streams` are the market streams, or why there are none.
    """

    def __init__(
        self,
        client: pitwire.Client,
        streams: pitwire.Streams | str,
        symbol: str,
        exporter: str | None,
        has_key: bool,
    ) -> None:
        self.client = client
        self.streams = streams
        self.symbol = symbol
        self.exporter = exporter
        self.has_key = has_key
        self.top: BookTicker | None = None
        self.failure = ""
        """What the newest questions ended with, where they failed."""
        self.metrics: dict[str, float] | str = "not asked yet"
        self.events: deque[Any] = deque(maxlen=EVENTS_KEPT)
        self.open_orders: int | None = None
        self.alerts: deque[Alert] = deque(maxlen=ALERTS_KEPT)
        self._begin_s = time.monotonic()
        rules = [LatencyAbove(500.0, window_s=30.0), *usual_rules()[1:]]
        self._rules = [client.metrics.alerts(self.alerts.append, rules)]
        if isinstance(streams, pitwire.Streams):
            self._rules.append(streams.metrics.alerts(self.alerts.append))

    @property
    def firing(self) -> tuple[str, ...]:
        """The names of the rules that fire now."""
        return tuple(name for rules in self._rules for name in rules.firing)

    @property
    def elapsed_s(self) -> float:
        """How long it has watched."""
        return time.monotonic() - self._begin_s

    async def ask(self) -> None:
        """One round of questions. It raises nothing: what fails is shown."""
        self.failure = ""
        try:
            await self.client.ping()
            self.top = await self.client.ticker_book(symbol=self.symbol)
            if self.has_key:
                self.open_orders = len(await self.client.open_orders_status(symbol=self.symbol))
        except pitwire.PitwireError as error:
            self.failure = str(error)
        if self.exporter is not None:
            self.metrics = await asyncio.to_thread(exported.read, self.exporter)

    async def run(self) -> None:
        """Ask once a second, and follow the user data and the market streams."""
        async with AsyncExitStack() as entered:
            for rules in self._rules:
                await entered.enter_async_context(rules)
            group = await entered.enter_async_context(asyncio.TaskGroup())
            group.create_task(self.listen())
            if self.has_key:
                group.create_task(self._follow())
            while True:
                await self.ask()
                await asyncio.sleep(EVERY_S)

    async def listen(self) -> None:
        """Take what the market streams of the symbol tell, for their measurements alone."""
        if isinstance(self.streams, str):
            return
        symbol = self.symbol
        try:
            async with self.streams.subscribe(MarketStream.trade(symbol), MarketStream.book_ticker(symbol)) as events:
                async for _ in events:
                    pass
        except (pitwire.PitwireError, ValueError) as error:
            self.streams = str(error)

    async def _follow(self) -> None:
        while True:
            try:
                async for event in self.client.user_data():
                    self.events.append(event)
                return
            except pitwire.PitwireError as error:
                self.failure = str(error)
                await asyncio.sleep(EVERY_S)

    def as_json(self) -> bytes:
        """All of it, for another program."""
        return encode(
            {
                "symbol": self.symbol,
                "failure": self.failure or None,
                "book": self.top,
                "openOrders": self.open_orders,
                "exporter": self.metrics if isinstance(self.metrics, dict) else None,
                "client": self.client.metrics.snapshot(),
                "streams": None if isinstance(self.streams, str) else self.streams.metrics.snapshot(),
            }
        )
