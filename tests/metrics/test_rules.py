"""Each rule fires once when it gets bad, and clears once when it is good again."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pitwire.metrics.histogram import LatencyHistogram
from pitwire.metrics.rules import (
    Alert,
    ClockOff,
    LatencyAbove,
    NotConnected,
    OrdersAbove,
    OutcomesUnknown,
    QueueAbove,
    ReconnectStorm,
    Rule,
    StreamGapsAbove,
    StreamQueueAbove,
    StreamSilent,
    UserDataSilent,
    WaitingAbove,
    WeightAbove,
    usual_rules,
    usual_stream_rules,
)
from pitwire.metrics.snapshot import (
    ClientSnapshot,
    ClockState,
    Connections,
    Latencies,
    LimitUsage,
    StreamsSnapshot,
    SubscriptionState,
    UnknownState,
    UserDataState,
)


def weight(used: int, kind: str = "REQUEST_WEIGHT") -> dict[str, Any]:
    return {"limits": (LimitUsage(type=kind, interval_s=60, limit=100, used=used),)}


def clock(offset_ms: float, error_ms: float = 1.0, is_measured: bool = True) -> dict[str, Any]:
    state = ClockState(is_measured=is_measured, offset_us=offset_ms * 1000, error_us=error_ms * 1000)
    return {"clock": state}


def events(count: int, queued: int = 0) -> dict[str, Any]:
    return {"user_data": UserDataState(subscriptions=1, events=count, queued=queued)}


def connections(**state: int) -> dict[str, Any]:
    return {"connections": Connections(wanted=1, **state)}


def said(rule: Rule, states: Sequence[dict[str, Any]], step_s: float = 1.0, kind: Any = ClientSnapshot) -> str:
    """What the rule does at each snapshot: `+` fires, `-` clears, `.` nothing."""
    signs = ""
    for number, state in enumerate(states):
        alert = rule.evaluate(kind(at_ns=int(number * step_s * 1e9), url="", **state))
        signs += "." if alert is None else "+" if alert.is_firing else "-"
    return signs


@pytest.mark.parametrize(
    ("rule", "states", "expected"),
    [
        (WeightAbove(), [weight(each) for each in (10, 80, 81, 95, 79, 65, 81, 64, 10)], "..+....-."),
        (WeightAbove(0.8, clear_at=0.8), [weight(each) for each in (81, 80, 81)], "+-+"),
        (OrdersAbove(), [weight(90), weight(81, "ORDERS"), {}], ".+-"),
        (ClockOff(500), [clock(9000, is_measured=False), clock(501), clock(-502), clock(402), clock(401)], "..+.-"),
        (ClockOff(500), [clock(2000, 1600)], "."),
        (QueueAbove(10), [events(0, each) for each in (10, 11, 9, 8)], ".+.-"),
        (OutcomesUnknown(), [{"unknown": UnknownState(open=each)} for each in (0, 2, 1, 0)], ".+.-"),
        (UserDataSilent(3), [events(each) for each in (1, 1, 1, 1, 1, 1, 2, 2)], "....+.-."),
        (UserDataSilent(3), [{}] * 9, "........."),
        (NotConnected(2), [connections(ready=each) for each in (1, 0, 0, 0, 0, 1, 0)], "....+-."),
        (WaitingAbove(5), [{"waiting": 5}, {"waiting": 5, **connections(held=1)}, {"waiting": 4}], ".+-"),
        (
            ReconnectStorm(2, window_s=3),
            [connections(reconnects=each, failed_attempts=each) for each in (5, 5, 6, 7, 7, 7, 7, 7, 7)],
            "...+..-..",
        ),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Rule) else None,
)
def test_it_fires_once_and_clears_once(rule: Rule, states: list[dict[str, Any]], expected: str):
    assert said(rule, states) == expected


def latencies(histogram: LatencyHistogram, method: str = "ping") -> dict[str, Any]:
    return {"requests": {method: Latencies.of(histogram)}}


def requests(*per_second: Sequence[float], method: str = "ping") -> list[dict[str, Any]]:
    """Snapshots a second apart, the latencies in milliseconds."""
    histogram = LatencyHistogram()
    states = [latencies(histogram, method)]
    for took_ms in per_second:
        for each in took_ms:
            histogram.record(round(each * 1e6))
        states.append(latencies(histogram, method))
    return states


@pytest.mark.parametrize(
    ("make", "states", "expected"),
    [
        (lambda: LatencyAbove(50, percentile=50, window_s=2), requests([1], [60, 60], [1], [1, 1], [1]), "..+.-."),
        (lambda: LatencyAbove(50, window_s=2), requests([60], [], [], []), ".+.-."),
        (lambda: LatencyAbove(50, method="depth"), requests([60]), ".."),
        (lambda: LatencyAbove(50, method="depth"), requests([60], method="depth"), ".+"),
        (lambda: LatencyAbove(50, percentile=90), requests([60] + [1] * 10), ".."),
        (lambda: LatencyAbove(50, percentile=99), requests([60] + [1] * 10), ".+"),
    ],
)
def test_latency_is_a_percentile_of_a_window(
    make: Callable[[], LatencyAbove], states: list[dict[str, Any]], expected: str
):
    assert said(make(), states) == expected


def test_what_was_before_the_alerts_began_counts_for_nothing():
    histogram = LatencyHistogram()
    histogram.record(10**9)
    assert said(LatencyAbove(50), [latencies(histogram)] * 3) == "..."


def test_an_alert_says_the_rule_the_value_and_the_limit():
    alert = WeightAbove().evaluate(ClientSnapshot(at_ns=5, url="", **weight(83)))
    assert alert == Alert(rule="request weight", is_firing=True, value=0.83, above=0.8, unit="of the limit", at_ns=5)
    assert str(alert) == "request weight: 0.83 of the limit is above 0.8"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WeightAbove(0.8, clear_at=0.9), "clear_at is 0.9: pass 0 to 0.8"),
        (lambda: LatencyAbove(1, percentile=0), "percentile is 0"),
        (lambda: LatencyAbove(1, window_s=0), "window_s is 0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(make: Callable[[], Rule], message: str):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_usual_rules_have_nothing_to_say_of_a_client_that_is_well():
    assert {said(rule, [connections(ready=1)] * 20) for rule in usual_rules()} == {"." * 20}


def listening(**state: Any) -> dict[str, Any]:
    return {"subscriptions": (SubscriptionState(streams="x@trade"), SubscriptionState(streams="y@trade", **state))}


@pytest.mark.parametrize(
    ("rule", "states", "expected"),
    [
        (StreamSilent(5), [listening(silent_ms=ms) for ms in (0, 5_000, 6_000, 7_000, 0, 6_000)], "..+.-+"),
        (StreamSilent(5, streams="x@trade"), [listening(silent_ms=9_000)] * 2, ".."),
        (StreamSilent(5, streams="y@trade"), [listening(silent_ms=9_000), {}, {}], "+-."),
        (StreamGapsAbove(window_s=2), [{"gaps": gaps} for gaps in (3, 3, 4, 4, 4, 4)], "..+.-."),
        (StreamQueueAbove(10), [listening(waiting=number) for number in (10, 11, 9, 8)], ".+.-"),
        (NotConnected(2), [connections(ready=0)] * 4 + [connections(ready=1)], "...+-"),
        (ReconnectStorm(1), [connections(ready=1, reconnects=number) for number in (0, 1, 2)], "..+"),
    ],
)
def test_rules_of_market_streams(rule: Rule, states: list[dict[str, Any]], expected: str):
    assert said(rule, states, kind=StreamsSnapshot) == expected


def test_the_usual_rules_of_market_streams_have_nothing_to_say_of_those_that_are_well():
    states = [connections(ready=1)] * 20
    assert {said(rule, states, kind=StreamsSnapshot) for rule in usual_stream_rules()} == {"." * 20}
