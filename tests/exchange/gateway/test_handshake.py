import pytest

from pitwire.exchange.gateway.handshake import ApiUrl, StreamsUrl, route
from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import WireError

STREAMS = [
    ("/ws", (), False),
    ("/ws/", (), False),
    ("/ws/btcusdt@trade", ("btcusdt@trade",), False),
    ("/ws/btcusdt@trade/ethusdt@depth@100ms", ("btcusdt@trade", "ethusdt@depth@100ms"), False),
    ("/ws/btcusdt%40kline_1d%40%2B08%3A00", ("btcusdt@kline_1d@+08:00",), False),
    ("/ws/btcusdt@kline_1d@+08:00", ("btcusdt@kline_1d@+08:00",), False),
    ("/ws/这是测试币456@trade", ("这是测试币456@trade",), False),
    ("/ws/%E8%BF%99456@trade", ("这456@trade",), False),
    ("/ws/BTCUSDT@nonsense", ("BTCUSDT@nonsense",), False),
    ("/stream", (), True),
    ("/stream/", (), True),
    ("/stream?streams=", (), True),
    ("/stream?streams=btcusdt@kline_1d@+08:00/!miniTicker@arr", ("btcusdt@kline_1d@+08:00", "!miniTicker@arr"), True),
    ("/stream?streams=btcusdt%40trade%2Fethusdt%40trade", ("btcusdt@trade", "ethusdt@trade"), True),
]


@pytest.mark.parametrize(("target", "names", "combined"), STREAMS)
def test_a_url_names_its_streams(target: str, names: tuple[str, ...], combined: bool) -> None:
    found = route(target.encode())
    assert isinstance(found, StreamsUrl)
    assert (found.session.names, found.session.combined, found.unit) == (names, combined, TimeUnit.MILLISECOND)


@pytest.mark.parametrize(
    "target",
    ["/stream?streams=btcusdt@trade&timeUnit=MICROSECOND", "/stream?timeUnit=microsecond&streams=btcusdt@trade"],
)
def test_a_streams_url_may_ask_for_microseconds(target: str) -> None:
    found = route(target.encode())
    assert isinstance(found, StreamsUrl)
    assert (found.session.names, found.unit) == (("btcusdt@trade",), TimeUnit.MICROSECOND)


def test_the_api_has_its_url() -> None:
    assert route(b"/ws-api/v3") == ApiUrl(TimeUnit.MILLISECOND, return_rate_limits=True)
    found = route(b"/ws-api/v3?returnRateLimits=false&timeUnit=microsecond")
    assert found == ApiUrl(TimeUnit.MICROSECOND, return_rate_limits=False)


@pytest.mark.parametrize("target", ["/", "//[", "/ws-api/v4", "/wss", "/stream/nonsense", "/streams?streams=a@trade"])
def test_elsewhere_is_nothing(target: str) -> None:
    assert route(target.encode()) is None


@pytest.mark.parametrize(
    "target",
    [
        "/ws/btcusdt@trade?timeUnit=HOUR",
        "/ws-api/v3?responseFormat=sbe",
        "/ws-api/v3?" + "&".join(f"a{number}=1" for number in range(17)),
        "/stream?streams=" + "/".join(f"s{number}@trade" for number in range(1025)),
    ],
)
def test_a_url_that_asks_for_too_much_is_refused(target: str) -> None:
    found = route(target.encode())
    assert isinstance(found, WireError)
    assert found.status == 400
