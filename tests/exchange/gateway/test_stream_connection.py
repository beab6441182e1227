"""The market streams over a real socket, seen by a client that others wrote."""

import asyncio
import json

import msgspec
import pytest
import websockets
from picows import WSListener, WSMsgType, ws_connect

from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.gateway.stream_connection import MESSAGES_PER_S_MAX
from pitwire.exchange.messages import CancelOpenOrders, ListSymbol, PlaceOrder
from pitwire.market.enums import OrderType, Side
from pitwire.testing.virtual_time import VirtualTime, virtual_time
from tests.exchange.gateway.venue import RULES, Peer, open_venue, units

ALICE, BOB = 1, 2


async def command(peer: Peer, method: str, params: list | None = None, answer_id: object = 1) -> object:
    request = {"method": method, "id": answer_id} | ({} if params is None else {"params": params})
    await peer.socket.send(json.dumps(request))
    return await peer.receive()


async def test_a_trade_comes_in_real_time_raw_and_combined_and_in_either_unit(venue):
    name = "btcusdt@trade"
    async with (
        venue.streams(f"/ws/{name}") as raw,
        venue.streams(f"/stream?streams={name}") as combined,
        venue.streams(f"/ws/{name}?timeUnit=MICROSECOND") as fine,
    ):
        await venue.place(ALICE, "BUY", "50000", "0.5")
        await venue.place(BOB, "SELL", "50000", "0.2")
        event = await raw.receive()
        assert event == {
            "e": "trade",
            "E": venue.clock.now_us() // 1000,
            "s": "BTCUSDT",
            "t": 1,
            "p": "50000.00000000",
            "q": "0.20000000",
            "T": venue.clock.now_us() // 1000,
            "m": True,
            "M": True,
        }
        assert await combined.receive() == {"stream": name, "data": event}
        now_us = venue.clock.now_us()
        assert await fine.receive() == {**event, "E": now_us, "T": now_us}


async def test_a_book_ticker_comes_whenever_the_best_of_a_side_changes(venue):
    async with venue.streams("/ws/btcusdt@bookTicker") as peer:
        await venue.place(ALICE, "BUY", "50000", "0.5")
        await venue.place(ALICE, "BUY", "49999", "0.5")  # not the best
        await venue.place(BOB, "SELL", "50001", "1")
        first, second = await peer.receive(), await peer.receive()
        zero = "0.00000000"
        assert first == {"u": 1, "s": "BTCUSDT", "b": "50000.00000000", "B": "0.50000000", "a": zero, "A": zero}
        assert second == {**first, "u": 3, "a": "50001.00000000", "A": "1.00000000"}


@pytest.mark.parametrize(
    ("name", "seconds"), [("btcusdt@depth@100ms", 0.1), ("btcusdt@depth", 1), ("btcusdt@depth@1000ms", 1)]
)
async def test_depth_diffs_follow_on_each_other_and_on_a_snapshot(venue, name, seconds):
    async with venue.streams(f"/ws/{name}") as peer, venue.connect() as api:
        await venue.place(ALICE, "BUY", "50000", "0.5")
        await venue.place(ALICE, "BUY", "50000", "0.25")
        await venue.place(BOB, "SELL", "50001", "1")
        venue.clock.turn(seconds)
        assert await peer.receive() == {
            "e": "depthUpdate",
            "E": venue.clock.now_us() // 1000,
            "s": "BTCUSDT",
            "U": 1,
            "u": 3,
            "b": [["50000.00000000", "0.75000000"]],
            "a": [["50001.00000000", "1.00000000"]],
        }
        snapshot = (await api.call("depth", {"symbol": "BTCUSDT"}))["result"]
        assert snapshot["lastUpdateId"] == 3
        venue.clock.turn(seconds)  # nothing changed: nothing is told
        await venue.sequencer.execute(CancelOpenOrders(account=ALICE, symbol="BTCUSDT", cancel_id="c"))
        venue.clock.turn(seconds)
        event = await peer.receive()
        assert event["U"] == 4
        assert event["b"] == [["50000.00000000", "0.00000000"]]
        snapshot = (await api.call("depth", {"symbol": "BTCUSDT"}))["result"]
        assert event["u"] == snapshot["lastUpdateId"]


@pytest.mark.parametrize("levels", [5, 10, 20])
async def test_a_partial_depth_has_the_best_levels(venue, levels):
    async with venue.streams(f"/ws/btcusdt@depth{levels}@100ms") as peer:
        for number in range(levels + 2):
            await venue.place(ALICE, "BUY", str(50000 - number), "0.5")
        venue.clock.turn(0.1)
        event = await peer.receive()
        assert event["lastUpdateId"] == levels + 2
        assert [float(price) for price, _ in event["bids"]] == [50000 - number for number in range(levels)]
        assert event["asks"] == []
        venue.clock.turn(0.1)
        assert await peer.receive() == event  # pushed every time (web-socket-streams.md, Partial Book Depth Streams)


async def test_streams_are_subscribed_to_and_from_and_listed(venue):
    async with venue.streams("/ws") as peer:
        assert await command(peer, "SUBSCRIBE", ["btcusdt@trade", "btcusdt@nonsense", "XRPXRP@trade"]) == {
            "result": None,
            "id": 1,
        }
        assert (await command(peer, "LIST_SUBSCRIPTIONS"))["result"] == [
            "btcusdt@trade",
            "btcusdt@nonsense",
            "XRPXRP@trade",
        ]
        await venue.place(ALICE, "BUY", "50000", "0.5")
        await venue.place(BOB, "SELL", "50000", "0.2")
        assert (await peer.receive())["e"] == "trade"
        await command(peer, "UNSUBSCRIBE", ["btcusdt@trade"])
        await venue.place(BOB, "SELL", "50000", "0.2")
        assert (await command(peer, "GET_PROPERTY", ["combined"]))["result"] is False


