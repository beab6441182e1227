"""Pings every 20 seconds, a pong within a minute, 24 hours at most."""

from pitwire.exchange.gateway.keepalive import Due, Keepalive

SECOND = 1_000_000


def test_a_ping_is_due_every_twenty_seconds():
    connection = Keepalive(0)
    assert connection.due(19_999_999) is Due.NOTHING
    assert connection.due(20 * SECOND) is Due.PING
    connection.pinged(b"1", 20 * SECOND)
    assert connection.due(39_999_999) is Due.NOTHING
    assert connection.due(40 * SECOND) is Due.PING


def test_a_connection_that_does_not_answer_for_a_minute_is_closed():
    connection = Keepalive(0)
    for count in (1, 2, 3):
        connection.pinged(b"%d" % count, count * 20 * SECOND)
    assert connection.due(80 * SECOND - 1) is Due.NOTHING
    assert connection.due(80 * SECOND) is Due.SILENT


def test_a_pong_answers_its_ping_and_those_before():
    connection = Keepalive(0)
    for count in (1, 2, 3):
        connection.pinged(b"%d" % count, count * 20 * SECOND)
    connection.ponged(b"2")
    assert connection.due(80 * SECOND) is Due.PING
    assert connection.due(120 * SECOND) is Due.SILENT


def test_unsolicited_pongs_do_not_keep_a_connection_open():
    connection = Keepalive(0)
    connection.pinged(b"1", 20 * SECOND)
    connection.ponged(b"")
    assert connection.due(80 * SECOND) is Due.SILENT


def test_a_day_is_enough():
    connection = Keepalive(0)
    assert connection.due(24 * 3600 * SECOND) is Due.EXPIRED


def test_a_clock_that_is_set_back_neither_stops_the_pings_nor_excuses_a_silent_peer():
    connection = Keepalive(3600 * SECOND)
    connection.pinged(b"before", 3620 * SECOND)
    assert connection.due(10 * SECOND) is Due.PING
    connection.pinged(b"after", 10 * SECOND)
    assert connection.due(29 * SECOND) is Due.NOTHING
    assert connection.due(30 * SECOND) is Due.PING
    connection.pinged(b"later", 30 * SECOND)
    connection.pinged(b"last", 50 * SECOND)
    assert connection.due(70 * SECOND) is Due.SILENT
    connection.ponged(b"last")
    assert connection.due(10 * SECOND + 24 * 3600 * SECOND) is Due.EXPIRED


def test_it_says_when_something_is_due_next():
    connection = Keepalive(0)
    for answered in (True, True, False, False, False):
        next_us = connection.next_us()
        assert connection.due(next_us - 1) is Due.NOTHING
        assert connection.due(next_us) is Due.PING
        connection.pinged(b"%d" % next_us, next_us)
        if answered:
            connection.ponged(b"%d" % next_us)
    assert connection.due(connection.next_us()) is Due.SILENT
    assert Keepalive(0).next_us() == 20 * SECOND
