import gzip
import json
from random import Random

import pytest

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
    """Stops a market after some commands."""

    def __init__(self, commands_max):
        self.left = commands_max
        super().__init__()
        self.left = commands_max
        self.ids = []

    def submit(self, command):
        if isinstance(command, PlaceOrder):
            self.ids.append(command.client_order_id)
        return super().submit(command)

    async def execute(self, command):
        self.left -= 1
        if self.left <= 0:
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
    assert exchange.best("BTCUSDT", Side.BUY) < exchange.best("BTCUSDT", Side.SELL)


async def test_a_symbol_without_calibration_has_no_synthetic_market():
    exchange = DirectExchange()
    with pytest.raises((UnknownSymbol, NotTraded), match="DOGEUSDT"):
        await run_synthetic(["DOGEUSDT"], exchange, exchange.engine.rules, random=Random(1), timer=FakeTimer())