async def test_the_envelope_can_be_put_on_and_taken_off(venue):
    async with venue.streams("/ws/btcusdt@trade") as peer:
        await venue.place(ALICE, "BUY", "50000", "0.5")
        await command(peer, "SET_PROPERTY", ["combined", True])
        await venue.place(BOB, "SELL", "50000", "0.1")
        assert (await peer.receive())["stream"] == "btcusdt@trade"
        await command(peer, "SET_PROPERTY", ["combined", False])
        await venue.place(BOB, "SELL", "50000", "0.1")
        assert (await peer.receive())["e"] == "trade"


async def test_a_mistake_is_answered_and_the_connection_lives(venue):
    async with venue.streams("/ws") as peer:
        await peer.socket.send("no json")
        error = {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 5"}
        assert await peer.receive() == {"error": error}
        assert (await command(peer, "LIST_SUBSCRIPTIONS"))["result"] == []


async def test_a_symbol_that_is_listed_later_is_told_of_from_then_on(venue):
    async with venue.streams("/ws/newusdt@bookTicker") as peer:
        await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, symbol="NEWUSDT")))
        order = PlaceOrder(
            account=ALICE,
            symbol="NEWUSDT",
            side=Side.BUY,
            type=OrderType.LIMIT,
            client_order_id="x",
            price=units("50000"),
            quantity=units("1"),
        )
        await venue.sequencer.execute(order)
        assert (await peer.receive())["s"] == "NEWUSDT"


@pytest.mark.parametrize("kind", ["command", "ping", "pong"])
async def test_more_than_five_messages_in_a_second_end_the_connection(kind):
    async with open_venue(limits=True) as venue, venue.streams("/ws") as peer:
        send = {
            "command": lambda: peer.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}'),
            "ping": peer.socket.ping,
            "pong": peer.socket.pong,
        }[kind]
        for _ in range(2):
            venue.clock.turn(1)
            for _ in range(MESSAGES_PER_S_MAX - 1):
                await send()
            answered = await peer.socket.ping()
            await asyncio.wait_for(answered, 5)
        await send()
        await asyncio.wait_for(peer.socket.wait_closed(), 5)
        assert (peer.socket.close_code, peer.socket.close_reason) == (1008, "more than 5 messages in a second")


async def test_streams_cost_no_request_weight_to_connect_to(venue):
    async with venue.streams("/ws/btcusdt@trade"), venue.connect() as api:
        answer = await api.call("ping")
        assert answer["rateLimits"][0]["count"] == 3  # the API connection's 2, and the ping


@pytest.mark.parametrize(("target", "combined"), [("/ws/btcusdt@trade", False), ("/stream", True)])
async def test_a_shutdown_is_announced_in_the_connections_form(target, combined):
    async with open_venue() as venue, venue.streams(target) as peer:
        stopping = asyncio.ensure_future(venue.gateway.stop())
        event = {"e": "serverShutdown", "E": venue.clock.now_us() // 1000}
        assert await peer.receive() == ({"stream": "!serverShutdown", "data": event} if combined else event)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await peer.receive()
        assert closed.value.rcvd.code == 1001
        await stopping


async def test_a_connection_ends_after_24_hours_and_is_pinged_every_20_seconds(venue):
    async with venue.streams("/ws") as peer:
        venue.clock.turn(24 * 3600)
        venue.gateway._tick()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await peer.receive()
        assert closed.value.rcvd.reason == "open for 24 hours"


class Hearer(WSListener):
    """A client that keeps what it hears, and answers pings."""

    def __init__(self) -> None:
        self.heard = []

    def on_ws_connected(self, transport):
        self.transport = transport

    def on_ws_frame(self, transport, frame):
        if frame.msg_type is WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.TEXT:
            self.heard.append(json.loads(frame.get_payload_as_bytes()))


async def test_a_daily_candle_closes_in_virtual_time():
    clock = VirtualTime(1_700_049_600_000_000_000)
    with virtual_time(asyncio.get_running_loop(), clock):
        async with Exchange.start(Settings(ws_port=0, http_port=0), clock) as exchange:
            base_url = exchange.ws_url.removesuffix("/ws-api/v3")
            _, hearer = await ws_connect(Hearer, f"{base_url}/ws/btcusdt@kline_1d")
            for account, side in ((ALICE, Side.BUY), (BOB, Side.SELL)):
                order = PlaceOrder(
                    account=account,
                    symbol="BTCUSDT",
                    side=side,
                    type=OrderType.LIMIT,
                    client_order_id=side,
                    price=units("50000"),
                    quantity=units("1"),
                )
                await exchange.sequencer.execute(order)
            await clock.advance(days=0.9)
            hearer.transport.disconnect()
        day_ms = 86_400_000
        closed = [each["k"] for each in hearer.heard if each["k"]["x"]]
        assert [(each["t"] % day_ms, each["T"] % day_ms, each["n"]) for each in closed] == [(0, day_ms - 1, 1)]
        assert len(hearer.heard) == 2
