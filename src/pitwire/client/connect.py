"""How a client is made: where to, with which key, and how it is to behave."""

import itertools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from pitwire.client.client import Client
from pitwire.client.connection import Connection
from pitwire.client.endpoints import endpoint_url, stream_url
from pitwire.client.limits.governor import Limits
from pitwire.client.link import LinkTerms, say_to, unknown_field_to
from pitwire.client.ports import Surroundings, steady_clock
from pitwire.client.safety.unknown_orders import GIVE_UP_S, MARGIN_S, UnknownOrders
from pitwire.client.server_clock import ServerClock
from pitwire.client.streams.streams import Streams
from pitwire.client.timings import Timings
from pitwire.market.enums import TimeUnit
from pitwire.protocol.client_session import IN_FLIGHT_MAX
from pitwire.protocol.drift import Drift
from pitwire.protocol.signing import Key
from pitwire.protocol.standing import Standing

DEADLINE_S: Final = 10.0
"""The exchange itself gives a request 10 s (web-socket-api.md, General API Information)."""
DEADLINE_S_MIN: Final = 0.01
DEADLINE_S_MAX: Final = 3600.0
TICK_S_MAX: Final = 0.25
ROTATE_AFTER_S: Final = 23 * 3600.0
"""A connection is valid for 24 hours (web-socket-api.md, General API Information)."""
ROTATE_AFTER_S_MIN: Final = 1.0
ROTATE_AFTER_S_MAX: Final = 24 * 3600.0 - 300.0
CONNECTIONS_MAX: Final = 50


def connect(
    endpoint: str = "local",
    *,
    key: Key | None = None,
    deadline_s: float = DEADLINE_S,
    time_unit: TimeUnit | str | None = None,
    return_rate_limits: bool | None = None,
    in_flight_max: int = IN_FLIGHT_MAX,
    connections: int = 1,
    rotate_after_s: float = ROTATE_AFTER_S,
    resolve: bool = True,
    resolve_margin_s: float = MARGIN_S,
    resolve_within_s: float = GIVE_UP_S,
    limits: Limits | None = None,
    journal: Path | str | None = None,
    log: Any = None,
    log_traffic: bool = False,
    clock_ns: Callable[[], int] | None = None,
    surroundings: Surroundings | None = None,
) -> Client:
    """A client of `endpoint`: "local", "live", "testnet", "demo", or a ws:// or wss:// URL. Use it with `async with`.

    `key` signs the requests that need it; an Ed25519 key logs on instead, once for each connection.
    `deadline_s` is how long a request waits for its response, 0.01 s to an hour; it ends at most a fortieth, or 0.25 s,
    after that.
    `time_unit` and `return_rate_limits` hold for the whole connection (web-socket-api.md, General API Information).
    `in_flight_max` bounds the requests that wait for a response, on each connection.
    `connections` is how many are kept, 1 to 50; requests take turns among them. User data comes over the first.
    `rotate_after_s` is the age at which a connection is renewed, up to 2 % earlier; the exchange cuts it at 24 hours.
    `resolve` has the client find out by itself what became of a request that places, cancels or changes orders when
    nobody said it (docs/guarantees/order-safety.md). `resolve_margin_s` is how long the exchange may take to show an
    order after it could have been accepted at the latest; `resolve_within_s` is how long after that its answer is
    waited for before the request ends with `OutcomeUnknown` all the same.
    `limits` keeps the client within the exchange's limits (docs/guarantees/limits.md); by default all clients of one
    exchange in an event loop share one, and requests for which there is no room wait.
    `journal` is a file in which orders are written down before they are sent, so that a process that is killed and
    started again finds out what became of them (`Client.recover`). One client has it open at a time.
    `log` is a structlog logger; by default the standard library's logger `pitwire.client` behind structlog.
    `log_traffic` logs every request and every response at level DEBUG, API keys and signatures redacted.
    `clock_ns` gives nanoseconds since the epoch; the server's time is measured against it. By default it is a clock
    that begins at the system's time and never steps. `surroundings` replaces whatever the client takes from around it.

    Entering the context connects and logs on; it raises `NotSent` when there is no connection to be had and `Rejected`
    when the exchange refuses the key. From then on a lost connection is made again by itself: see `Client`.
    """
    if not DEADLINE_S_MIN <= deadline_s <= DEADLINE_S_MAX:
        raise ValueError(f"deadline_s is {deadline_s}: pass {DEADLINE_S_MIN:g} to {DEADLINE_S_MAX:g} seconds")
    _check_age(rotate_after_s)
    if not 1 <= connections <= CONNECTIONS_MAX:
        raise ValueError(f"connections is {connections}: pass 1 to {CONNECTIONS_MAX}")
    if surroundings is None:
        surroundings = Surroundings(open_transport=Connection.open, clock_ns=clock_ns or steady_clock())
    url = endpoint_url(endpoint, time_unit=time_unit, return_rate_limits=return_rate_limits)
    tick_s = min(TICK_S_MAX, deadline_s / 40)
    say = say_to(log if log is not None else _default_log(), url)
    terms = LinkTerms(
        url=url,
        open_transport=surroundings.open_transport,
        key=key,
        clock=ServerClock(surroundings.clock_ns),
        timings=Timings(surroundings.clock_ns, Drift(unknown_field_to(say))),
        standing=Standing(key),
        new_client_order_id=_client_order_ids(surroundings.token()),
        tick_s=tick_s,
        deadline_ticks=round(deadline_s / tick_s),
        in_flight_max=in_flight_max,
        log_traffic=log_traffic,
        is_recorded=journal is not None,
        say=say,
    )
    if journal is not None and not resolve:
        raise ValueError("a journal is for finding out what became of orders: leave `resolve` on")
    unknown = UnknownOrders(round(resolve_margin_s * 1e6), round(resolve_within_s * 1e6)) if resolve else None
    return Client(
        terms,
        connections=connections,
        rotate_after_s=rotate_after_s,
        random=surroundings.random,
        unknown=unknown,
        limits=limits,
        journal=None if journal is None else Path(journal),
    )


