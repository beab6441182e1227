"""One run of the demo: an exchange in this process, and two clients that know it by its URL."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pitwire
from pitwire.cli.demo.quoting import Plan, plan_for
from pitwire.cli.demo.trader import MarketMaker
from pitwire.cli.demo.watcher import Watcher
from pitwire.cli.failures import Failure
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.protocol.signing import KeyKind

TRADER = "alice"
FIRST_PRICE_S_MAX = 20.0
"""How long the market may take to open: a recording begins with a thousand levels a side."""
LEAVE_S_MAX = 5.0
"""How long the trader may take to cancel what is open when the demo ends."""


@dataclass
class Session:
    """Everything that the screen shows."""

    exchange: Exchange
    trader: MarketMaker
    watcher: Watcher
    symbol: str
    assets: tuple[str, str]
    """Base and quote."""
    plan: Plan
    market_name: str
    duration_s: float | None
    started_s: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the trader was logged on."""
        return time.monotonic() - self.started_s

    @property
    def mid(self) -> Decimal | None:
        """Half way between best bid and best ask; None while a side is empty."""
        book = self.watcher.book
        return (book.bids[0].price + book.asks[0].price) / 2 if book is not None and book.bids and book.asks else None

    async def run(
        self, show: Callable[["Session"], Awaitable[None]], stop: asyncio.Event, at_end: Callable[["Session"], None]
    ) -> None:
        """Trade and show until the duration is over or `stop` is set; then take the trader's orders back.

        `at_end` is called in between, with the orders still in the book.
        Raises `Failure` when the exchange fails meanwhile.
        """
        workers = [asyncio.ensure_future(work) for work in (self.trader.run(), self.watcher.run(), show(self))]
        ends = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self.exchange.failed.wait())]
        try:
            await asyncio.wait([*workers, *ends], timeout=self.duration_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*workers, *ends):
                task.cancel()
            results = await asyncio.gather(*workers, *ends, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        if self.exchange.failed.is_set():
            raise Failure("the exchange has stopped: its log cannot be written")
        at_end(self)
        async with asyncio.timeout(LEAVE_S_MAX):
            await self.trader.leave()
            await self.watcher.look_at_trades()


@asynccontextmanager
async def opened(
    symbol: str, market: str, speed: float, seed: int, duration_s: float | None, log: Any
) -> AsyncIterator[Session]:
    """Start the exchange, log the trader on, and close everything again. `log` is the clients' structlog logger.

    Raises `Failure` for an unknown symbol, and for one that nobody trades.
    """
    settings = Settings(ws_port=0, data_dir=None, market=market, speed=speed, seed=seed)
    key = next(key for key in DEVELOPMENT_KEYS if key.name == TRADER and key.kind is KeyKind.ED25519).signing_key()
    async with (
        Exchange.start(settings) as exchange,
        pitwire.connect(exchange.ws_url, key=key, log=log) as account,
        pitwire.connect(exchange.ws_url, log=log) as onlooker,
    ):
        listed = {info.symbol: info for info in (await onlooker.exchange_info()).symbols}
        if symbol not in listed:
            raise Failure(f"there is no symbol {symbol!r}; listed: {', '.join(sorted(listed))}")
        info = listed[symbol]
        plan = plan_for(info.filters, await _first_price(onlooker, symbol))
        yield Session(
            exchange=exchange,
            trader=MarketMaker(account, symbol, plan),
            watcher=Watcher(onlooker, account, symbol),
            symbol=symbol,
            assets=(info.base_asset, info.quote_asset),
            plan=plan,
            market_name=_name(market, speed),
            duration_s=duration_s,
        )


async def _first_price(client: pitwire.Client, symbol: str) -> Decimal:
    """The best bid or ask, as soon as there is one."""
    try:
        async with asyncio.timeout(FIRST_PRICE_S_MAX):
            while True:
                book = await client.depth(symbol=symbol, limit=1)
                for level in (*book.bids, *book.asks):
                    return level.price
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Failure(
            f"nobody trades {symbol} in this market: choose --market synthetic, or a recording of {symbol}"
        ) from None


def _name(market: str, speed: float) -> str:
    """`recorded btcusdt_20240808, ethusdt_20240808, 5 times as fast`."""
    kind, _, files = market.partition(":")
    names = ", ".join(Path(name).name.removesuffix(".gz") for name in files.split(",")) if files else "market"
    return f"{kind} {names}" + (f", {speed:g} times as fast" if speed != 1 else "")
