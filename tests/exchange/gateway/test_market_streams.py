"""Who is told what, how often it is encoded, and what those who do not read do to those who do."""

import asyncio
import json
import socket

import structlog

from pitwire.exchange.gateway.market_streams import MarketStreams, envelope
from pitwire.exchange.gateway.stream_connection import STREAM_UNREAD_BYTES_MAX
from pitwire.exchange.messages import LevelChanged, Outcome, Record, SymbolListed, Tick
from pitwire.exchange.projections.feeds.base import Feed
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import Side, TimeUnit
from tests.exchange.gateway.venue import RULES, TurnedClock

MIDNIGHT_US = 1_700_006_400_000_000


class Listener:
    """Keeps what it is told, without the frame around it."""

    def __init__(self, unit: TimeUnit = TimeUnit.MILLISECOND, *, combined: bool = False) -> None:
        self.envelope = envelope(unit, combined=combined)
        self.frames: list[bytes] = []

    def queue(self, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def told(self) -> list:
        return [json.loads(frame[frame.index(b"{") :]) for frame in self.frames]


class Echoes(Feed):
    """Tells each update id that it has seen, in the unit that is asked for."""

    observes = (LevelChanged,)

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.fresh: list[bool] = []
        self.encoded = 0

    def observe(self, event, time_us):
        self.seen.append(event.update_id)

    def take(self, now_us, *, fresh):
        self.fresh.append(fresh)
        seen, self.seen = self.seen, []

        def content(unit):
            self.encoded += 1
            return {"seen": seen, "unit": unit}

        return (content,) if seen else ()


class Collects(Echoes):
    """Has nothing to tell before something happens, or a time has come."""

    later_us: int | None = None

    def due_us(self, now_us):
        return now_us if self.seen else self.later_us


class Listening:
    """Streams whose feeds are `Echoes`, over a clock that the test turns."""

    def __init__(self, listed: tuple[str, ...] = ("BTCUSDT",), kind: type[Echoes] = Echoes) -> None:
        self.kind = kind
        self.listed = set(listed)
        self.feeds: dict[str, Echoes] = {}
        self.flushed = asyncio.Event()
        self.clock = TurnedClock()
        self.streams = MarketStreams(self.open, self.clock, self.flush)

    def open(self, stream):
        if stream.symbol.upper() not in self.listed:
            raise UnknownSymbol(stream.symbol)
        feed = self.feeds[stream.name] = self.kind()
        return feed

    def flush(self) -> None:
        self.flushed.set()

    def happens(self, *events) -> None:
        self.streams.publish(Outcome(Record(1, MIDNIGHT_US, Tick()), events))


def changed(update_id: int, symbol: str = "BTCUSDT") -> LevelChanged:
    return LevelChanged(symbol=symbol, side=Side.BUY, price=1, quantity=1, update_id=update_id)


async def test_a_payload_is_encoded_once_for_each_unit_and_envelope():
    listening = Listening()
    name = "btcusdt@bookTicker"
    forms = [(unit, combined) for unit in TimeUnit for combined in (False, True)]
    listeners = [Listener(unit, combined=combined) for unit, combined in forms for _ in range(50)]
    for listener in listeners:
        listening.streams.add(name, listener)
    listening.happens(changed(7))
    assert listening.feeds[name].encoded == len(forms)
    for listener, (unit, combined) in zip(listeners[::50], forms, strict=True):
        payload = {"seen": [7], "unit": unit}
        assert listener.told == [{"stream": name, "data": payload} if combined else payload]
    assert len({id(listener.frames[0]) for listener in listeners}) == len(forms)


async def test_only_what_is_listened_to_is_looked_at():
    listening = Listening()
    listener = Listener()
    listening.streams.add("btcusdt@bookTicker", listener)
    listening.happens(changed(1, "ETHUSDT"))
    listening.happens(changed(2))
    listening.streams.remove("btcusdt@bookTicker", listener)
    listening.happens(changed(3))
    assert [each["seen"] for each in listener.told] == [[2]]
    assert listening.feeds["btcusdt@bookTicker"].fresh == [True]


async def test_what_is_told_at_intervals_is_told_at_their_multiples():
    listening = Listening()
    fast, slow = Listener(), Listener()
    listening.streams.add("btcusdt@depth@100ms", fast)
    listening.streams.add("btcusdt@depth", slow)
    now_us = (listening.clock.now_us() // 1_000_000 + 1) * 1_000_000
    for number in range(1, 21):
        listening.happens(changed(number))
        listening.streams.tick(now_us + number * 50_000)
    assert [each["seen"] for each in fast.told] == [[1], [2], *([number, number + 1] for number in range(3, 20, 2))]
    assert [each["seen"] for each in slow.told] == [[1], list(range(2, 21))]
    listening.streams.stop()


async def test_the_timer_runs_while_somebody_listens_at_intervals():
    listening = Listening()
    listener = Listener()
    listening.streams.add("btcusdt@bookTicker", listener)
    assert listening.streams.next_tick_us() is None
    listening.streams.add("btcusdt@depth", listener)
    now_us = listening.clock.now_us()
    assert listening.streams.next_tick_us() == now_us // 1_000_000 * 1_000_000 + 1_000_000
    listening.streams.add("btcusdt@depth@100ms", listener)
    assert listening.streams.next_tick_us() == now_us // 100_000 * 100_000 + 100_000
    listening.happens(changed(1))
    listening.clock.turn(0.1)
    listening.flushed.clear()
    await asyncio.wait_for(listening.flushed.wait(), 5)
    assert [each["seen"] for each in listener.told] == [[1], [1]]
    listening.streams.remove("btcusdt@depth", listener)
    listening.streams.remove("btcusdt@depth@100ms", listener)
    assert listening.streams.next_tick_us() is None


async def test_the_timer_is_not_set_while_nothing_can_be_told():
    listening = Listening(kind=Collects)
    name = "btcusdt@depth@100ms"
    listening.streams.add(name, Listener())
    now_us = listening.clock.now_us()
    turn_us = now_us // 100_000 * 100_000 + 100_000
    assert listening.streams.next_tick_us() == turn_us  # somebody has begun to listen
    listening.streams.tick(turn_us)
    assert listening.streams.next_tick_us() is None
    listening.happens(changed(1))
    assert listening.streams.next_tick_us() == turn_us
    listening.streams.tick(turn_us + 100_000)
    listening.feeds[name].later_us = turn_us + 10**9 + 1
    assert listening.streams.next_tick_us() == turn_us + 10**9 + 100_000
    listening.streams.stop()


async def test_a_timer_that_is_set_for_later_is_set_anew_when_something_happens():
    listening = Listening(kind=Collects)
    listener = Listener()
    listening.streams.add("btcusdt@depth@100ms", listener)
    listening.clock.turn(0.1)
    await asyncio.wait_for(listening.flushed.wait(), 5)  # now the timer has nothing to wait for
    listening.happens(changed(1))
    listening.clock.turn(0.1)
    listening.flushed.clear()
    await asyncio.wait_for(listening.flushed.wait(), 5)
    assert [each["seen"] for each in listener.told] == [[1]]
    listening.streams.stop()


async def test_who_begins_to_listen_is_known_to_the_feed():
    listening = Listening()
    name = "btcusdt@depth@100ms"
    listening.streams.add(name, Listener())
    now_us = listening.clock.now_us()
    for number in range(1, 4):
        if number == 3:
            listening.streams.add(name, Listener())
        listening.streams.tick(now_us + number * 100_000)
    assert listening.feeds[name].fresh == [True, False, True]
    listening.streams.stop()


async def test_a_stream_of_a_symbol_that_is_not_listed_begins_when_it_is():
    listening = Listening(listed=())
    listener = Listener()
    listening.streams.add("btcusdt@bookTicker", listener)
    listening.streams.add("ethusdt@bookTicker", listener)
    listening.happens(changed(1))
    listening.listed.add("BTCUSDT")
    listening.happens(SymbolListed(rules=RULES), changed(2))
    assert [each["seen"] for each in listener.told] == [[2]]
    listening.streams.remove("btcusdt@bookTicker", listener)
    listening.streams.remove("ethusdt@bookTicker", listener)
    listening.happens(SymbolListed(rules=RULES), changed(3))
    assert len(listener.told) == 1


async def test_a_stream_that_fails_is_logged_and_the_others_go_on(monkeypatch):
    listening = Listening()
    broken, sound = Listener(), Listener()
    listening.streams.add("btcusdt@depth5@100ms", broken)
    listening.streams.add("btcusdt@depth@100ms", sound)
    listening.happens(changed(1))
    monkeypatch.setattr(listening.feeds["btcusdt@depth5@100ms"], "take", lambda now_us, fresh: 1 / 0)
    with structlog.testing.capture_logs() as logs:
        listening.streams.tick(listening.clock.now_us() + 100_000)
    assert [(each["event"], each["stream"]) for each in logs] == [("a stream failed", "btcusdt@depth5@100ms")]
    assert [each["seen"] for each in sound.told] == [[1]]
    listening.streams.stop()


async def test_what_is_no_stream_opens_nothing():
    listening = Listening()
    listening.streams.add("btcusdt@nonsense", Listener())
    listening.happens(changed(1))
    assert listening.feeds == {}


async def test_a_listener_that_does_not_read_is_cut_off_and_the_others_get_everything(venue):
    name = "btcusdt@depth20@100ms"
    async with venue.streams(f"/ws/{name}") as reader:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        port = int(venue.base_url.rpartition(":")[2])
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, ("127.0.0.1", port))
        handshake = (
            f"GET /ws/{name} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await loop.sock_sendall(slow, handshake.encode())
        assert b"101" in await loop.sock_recv(slow, 64)
        for number in range(20):
            await venue.place(1, "BUY", str(50000 - number), "0.01")
            await venue.place(1, "SELL", str(50001 + number), "0.01")
        with structlog.testing.capture_logs() as logs:
            now_us, ticks = venue.clock.now_us(), 0
            while not any(each["event"] == "slow reader cut off" for each in logs):
                ticks += 1
                assert ticks < 10_000
                venue.gateway.market_streams.tick(now_us + ticks * 100_000)
                assert len((await reader.receive())["bids"]) == 20
        assert [each["unread_bytes_max"] for each in logs] == [STREAM_UNREAD_BYTES_MAX]
        slow.close()
