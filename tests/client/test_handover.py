import json
import random
from typing import Any

from pitwire.client.handover import Handover, event_key, trade_of
from pitwire.protocol.signing import Key

ALICE = Key.hmac("alice", "secret")


def report(execution: int, kind: str = "NEW", subscription: int = 0, symbol: str = "BTCUSDT", **more: Any) -> bytes:
    event = {"e": "executionReport", "s": symbol, "i": 7, "I": execution, "x": kind} | more
    return json.dumps({"subscriptionId": subscription, "event": event}).encode()


def balance(delta: str, subscription: int = 0, time: int = 1) -> bytes:
    event = {"e": "balanceUpdate", "E": time, "d": delta}
    return json.dumps({"subscriptionId": subscription, "event": event}).encode()


def test_an_event_is_the_same_over_another_subscription_and_another_account_has_another():
    assert event_key(report(1), None) == event_key(report(1, subscription=4, E=9), None)
    assert event_key(report(1), None) != event_key(report(1), ALICE)
    assert event_key(report(1), None) != event_key(report(2), None)
    assert event_key(report(1), None) != event_key(report(1, symbol="ETHUSDT"), None)
    assert event_key(balance("1"), None) == event_key(balance("1", 5), None)
    assert event_key(balance("1"), None) != event_key(balance("2"), None)
    assert event_key(b"garbage", None) == (None, b"garbage")


def test_the_trade_of_an_event_is_its_symbol_and_id():
    assert trade_of(report(1, "TRADE", t=5)) == ("BTCUSDT", 5)
    assert trade_of(report(1, "NEW", t=-1)) is None
    assert trade_of(balance("TRADE")) is None
    assert trade_of(b'"TRADE"') is None


def test_events_that_look_alike_are_told_apart_by_their_count():
    handover = Handover()
    handover.brought(balance("1"), None)
    for _ in range(2):
        handover.keep(balance("1", 3), None)
    assert list(handover.missing()) == [(balance("1", 3), None)]


def test_whatever_the_two_connections_lag_each_event_comes_once_and_in_order():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    for _ in range(300):
        events = [source.choice([report(n), balance("1", time=n)]) for n in range(source.randrange(20))]
        subscribed_at = source.randint(0, len(events))  # from here on the new connection has them too
        barrier = source.randint(subscribed_at, len(events))  # the old one has brought these when it answers
        ahead = source.randint(0, len(events) - subscribed_at)
        handover, out = Handover(), []
        for event in events[:barrier]:
            out.append(event)
            handover.brought(event, None)
        for event in events[subscribed_at : subscribed_at + ahead]:
            handover.keep(event, None)
        out += [event for event, _ in handover.missing()]
        known = handover.ahead()
        for event in events[subscribed_at + ahead :]:  # what the new one brings afterwards, the old one perhaps before
            if known[event_key(event, None)]:
                known[event_key(event, None)] -= 1
            else:
                out.append(event)
        assert [event_key(e, None) for e in out] == [event_key(e, None) for e in events]
