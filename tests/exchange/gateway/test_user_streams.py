"""User data events over a real socket: who hears what, in which order, and until when."""

from pitwire.protocol.signing import KeyKind
from tests.exchange.gateway.venue import ORDER, key_of


async def test_a_session_hears_of_its_account_in_the_order_of_the_log(venue, peer):
    await peer.log_on("alice")
    assert (await peer.call("userDataStream.subscribe"))["result"] == {"subscriptionId": 0}
    await peer.place(side="SELL")
    async with venue.connect() as other:
        await other.log_on("bob")
        await other.place()
    events = [await peer.receive() for _ in range(4)]
    assert [(event["subscriptionId"], event["event"]["e"]) for event in events] == [
        (0, "executionReport"),
        (0, "outboundAccountPosition"),
        (0, "executionReport"),
        (0, "outboundAccountPosition"),
    ]
    assert [event["event"].get("x") for event in events] == ["NEW", None, "TRADE", None]


async def test_a_logon_as_another_ends_the_subscription_of_the_one_before(venue, peer):
    await peer.log_on("bob")
    await peer.call("userDataStream.subscribe")
    await peer.call("userDataStream.subscribe.signature", peer.signed(key_of("carol", KeyKind.HMAC)))
    await peer.send("session.logon", peer.signed(key_of("alice")))
    ended = await peer.receive()
    assert (ended["subscriptionId"], ended["event"]["e"]) == (0, "eventStreamTerminated")
    assert (await peer.receive())["result"]["apiKey"] == key_of("alice").api_key
    assert (await peer.call("session.subscriptions"))["result"] == [{"subscriptionId": 1}]


async def test_a_logon_as_the_same_account_keeps_its_subscription(peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    assert (await peer.log_on("alice"))["result"]["userDataStream"] is True
    assert (await peer.call("session.subscriptions"))["result"] == [{"subscriptionId": 0}]


async def test_a_signature_subscribes_to_other_accounts_on_the_same_connection(peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    method = "userDataStream.subscribe.signature"
    assert (await peer.call(method, peer.signed(key_of("bob", KeyKind.RSA))))["result"] == {"subscriptionId": 1}
    assert (await peer.call("session.subscriptions"))["result"] == [{"subscriptionId": 0}, {"subscriptionId": 1}]
    bob = key_of("bob", KeyKind.HMAC)
    await peer.call("order.place", peer.signed(bob, ORDER))
    assert (await peer.receive())["subscriptionId"] == 1


async def test_an_account_is_subscribed_to_once_a_connection(peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    active = {"code": -2035, "msg": "User Data Stream subscription already active."}
    assert (await peer.call("userDataStream.subscribe"))["error"] == active
    method = "userDataStream.subscribe.signature"
    assert (await peer.call(method, peer.signed(key_of("alice", KeyKind.HMAC))))["error"] == active


async def test_unsubscribing_ends_one_or_all_and_says_so(peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    await peer.call("userDataStream.subscribe.signature", peer.signed(key_of("bob")))
    await peer.send("userDataStream.unsubscribe", {"subscriptionId": 1})
    ended = await peer.receive()
    assert (ended["subscriptionId"], ended["event"]["e"]) == (1, "eventStreamTerminated")
    assert (await peer.receive())["result"] == {}
    inactive = {"code": -2036, "msg": "User Data Stream subscription not active."}
    assert (await peer.call("userDataStream.unsubscribe", {"subscriptionId": 1}))["error"] == inactive
    await peer.send("userDataStream.unsubscribe")
    assert (await peer.receive())["subscriptionId"] == 0
    assert (await peer.receive())["status"] == 200
    assert (await peer.call("userDataStream.unsubscribe"))["error"] == inactive
    assert (await peer.call("userDataStream.subscribe"))["result"] == {"subscriptionId": 2}


async def test_logout_ends_the_sessions_subscription_only(peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    await peer.call("userDataStream.subscribe.signature", peer.signed(key_of("bob")))
    await peer.send("session.logout")
    ended = await peer.receive()
    assert (ended["subscriptionId"], ended["event"]["e"]) == (0, "eventStreamTerminated")
    assert (await peer.receive())["result"]["userDataStream"] is True
    assert (await peer.call("session.subscriptions"))["result"] == [{"subscriptionId": 1}]


async def test_listeners_in_two_time_units_hear_each_in_its_own(venue):
    async with venue.connect("?timeUnit=MICROSECOND") as fine, venue.connect() as coarse:
        for peer in (fine, coarse):
            await peer.log_on("alice")
            await peer.call("userDataStream.subscribe")
        await coarse.place()
        assert (await fine.receive())["event"]["E"] == venue.clock.now_us()
        assert (await coarse.receive())["event"]["E"] == venue.clock.now_us() // 1000


async def test_a_connection_that_is_gone_is_told_nothing(venue):
    async with venue.connect() as peer:
        await peer.log_on("alice")
        await peer.call("userDataStream.subscribe")
        await peer.send("order.place", peer.stamped(ORDER))
    async with venue.connect() as peer:
        await peer.log_on("alice")
        await peer.place()
    assert not any(venue.gateway._streams._listeners.values())
