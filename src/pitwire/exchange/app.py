"""The whole exchange in one process: log, engine, projections, gateway and market, put together and taken apart again.

start: log opened and checked -> state recovered -> configuration brought in -> gateway serves -> market trades
stop:  market stops -> gateway says serverShutdown and closes -> all that was submitted is released -> snapshot
       -> log closed
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import structlog
from msgspec import Struct

from pitwire.exchange import control
from pitwire.exchange.configuration import Configuration, ConfigurationInvalid
from pitwire.exchange.control.application import control_application
from pitwire.exchange.control.desk import Desk
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.faults import Faults
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.gateway.handshake import PATH
from pitwire.exchange.gateway.keyring import Keyring, registered
from pitwire.exchange.gateway.limits import AddressLimits, UnfilledOrders
from pitwire.exchange.gateway.rest.api import RestApi
from pitwire.exchange.gateway.rest.monitoring import Monitoring
from pitwire.exchange.gateway.rest.server import HttpServer
from pitwire.exchange.gateway.rest.surface import Application, surface
from pitwire.exchange.gateway.websocket import Gateway
from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.log.state import SNAPSHOT_EVERY, SnapshotSchedule, State, recover
from pitwire.exchange.messages import CancelOpenOrders, Command, CommandRejected, Deposit, OpenAccount
from pitwire.exchange.participants.accounts import MAKER, opening
from pitwire.exchange.participants.calibration import CALIBRATIONS
from pitwire.exchange.participants.markets import run_recorded, run_synthetic
from pitwire.exchange.participants.pacing import LoopTimer
from pitwire.exchange.ports import Clock, CommandLog
from pitwire.exchange.sequencer import BATCH_MAX, Sequencer
from pitwire.recording.depth import DepthGap
from pitwire.recording.reader import RecordingError

_logger = structlog.get_logger("pitwire.exchange")


class Settings(Struct, frozen=True, kw_only=True):
    """What an exchange is started with. Each is an option of `pitwire exchange`."""

    host: str = "127.0.0.1"
    ws_port: int = 9443
    """0 takes a free one."""
    http_port: int | None = None
    """Where REST is served, and control; 0 takes a free one, `None` serves neither."""
    control_token: str | None = None
    """What opens the control endpoints; `None` makes one."""
    data_dir: Path | None = None
    """Where log and history are kept; `None` keeps the log in memory, and the history in a file that nobody sees."""
    market: str = "none"
    """Who trades when no user does: `none`, `synthetic`, or `recorded:FILE[,FILE]`."""
    speed: float = 1.0
    """How many times as fast as it happened the market plays."""
    seed: int = 1
    limits: bool = True
    """Whether request rates and connections are limited as Binance limits them. Trading filters always hold."""
    configuration: Configuration | None = None
    """What is traded and by whom. `None` means: what the log says, and on an empty log the defaults."""
    snapshot_every: int = SNAPSHOT_EVERY
    """After how many commands the state is saved, besides at a clean stop."""


class SystemClock:
    """The machine's clock. It may go back; the sequencer sees to it that records do not."""

    def now_us(self) -> int:
        """Microseconds since the Unix epoch."""
        return time.time_ns() // 1_000


