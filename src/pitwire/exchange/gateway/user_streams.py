"""Who listens to whose user data: each event is encoded once per time unit, and once per subscription id framed."""

from typing import Protocol

from pitwire.exchange.gateway.faults import Faults
from pitwire.exchange.messages import Outcome
from pitwire.exchange.projections.user_data import reports
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import TimeUnit
from pitwire.protocol.frames import text_frame


class Listener(Protocol):
    """A connection that frames can be queued on."""

    def queue(self, frame: bytes) -> None:
        """Have `frame` written with the connection's next write."""
        ...


class UserStreams:
    """The subscriptions of all connections of one gateway, by time unit and account."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._listeners: dict[TimeUnit, dict[int, dict[Listener, int]]] = {unit: {} for unit in TimeUnit}

    def add(self, unit: TimeUnit, account: int, listener: Listener, number: int) -> None:
        """From the next outcome on, tell `listener` of `account`, as subscription `number`."""
        self._listeners[unit].setdefault(account, {})[listener] = number

    def remove(self, unit: TimeUnit, account: int, listener: Listener) -> None:
        """Tell `listener` nothing more of `account`."""
        listeners = self._listeners[unit].get(account)
        if listeners is not None:
            listeners.pop(listener, None)
            if not listeners:
                del self._listeners[unit][account]

    @property
    def receivers(self) -> int:
        """How many subscriptions there are."""
        return sum(len(listeners) for accounts in self._listeners.values() for listeners in accounts.values())

    def publish(self, outcome: Outcome) -> None:
        """Queue the outcome's events for all who listen. Called once for each outcome, in the order of the log."""
        for unit, accounts in self._listeners.items():
            if accounts:
                for account, event in reports(outcome, unit, accounts):
                    frames: dict[int, bytes] = {}
                    for listener, number in accounts[account].items():
                        frame = frames.get(number)
                        if frame is None:
                            frame = frames[number] = event_frame(number, event)
                        if self._faults.rules:
                            self._faults.event(listener, account, frame)
                        else:
                            listener.queue(frame)


def event_frame(number: int, event: bytes) -> bytes:
    """An event in its envelope (web-socket-api.md, Event format)."""
    return text_frame(b'{"subscriptionId":%d,"event":%b}' % (number, event))


def terminated(time_us: int, unit: TimeUnit) -> bytes:
    """The last event of a subscription (user-data-stream.md, Event Stream Terminated)."""
    return b'{"e":"eventStreamTerminated","E":%d}' % instant(time_us, unit)