def streams(
    endpoint: str = "local",
    *,
    time_unit: TimeUnit | str | None = None,
    rotate_after_s: float = ROTATE_AFTER_S,
    log: Any = None,
    surroundings: Surroundings | None = None,
) -> Streams:
    """The market streams of `endpoint`: "local", "live", "testnet", "demo", "data" (market data only), or a ws:// or
    wss:// URL. Use them with `async with`.

    `time_unit` is that of all times; `rotate_after_s`, `log` and `surroundings` are those of `connect`. Entering the
    context connects; it raises `NotSent` when there is no connection to be had. No key is needed.
    """
    _check_age(rotate_after_s)
    if surroundings is None:
        surroundings = Surroundings(open_transport=Connection.open, clock_ns=steady_clock())
    url = stream_url(endpoint, time_unit=time_unit)
    return Streams(url, surroundings, say_to(log if log is not None else _default_log(), url), rotate_after_s)


def _check_age(rotate_after_s: float) -> None:
    if not ROTATE_AFTER_S_MIN <= rotate_after_s <= ROTATE_AFTER_S_MAX:
        raise ValueError(
            f"rotate_after_s is {rotate_after_s}: pass {ROTATE_AFTER_S_MIN:g} to {ROTATE_AFTER_S_MAX:g} seconds"
        )


def _client_order_ids(token: str) -> Callable[[], str]:
    """Strings that no other client makes: `token`, which is this one's own, and a count.

    At most 36 characters of [a-zA-Z0-9-_], as errors.md has it for `newClientOrderId`.
    """
    numbers = itertools.count(1)
    return lambda: f"pw{token}-{next(numbers)}"


def _default_log() -> Any:
    """structlog in front of the standard library's logger: what is shown where is the application's to say."""
    return structlog.wrap_logger(
        logging.getLogger("pitwire.client"),
        processors=[structlog.stdlib.filter_by_level, structlog.processors.KeyValueRenderer(key_order=["event"])],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
