import gzip
import json
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from pitwire.exchange.defaults import SYMBOLS
from pitwire.exchange.messages import PlaceOrder
from pitwire.exchange.participants.markets import NotTraded, run_recorded, run_synthetic
from pitwire.exchange.participants.synthetic import UnknownSymbol
from pitwire.market.enums import Side
from pitwire.recording.reader import RecordingError
from tests.exchange.participants.direct import DirectExchange, FakeTimer


def recording(folder, symbol="BTCUSDT"):
    """A snapshot, then a trade, 50 ms apart."""
    stream = symbol.lower()
    lines = [
        {"stream": f"{stream}@bookTicker", "data": {"u": 1, "s": symbol, "b": "9", "B": "1", "a": "11", "A": "1"}},
        {"lastUpdateId": 5, "bids": [["10.00", "1.00"]], "asks": [["11.00", "1.00"]]},
        {
            "stream": f"{stream}@trade",
            "data": {"s": symbol, "t": 1, "p": "10.00", "q": "0.25", "T": 50, "m": True},
        },
    ]
    path = folder / f"{symbol}.gz"
    path.write_bytes(
        gzip.compress("".join(f"{n * 50_000_000} {json.dumps(x)}\n" for n, x in enumerate(lines)).encode())
    )
    return path


class Enough(Exception):
    """The test has seen what it wanted."""


class Watched(DirectExchange):
    """Stops a market after some commands, and has seen its best prices then."""

    def __init__(self, commands_max):
        self.left = commands_max
        super().__init__()
        self.left = commands_max
        self.ids = []
        self.seen = []

    def submit(self, command):
        if isinstance(command, PlaceOrder):
            self.ids.append(command.client_order_id)
        return super().submit(command)

    async def execute(self, command):
        self.left -= 1
        if self.left <= 0:
            self.seen = self.seen or [self.best("BTCUSDT", side) for side in Side]
            raise Enough
        return await super().execute(command)


async def test_without_repeat_it_returns_when_the_recordings_have_ended(tmp_path):
    exchange, timer = DirectExchange(), FakeTimer()
    paths = [recording(tmp_path), recording(tmp_path, "ETHUSDT")]
    await run_recorded(paths, exchange, exchange.engine.rules, timer=timer, repeat=False)
    assert [(trade.symbol, trade.quantity) for trade in exchange.trades] == [
        ("BTCUSDT", 25_000_000),
        ("ETHUSDT", 25_000_000),
    ]
    assert exchange.best("BTCUSDT", Side.BUY) == (10 * 10**8, 75_000_000)


async def test_a_recording_repeats_from_its_snapshot_with_new_order_ids(tmp_path):
    exchange = Watched(commands_max=40)
    with pytest.raises(ExceptionGroup) as raised:
        await run_recorded([recording(tmp_path)], exchange, exchange.engine.rules, timer=FakeTimer())
    assert raised.group_contains(Enough)
    assert len(exchange.trades) > 10
    assert len(set(exchange.ids)) == len(exchange.ids)


@pytest.mark.parametrize(
    ("symbols", "reason"),
    [(["BTCUSDT", "BTCUSDT"], "two recordings of one symbol"), (["DOGEUSDT"], "DOGEUSDT is not listed")],
)
async def test_what_cannot_be_traded_is_refused_before_anything_is_played(tmp_path, symbols, reason):
    exchange = DirectExchange()
    before = exchange.commands
    paths = [recording(tmp_path, symbol) for symbol in symbols]
    with pytest.raises(NotTraded, match=reason):
        await run_recorded(paths, exchange, exchange.engine.rules, timer=FakeTimer())
    assert exchange.commands == before


def rules_with(exchange, **terms):
    """The exchange's rules, but for BTCUSDT's."""
    changed = replace(SYMBOLS[0], **{name: Decimal(value) for name, value in terms.items()}).rules()
    return lambda symbol: changed if symbol == "BTCUSDT" else exchange.engine.rules(symbol)


async def test_a_recording_of_finer_prices_than_the_symbol_s_tick_size_is_refused(tmp_path):
    exchange = DirectExchange()
    before = exchange.commands
    says = "BTCUSDT is listed with the tick size 2, and the recording's is 1: list it with 1, or choose another market"
    with pytest.raises(NotTraded, match=says):
        await run_recorded(
            [recording(tmp_path)], exchange, rules_with(exchange, tick_size="2"), timer=FakeTimer(), repeat=False
        )
    assert exchange.commands == before
    await run_recorded(
        [recording(tmp_path)], exchange, rules_with(exchange, tick_size="0.5"), timer=FakeTimer(), repeat=False
    )
    assert exchange.trades


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"tick_size": "0.1"}, "the tick size 0.1, and the synthetic market's is 0.01"),
        ({"step_size": "0.001"}, "the step size 0.001, and the synthetic market's is 0.00001"),
    ],
)
async def test_a_synthetic_market_of_finer_ticks_or_steps_than_the_symbol_s_is_refused(terms, says):
    exchange = DirectExchange()
    before = exchange.commands
    with pytest.raises(NotTraded, match=says):
        await run_synthetic(["BTCUSDT"], exchange, rules_with(exchange, **terms), random=Random(1), timer=FakeTimer())
    assert exchange.commands == before


async def test_a_market_that_ends_by_an_error_takes_its_orders_out_of_the_book(tmp_path):
    exchange = DirectExchange()
    damaged = recording(tmp_path)
    damaged.write_bytes(damaged.read_bytes() + gzip.compress(b"no recording"))
    paths = [damaged, recording(tmp_path, "ETHUSDT")]
    with pytest.raises(ExceptionGroup) as raised:
        await run_recorded(paths, exchange, exchange.engine.rules, timer=FakeTimer(), repeat=False)
    assert raised.group_contains(RecordingError, match="line 4")
    assert not any(exchange.levels.values())


async def test_a_damaged_recording_is_refused_before_anything_is_played(tmp_path):
    exchange = DirectExchange()
    path = tmp_path / "bad.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(RecordingError, match=r"bad\.gz, line 1"):
        await run_recorded([path], exchange, exchange.engine.rules, timer=FakeTimer())


async def test_synthetic_markets_run_side_by_side_without_end():
    exchange = Watched(commands_max=200)
    with pytest.raises(ExceptionGroup) as raised:
        await run_synthetic(
            ["BTCUSDT", "ETHBTC"], exchange, exchange.engine.rules, random=Random(1), timer=FakeTimer(), speed=0
        )
    assert raised.group_contains(Enough)
    bid, ask = exchange.seen
    assert bid < ask


async def test_a_symbol_without_calibration_has_no_synthetic_market():
    exchange = DirectExchange()
    with pytest.raises((UnknownSymbol, NotTraded), match="DOGEUSDT"):
        await run_synthetic(["DOGEUSDT"], exchange, exchange.engine.rules, random=Random(1), timer=FakeTimer())