class Exchange:
    """A running exchange. `async with Exchange.start(settings) as exchange:` starts it, and stops it in good order."""

    def __init__(self, log: CommandLog, state: State, clock: Clock) -> None:
        self.clock = clock
        self.recovered = state.recovered
        """What the start found in the log."""
        self.engine = state.engine
        self.projections = state.projections
        self.failed = asyncio.Event()
        """Set when the log, the engine or a projection failed: nothing further is executed, so stop the process."""
        self.failure: Exception | None = None
        """Why, once `failed` is set."""
        self.sequencer = Sequencer(
            log, state.engine, state.projections, self.clock, self._fail, last_time_us=state.recovered.time_us
        )
        self.faults = Faults(self.clock.now_us)
        """What goes wrong on purpose: nothing, unless told."""
        self.ws_url = ""
        """Where the WebSocket API is served, for example `ws://127.0.0.1:9443/ws-api/v3`."""
        self.http_url = ""
        """Where HTTP is served, for example `http://127.0.0.1:9080`; empty if it is not."""
        self.control_token = ""
        """What opens `/control` there."""

    @staticmethod
    @asynccontextmanager
    async def start(settings: Settings, clock: Clock | None = None) -> AsyncIterator["Exchange"]:
        """Recover the state, serve, and on leaving stop in good order. `clock` is the machine's unless told otherwise.

        Raises `ConfigurationInvalid`, `PublishedKeysExposed` when the development keys would be reachable from other
        machines, `LogLocked`, `LogCorrupt`, `RecordingError`, `NotTraded`, and `OSError` when a file or the port cannot
        be had. Cancelling it stops in good order too.
        """
        log = FileLog(settings.data_dir) if settings.data_dir is not None else MemoryLog(records_max=0)
        archive = None
        try:
            if isinstance(log, FileLog) and log.torn_bytes:
                _logger.warning("an append that a crash interrupted was cut off", bytes=log.torn_bytes)
            archive = SqliteArchive(settings.data_dir)
            state = recover(log, archive)
            exchange = Exchange(log, state, clock or SystemClock())
            _warn_of_time(state.recovered.time_us - exchange.clock.now_us())
            async with exchange._snapshots(log, state, settings) as schedule:
                await exchange._bring_in(settings)
                async with exchange._serving(settings, schedule), exchange._trading(settings):
                    yield exchange
                await exchange.sequencer.drain()
        finally:
            if archive is not None:
                archive.close()
            log.close()

    @asynccontextmanager
    async def _serving(self, settings: Settings, schedule: SnapshotSchedule | None) -> AsyncIterator[None]:
        keyring = self._keyring(settings)
        handlers = Handlers(self.projections, UnfilledOrders(enforced=settings.limits))
        limits = AddressLimits(enforced=settings.limits)
        admission = Admission(handlers, self.sequencer, keyring, self.clock, limits, self.faults)
        gateway = Gateway(admission, published=keyring.published)
        http: HttpServer | None = None
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        try:
            self.ws_url = f"ws://{host}:{await gateway.start(settings.host, settings.ws_port)}{PATH}"
            if settings.http_port is not None:
                self.control_token = settings.control_token or secrets.token_urlsafe()
                http = self._http(admission, gateway, keyring, schedule)
                self.http_url = f"http://{host}:{await http.start(settings.host, settings.http_port)}"
            yield
        finally:
            await gateway.stop()
            if http is not None:
                await http.stop()

    def _http(
        self, admission: Admission, gateway: Gateway, keyring: Keyring, schedule: SnapshotSchedule | None
    ) -> HttpServer:
        """REST, what monitors the exchange, and what its operator may do."""
        desk = Desk(self.sequencer, self.engine, self.projections, keyring, self.clock)
        monitoring = Monitoring(
            admission,
            self.engine,
            lambda: {**gateway.connections(), "http": server.connections},
            gateway.receivers,
            lambda: self.failure,
        )
        parts: dict[str, Application] = {
            "control": self._control(desk, schedule),
            "metrics": monitoring,
            "health": monitoring,
        }
        server = HttpServer(surface(RestApi(admission), parts))
        return server

    def _control(self, desk: Desk, schedule: SnapshotSchedule | None) -> Application:
        routes = [
            *control.accounts.routes(desk),
            *control.keys.routes(desk),
            *control.symbols.routes(desk),
            *control.snapshots.routes(desk, schedule),
            *control.faults.routes(self.faults),
        ]
        return control_application(routes, self.control_token)

    def _keyring(self, settings: Settings) -> Keyring:
        """The keys of the configuration and of the log, without those that were revoked."""
        keyring = (settings.configuration or Configuration()).keyring()
        keys = self.projections.keys
        for key in keys.registered:
            keyring.add(registered(key))
        for api_key in keys.revoked:
            keyring.revoke(api_key)
        return keyring

    @asynccontextmanager
    async def _trading(self, settings: Settings) -> AsyncIterator[None]:
        market = self._market(settings)
        if market is None:
            yield
            return
        trading = asyncio.ensure_future(market)
        # Its first step refuses what cannot be played: a recording that is none, a symbol that is not listed.
        await asyncio.sleep(0)
        if trading.done():
            trading.result()
        trading.add_done_callback(self._market_ended)
        try:
            yield
        finally:
            trading.cancel()
            await asyncio.wait([trading])

    def _market(self, settings: Settings) -> Coroutine[Any, Any, None] | None:
        kind, _, files = settings.market.partition(":")
        rules, timer, speed = self.engine.rules, LoopTimer(), settings.speed
        if settings.market == "none":
            return None
        if settings.market == "synthetic":
            symbols = [symbol for symbol in CALIBRATIONS if rules(symbol) is not None]
            return run_synthetic(symbols, self.sequencer, rules, random=Random(settings.seed), timer=timer, speed=speed)
        if kind == "recorded" and files:
            paths = [Path(file) for file in files.split(",")]
            return run_recorded(paths, self.sequencer, rules, timer=timer, speed=speed)
        raise ConfigurationInvalid(
            f"there is no market {settings.market!r}: say none, synthetic, or recorded:FILE[,FILE]"
        )

    def _market_ended(self, trading: "asyncio.Future[None]") -> None:
        if not trading.cancelled() and not self.failed.is_set() and (error := trading.exception()) is not None:
            reasons = list(_leaves(error))
            # A recording that cannot be read on is the user's affair, and said in a line; all else is a fault here.
            expected = all(isinstance(each, (RecordingError, DepthGap, OSError)) for each in reasons)
            _logger.error(
                "the market has stopped and withdrawn its orders; the exchange goes on without it",
                reason="; ".join(map(str, reasons)),
                exc_info=None if expected else error,
            )

    @asynccontextmanager
    async def _snapshots(
        self, log: CommandLog, state: State, settings: Settings
    ) -> AsyncIterator[SnapshotSchedule | None]:
        if settings.data_dir is None:
            yield None
            return
        schedule = SnapshotSchedule(log, state, settings.snapshot_every, _snapshot_failed)
        self.sequencer.listen(schedule.passed)
        self.sequencer.after_batch(schedule.batch_ended)
        yield schedule
        # After a failure the engine may be ahead of what is durable: what it knows must not be kept.
        if not self.failed.is_set():
            await schedule.finish()

    async def _bring_in(self, settings: Settings) -> None:
        """Submit what the configuration has and the exchange has not. Raises `ConfigurationInvalid`.

        All of it is one append, so a crash leaves all of it or nothing.
        """
        commands = list(self._missing(settings))
        if len(commands) > BATCH_MAX:
            raise ConfigurationInvalid(
                f"the configuration takes {len(commands)} commands; at most {BATCH_MAX} are possible: leave some out"
            )
        outcomes = await asyncio.gather(*map(self.sequencer.execute, commands))
        for command, outcome in zip(commands, outcomes, strict=True):
            for event in outcome.events:
                if isinstance(event, CommandRejected):
                    raise ConfigurationInvalid(f"the exchange refuses {command}: {event.reason} {event.detail}")

    def _missing(self, settings: Settings) -> Iterator[Command]:
        configuration = settings.configuration
        if configuration is None and not self.engine.venue.markets:
            configuration = Configuration()
        if configuration is not None:
            yield from configuration.commands(self.engine)
        if settings.market != "none":
            assets = self.projections.symbols.assets()
            if configuration is not None:
                assets |= {asset for symbol in configuration.symbols for asset in (symbol.base, symbol.quote)}
            yield from self._market_accounts(assets)
        if MAKER in self.engine.venue.accounts:
            # The market's orders do not outlive its process: nobody would move them any more.
            for symbol in self.engine.venue.markets:
                if self.projections.orders.open_count(MAKER, symbol):
                    yield CancelOpenOrders(account=MAKER, symbol=symbol, cancel_id="market-is-over")

    def _market_accounts(self, assets: Iterable[str]) -> Iterator[Command]:
        """What opens the market's accounts, or funds them with an asset that is new."""
        accounts = self.engine.venue.accounts
        for command in opening(sorted(assets)):
            if isinstance(command, OpenAccount) and command.account not in accounts:
                yield command
            elif isinstance(command, Deposit):
                account = accounts.get(command.account)
                if account is None or command.asset not in account.holdings:
                    yield command

    def _fail(self, failure: Exception) -> None:
        self.failure = failure
        self.failed.set()
        _logger.error("halted", reason=str(failure), notes=getattr(failure, "__notes__", []))


def _warn_of_time(ahead_us: int) -> None:
    if ahead_us > 0:
        _logger.warning(
            "the log's newest record is from the future: the machine's clock was ahead then, or is behind now. Until "
            "it has caught up, every new record gets that record's time",
            ahead_s=ahead_us / 1e6,
        )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors of a group, or the one that is none."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _snapshot_failed(error: OSError) -> None:
    _logger.warning("snapshot not written: the next start takes longer", reason=str(error))
