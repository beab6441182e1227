import pytest

from pitwire.client.endpoints import endpoint_url, time_unit


@pytest.mark.parametrize(
    ("endpoint", "options", "url"),
    [
        ("local", {}, "ws://127.0.0.1:9443/ws-api/v3"),
        ("live", {}, "wss://ws-api.binance.com:443/ws-api/v3"),
        ("testnet", {}, "wss://ws-api.testnet.binance.vision/ws-api/v3"),
        ("demo", {}, "wss://demo-ws-api.binance.com/ws-api/v3"),
        ("ws://127.0.0.1:5000", {}, "ws://127.0.0.1:5000/ws-api/v3"),
        ("ws://127.0.0.1:5000/", {}, "ws://127.0.0.1:5000/ws-api/v3"),
        ("wss://[::1]:5000/other", {}, "wss://[::1]:5000/other"),
        ("local", {"time_unit": "MICROSECOND"}, "ws://127.0.0.1:9443/ws-api/v3?timeUnit=MICROSECOND"),
        (
            "ws://h/p?x=1#fragment",
            {"time_unit": "MILLISECOND", "return_rate_limits": True},
            "ws://h/p?x=1&timeUnit=MILLISECOND&returnRateLimits=true",
        ),
    ],
)
def test_an_endpoint_is_a_name_or_a_url(endpoint: str, options: dict[str, object], url: str):
    assert endpoint_url(endpoint, **options) == url  # type: ignore[arg-type]


@pytest.mark.parametrize("endpoint", ["", "locale", "http://127.0.0.1", "127.0.0.1:9443", "ws://", "ws:///path"])
def test_anything_else_is_refused_with_the_names_there_are(endpoint: str):
    with pytest.raises(ValueError, match="none of local, live, testnet, demo, and no ws:// or wss:// URL"):
        endpoint_url(endpoint)


def test_an_unknown_time_unit_is_refused():
    with pytest.raises(ValueError, match="NANOSECOND"):
        endpoint_url("local", time_unit="NANOSECOND")


@pytest.mark.parametrize(
    ("url", "unit"),
    [
        ("ws://h/p", "MILLISECOND"),
        ("ws://h/p?x=1&timeUnit=MICROSECOND", "MICROSECOND"),
        ("ws://h/p?timeUnit=microsecond", "MICROSECOND"),
    ],
)
def test_the_unit_of_a_connections_times_stands_in_its_url(url: str, unit: str):
    assert time_unit(url) == unit
