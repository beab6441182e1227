"""Requests that wait for their response: who waits, until when, and what is true of each when the connection is lost.

A request is *unsent* until its frame has been handed to the transport, and *written* from then on: a written request
may have been carried out, whatever happens to the connection. A request whose waiter has gone (a cancelled await) stays
in the table until its response, its deadline or the end of the connection, so that its late response is known.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec
from msgspec import Raw, Struct

from pitwire.protocol.codec import RequestId, is_request_id
from pitwire.protocol.errors import NotSent, OutcomeUnknown, PitwireError, TooManyInFlight
from pitwire.protocol.requests.base import Request, SignedRequest
from pitwire.protocol.signing import Key

_json = msgspec.json.Encoder().encode

REMEMBERED_MAX: Final = 1024
"""How many ids of requests that ended by deadline, and of user-chosen ids that were answered, are remembered."""


class Waiter(Protocol):
    """Who waits for a response; an `asyncio.Future` is one."""

    def done(self) -> bool:
        """Whether it waits no longer: it has its outcome, or it was cancelled."""
        ...

    def set_result(self, result: Any, /) -> None:
        """Hand over the result."""
        ...

    def set_exception(self, exception: BaseException, /) -> None:
        """Hand over the failure."""
        ...


class Pending(Struct, frozen=True):
    """One request in flight. `key` is what the session signed it with; at `expires_tick` it ends without a response."""

    waiter: Waiter
    request: Request[Any]
    decode: Callable[[Raw], Any]
    expires_tick: int
    client_order_id: str | None = None
    key: Key | None = None
    changes_session: bool = False
    chosen_id: bool = False
    timestamp: int = 0
    """As it was sent, of a request that places, cancels or changes orders; 0 of any other."""
    sent_ns: int = 0
    """When it was made, by the clock of who measures."""

    @property
    def timestamp_is_ours(self) -> bool:
        """Whether the session stamped the request itself, and can stamp it anew."""
        request = self.request
        return isinstance(request, SignedRequest) and request.timestamp is None


TakesOver = Callable[[Pending, PitwireError], bool]
"""Whether somebody sees to a request that failed, so that its waiter is to wait on: he then settles the waiter."""


def nobody_takes_over(pending: Pending, failure: PitwireError) -> bool:
    """Let every failure reach its waiter."""
    return False


def no_time() -> int:
    """The clock of who does not measure."""
    return 0


def nobody_measures(pending: Pending, result: Raw) -> None:
    """Let an answer pass."""


class Stray(StrEnum):
    """Why a response belongs to no request in flight."""

    LATE = "late"  # its request had run into its deadline
    DUPLICATE = "duplicate"  # its request had been answered
    UNKNOWN = "unknown"  # there was no such request
    NULL = "null"  # its id is null: nobody can say whose it is


class PendingRequests:
    """The table of requests in flight, by id, in the order in which they were made.

    All have the same time to live, so the oldest expires first, and one coarse `tick` serves them all: a request ends
    between `deadline_ticks` and `deadline_ticks + 1` ticks after it was made. Holds at most `in_flight_max` requests.
    A failure reaches its waiter unless `takes_over` says that somebody sees to it.
    """

    __slots__ = (
        "_answered",
        "_expired",
        "_in_flight_max",
        "_last_id",
        "_now",
        "_pending",
        "_takes_over",
        "_unsent",
        "expires_tick",
    )

    def __init__(self, deadline_ticks: int, in_flight_max: int, takes_over: TakesOver = nobody_takes_over) -> None:
        self._in_flight_max = in_flight_max
        self._takes_over = takes_over
        self._pending: dict[object, Pending] = {}
        self._unsent: dict[object, bytes] = {}
        self._expired: dict[object, None] = {}
        self._answered: dict[object, None] = {}
        self._last_id = 0
        self._now = 0
        self.expires_tick = deadline_ticks + 1
        """When a request that is made now will end without a response."""

    def __len__(self) -> int:
        return len(self._pending)

    def __iter__(self) -> Iterator[Pending]:
        return iter(self._pending.values())

    def new_id(self) -> int:
        """The next integer that is no id in flight, counted from 1 and never used twice."""
        number = self._last_id + 1
        while number in self._pending or number in self._expired:  # the user's own
            number += 1
        self._last_id = number
        return number

    def check_id(self, request_id: RequestId) -> None:
        """Raise `TypeError` or `ValueError` where `request_id` cannot be a new request's id."""
        if isinstance(request_id, bool) or not isinstance(request_id, int | str | None):
            raise TypeError(f"the id {request_id!r:.100} is a {type(request_id).__name__}: pass an int, a str or None")
        if not is_request_id(_json(request_id)):
            raise ValueError(
                f"the id {request_id!r:.100} would be refused without a response that could be told: pass an int of at "
                "most 20 digits, or 1 to 36 letters, digits, - and _"
            )
        if request_id in self._pending:
            raise ValueError(f"the id {request_id!r:.100} is in flight: two responses to it could not be told apart")
        if request_id in self._expired:
            raise ValueError(f"the id {request_id!r:.100} was used on this connection, and its response may yet come")

    def add(self, request_id: RequestId, pending: Pending) -> object:
        """Wait for a response to `request_id`; returns the key under which the request stands in the table.

        A null id gets a key of its own, which no response has. Raises `TooManyInFlight` when the table is full.
        """
        table = self._pending
        if len(table) >= self._in_flight_max:
            raise TooManyInFlight(f"{len(table)} requests are in flight, the most that are allowed")
        key: object = object() if request_id is None else request_id
        table[key] = pending
        return key

    def get(self, key: object) -> Pending:
        """The request that stands under `key`."""
        return self._pending[key]

    def hold(self, key: object, frame: bytes) -> None:
        """Keep the frame of a request that is not written yet."""
        self._unsent[key] = frame

    def release(self) -> list[bytes]:
        """All frames held, in order; from now on their requests count as written."""
        frames = list(self._unsent.values())
        self._unsent.clear()
        return frames

    def withdraw_abandoned(self) -> None:
        """Forget held frames whose waiter has gone: nothing was sent, so nothing need be."""
        for key in [key for key in self._unsent if self._pending[key].waiter.done()]:
            del self._unsent[key], self._pending[key]

    def withdraw(self, key: object, failure: PitwireError) -> None:
        """End a request whose frame is held with `failure`; without effect where it is not held any more."""
        if key in self._unsent:
            del self._unsent[key]
            self.fail(self._pending.pop(key), failure)

    @property
    def held(self) -> int:
        """How many frames are held."""
        return len(self._unsent)

    def settle(self, request_id: object) -> Pending | None:
        """Take the request that a response with `request_id` answers, if there is one."""
        if self._unsent and request_id in self._unsent:
            return None  # nobody can have answered what was not written
        pending = self._pending.pop(request_id, None)
        if pending is not None and pending.chosen_id:
            _remember(self._answered, request_id)
        return pending

    def stray(self, request_id: object) -> Stray:
        """What to call a response that `settle` found no request for."""
        if request_id is None:
            return Stray.NULL
        if request_id in self._expired:
            return Stray.LATE
        if request_id in self._unsent:
            return Stray.UNKNOWN
        if request_id in self._answered or (isinstance(request_id, int) and 0 < request_id <= self._last_id):
            return Stray.DUPLICATE
        return Stray.UNKNOWN

    def tick(self) -> int:
        """Let one tick pass; end the requests whose time is up, and return how many there were."""
        self._now = now = self._now + 1
        self.expires_tick += 1
        due = []
        for key, pending in self._pending.items():
            if pending.expires_tick > now:
                break
            due.append(key)
        for key in due:
            if key not in self._unsent:
                _remember(self._expired, key)
            self._end(key, "the deadline passed")
        return len(due)

    def end_all(self, reason: str) -> int:
        """End every request, because the connection is lost, and with it all late responses; returns how many."""
        self._expired.clear()
        self._answered.clear()
        keys = list(self._pending)
        for key in keys:
            self._end(key, reason)
        return len(keys)

    def _end(self, key: object, reason: str) -> None:
        pending = self._pending.pop(key)
        unsent = self._unsent.pop(key, None) is not None
        method = pending.request.METHOD.name
        if unsent:
            self.fail(pending, NotSent(f"{method}: {reason} before the request was written"))
        else:
            reason = f"{method}: {reason} before the request was answered"
            self.fail(pending, OutcomeUnknown(reason, pending.client_order_id))

    def fail(self, pending: Pending, failure: PitwireError) -> None:
        """End `pending`, which is no longer in the table, with `failure`, or hand it to who sees to it."""
        if not pending.waiter.done() and not self._takes_over(pending, failure):
            pending.waiter.set_exception(failure)


def _remember(ids: dict[object, None], request_id: object) -> None:
    ids[request_id] = None
    if len(ids) > REMEMBERED_MAX:
        del ids[next(iter(ids))]
