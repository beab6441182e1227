import asyncio
import time

import pytest

from pitwire.client.timings import Timings
from pitwire.client.user_data import SubscriptionRestored, UserData
from pitwire.protocol.drift import Drift
from pitwire.protocol.errors import EventsLost, NotSent, ProtocolViolation
from pitwire.protocol.events import BalanceUpdate, UnknownEvent

RESTORED = SubscriptionRestored(lost_at_ms=1, restored_at_ms=2)


def message(number: int) -> bytes:
    return b'{"subscriptionId":0,"event":{"e":"balanceUpdate","E":%d,"a":"BTC","d":"1","T":1}}' % number


def an_iterator(queue_events_max: int = 100, subscribed: bool = True, fail: Exception | None = None) -> UserData:
    async def subscribe() -> None:
        if fail is not None:
            raise fail

    return UserData(subscribe, lambda: subscribed, queue_events_max, Timings(time.monotonic_ns, Drift(print)))


async def test_events_come_decoded_in_order():
    async with an_iterator() as events:
        for number in range(3):
            events.put(message(number))
        events.put(RESTORED)
        got = [await anext(events) for _ in range(4)]
    assert [each.event_time for each in got[:3] if isinstance(each, BalanceUpdate)] == [0, 1, 2]
    assert got[3] is RESTORED


async def test_an_event_that_comes_while_someone_waits_wakes_him():
    async with an_iterator() as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        events.put(message(1))
        assert isinstance(await waiting, BalanceUpdate)


async def test_before_subscribing_events_are_not_kept():
    events = an_iterator()
    events.put(message(1))
    async with events:
        events.put(message(2))
        event = await anext(events)
        assert isinstance(event, BalanceUpdate)
        assert event.event_time == 2


async def test_a_full_queue_says_how_many_events_were_lost_where_they_were_lost():
    async with an_iterator(queue_events_max=2) as events:
        for number in range(5):
            events.put(message(number))
        await anext(events)
        events.put(message(5))  # there is room again, but the gap comes first
        await anext(events)
        with pytest.raises(EventsLost, match="4 events were lost: 2 were waiting already") as caught:
            await anext(events)
        assert caught.value.lost == 4
        events.put(message(6))
        event = await anext(events)
        assert isinstance(event, BalanceUpdate)
        assert event.event_time == 6


async def test_cancelling_a_step_loses_no_event():
    async with an_iterator() as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        waiting.cancel()
        events.put(message(1))
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert isinstance(await anext(events), BalanceUpdate)


async def test_one_iterator_serves_one_task():
    async with an_iterator() as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="call user_data"):
            await anext(events)
        waiting.cancel()


async def test_what_is_no_event_is_raised_and_the_next_one_comes():
    async with an_iterator() as events:
        events.put(b'{"subscriptionId":0,"event":{"balance":1}}')
        events.put(b'{"subscriptionId":0,"event":{"e":"fromTheFuture","x":1}}')
        with pytest.raises(ProtocolViolation):
            await anext(events)
        assert isinstance(await anext(events), UnknownEvent)


async def test_a_failed_subscription_can_be_tried_again():
    events = an_iterator(fail=NotSent("not connected"))
    for _ in range(2):
        with pytest.raises(NotSent):
            await anext(events)


async def test_the_iteration_ends_after_the_last_event_when_it_is_closed_or_not_subscribed_any_more():
    async with an_iterator() as closed, an_iterator(subscribed=False) as stopped:
        for events in (closed, stopped):
            events.put(message(1))
        closed.close()
        closed.put(message(2))
        for events in (closed, stopped):
            assert len([event async for event in events]) == 1


async def test_a_subscription_that_is_gone_for_good_is_said_after_the_last_event_and_then_tried_anew():
    async with an_iterator() as events:
        events.put(message(1))
        events.fail(NotSent("gone"))
        assert isinstance(await anext(events), BalanceUpdate)
        with pytest.raises(NotSent, match="gone"):
            await anext(events)
        step = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        events.put(message(2))
        assert isinstance(await step, BalanceUpdate)


async def test_closing_wakes_who_waits():
    async with an_iterator() as events:
        waiting = asyncio.ensure_future(anext(events, None))
        await asyncio.sleep(0)
        events.close()
        assert await waiting is None
