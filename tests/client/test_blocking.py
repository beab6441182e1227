"""The client for scripts, against an exchange in a process of its own thread, as a script has it."""

import asyncio
import inspect
import queue
import threading
import urllib.request
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal

import pytest

import pitwire
import pitwire.metrics
from pitwire.client.blocking import THREAD_NAME, connect_blocking
from pitwire.client.blocking_methods import BlockingMethods
from pitwire.client.history.history import History
from pitwire.client.methods import Methods
from pitwire.metrics.rules import Alert, Rule
from pitwire.metrics.snapshot import ClientSnapshot
from pitwire.protocol.events import ExecutionReport
from tests.exchange.gateway.venue import key_of, open_venue
from tools import generate_methods


@contextmanager
def exchange():
    """The URL of an exchange whose event loop is not the test's."""
    ready, stop, found = threading.Event(), threading.Event(), []

    async def serve():
        async with open_venue() as venue:
            found.append(venue.url)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def url():
    with exchange() as url:
        yield url


def alice():
    key = key_of("alice")
    return pitwire.Key.ed25519(key.api_key, key.private_key_pem)


ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": "0.01",
    "price": "40000",
}


def test_a_script_places_an_order_and_hears_of_it(url):
    with connect_blocking(url, key=alice()) as client:
        events = client.user_data(timeout_s=10)
        order = client.order_place(**ORDER)
        report = next(each for each in events if isinstance(each, ExecutionReport))
        assert (report.order_id, report.status) == (order.order_id, "NEW")
        assert client.order_status(symbol="BTCUSDT", order_id=order.order_id).status == "NEW"
        assert client.order_cancel(symbol="BTCUSDT", order_id=order.order_id).status == "CANCELED"
        assert client.is_connected
        assert client.symbol("BTCUSDT").round_quantity("0.123456") == Decimal("0.12345")
        client.rotate()
        client.wait_connected()
    assert not client.is_connected
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}


def test_the_iteration_ends_when_nothing_came_for_so_long(url):
    with connect_blocking(url, key=alice()) as client:
        assert list(client.user_data(timeout_s=0.01)) == []


def test_what_is_only_there_for_async_runs_in_the_clients_own_loop(url):
    with connect_blocking(url) as client:
        history = History(client.asynchronous)
        assert client.run(history.trades("BTCUSDT", start=0)) == []
        assert list(client.iterate(history.kline_pages("BTCUSDT", "1m", start=0))) == []


def test_it_has_the_names_of_the_asynchronous_client_but_for_what_only_a_loop_can_use():
    of_its_parts = {"attempt", "before_write", "charge", "record", "recover_gap", "takes_over"}
    of_its_parts |= {name for name in dir(pitwire.Client) if name.startswith("on_")}
    names = {name for name in dir(pitwire.Client) if not name.startswith("_")} - of_its_parts
    assert names <= set(dir(pitwire.BlockingClient))


def test_what_is_measured_is_told_to_any_thread_and_to_prometheus(url):
    with connect_blocking(url, return_rate_limits=True) as client:
        client.ping()
        assert client.metrics.snapshot().requests["ping"].count == 1
        assert client.in_flight == 0
        assert {limit.rate_limit_type for limit in client.rate_limits} == {"REQUEST_WEIGHT"}
        assert client.recover() == ()
        with pitwire.metrics.serve(client, 0) as server:
            text = urllib.request.urlopen(server.url, timeout=20).read().decode()
    assert 'pitwire_client_request_seconds_count{client="main",method="ping"} 1.0' in text


def test_a_script_s_own_rest_calls_count_within_the_clients_limits(url):
    with connect_blocking(url, key=alice(), deadline_s=0.2, limits=pitwire.Limits()) as client:
        client.limits.admit(weight=60, orders=1)
        used = {limit.type: limit.used for limit in client.metrics.snapshot().limits}
        assert used["REQUEST_WEIGHT"] >= 60
        client.limits.learn({"Retry-After": "60"}, 429)
        with pytest.raises(pitwire.LimitReached):
            client.ping()
        with pytest.raises(pitwire.LimitReached):
            client.limits.admit(weight=1, within_s=0)


def test_alerts_are_told_while_their_context_lasts(url):
    told: queue.Queue[Alert] = queue.Queue()
    with connect_blocking(url) as client:
        client.ping()
        with client.metrics.alerts(told.put, [Requests()], every_s=0.01) as alerts:
            assert told.get(timeout=10).is_firing
            assert alerts.firing == ("requests",)


class Requests(Rule):
    """Fires once there was a ping."""

    def __init__(self) -> None:
        super().__init__("requests", "pings", 0)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        return snapshot.requests["ping"].count


def test_market_streams_and_history_that_goes_on_live_are_iterated_over(url):
    with connect_blocking(url) as client, client.entered(pitwire.streams(url)) as streams:
        history = pitwire.History(client.asynchronous)
        rows = client.iterate(history.follow_trades("BTCUSDT", streams, start=0), timeout_s=0.2)
        assert list(rows) == []
        assert list(client.iterate(streams.subscribe("btcusdt@trade"), timeout_s=0.05)) == []


def test_what_is_raised_within_is_told_to_what_was_entered(url):
    left = []

    @asynccontextmanager
    async def context():
        try:
            yield 5
        except LookupError as error:
            left.append(error)

    with connect_blocking(url) as client:
        with client.entered(context()) as entered:
            assert entered == 5
            raise LookupError
        with pytest.raises(ZeroDivisionError), client.entered(context()):
            raise ZeroDivisionError
    assert len(left) == 1


def test_errors_are_those_of_the_asynchronous_client(url):
    with connect_blocking(url, key=alice()) as client:
        with pytest.raises(pitwire.NoSuchOrder):
            client.order_status(symbol="BTCUSDT", order_id=999)
        with pytest.raises(TypeError, match="float"):
            client.order_place(**{**ORDER, "price": 0.1})


def test_what_cannot_connect_says_so_and_leaves_no_thread():
    with pytest.raises(pitwire.NotSent, match="cannot connect"), connect_blocking("ws://127.0.0.1:1/ws-api/v3"):
        pass
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}


def test_a_call_outside_of_with_says_what_to_do():
    client = connect_blocking("local")
    with pytest.raises(RuntimeError, match="use it in `with`"):
        client.ping()


async def test_it_works_where_another_event_loop_runs_as_in_a_notebook(url):
    with connect_blocking(url) as client:
        assert client.time().server_time > 0


def test_a_client_is_entered_once(url):
    with connect_blocking(url) as client, pytest.raises(RuntimeError, match="connected already"):
        client.__enter__()


def test_the_stub_is_current_and_has_every_method():
    stub = generate_methods.BLOCKING_STUB.read_text(encoding="utf-8")
    assert stub == generate_methods.blocking_stub(), "run python tools/generate_methods.py"
    names = {name for name, _ in inspect.getmembers(Methods, inspect.isfunction) if not name.startswith("_")}
    assert BlockingMethods is Methods
    assert all(f"    def {name}(" in stub for name in names)
