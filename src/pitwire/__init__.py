"""Both ends of Binance's WebSocket API: an asyncio client, and a local exchange that answers it.

The public names are here. They are imported when they are first used, so that `import pitwire` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pitwire.client.blocking import BlockingClient, connect_blocking
    from pitwire.client.client import Client
    from pitwire.client.connect import connect, streams
    from pitwire.client.history.history import History
    from pitwire.client.history.joining import Followed
    from pitwire.client.limits.governor import LimitReached, Limits
    from pitwire.client.limits.rest_limits import RestLimits
    from pitwire.client.safety.journal import JournalDamaged
    from pitwire.client.safety.recording import Recovered
    from pitwire.client.streams.book import BookNotSynchronized, LocalBook
    from pitwire.client.streams.cursor import StreamGap
    from pitwire.client.streams.link import StreamRefused
    from pitwire.client.streams.market_stream import MarketStream
    from pitwire.client.streams.streams import Streams
    from pitwire.client.streams.subscription import Subscription
    from pitwire.client.symbol import FilterViolation, Symbol
    from pitwire.client.user_data import SubscriptionRestored, UserData
    from pitwire.protocol.errors import (
        AmendRejected,
        Banned,
        Blocked,
        CancelRejected,
        CancelReplaceFailed,
        EventsLost,
        FilterFailure,
        InvalidKey,
        InvalidParameter,
        InvalidSignature,
        InvalidTimestamp,
        NeverArrived,
        NoSuchOrder,
        NotSent,
        OrderArchived,
        OrderRejected,
        OutcomeUnknown,
        PitwireError,
        ProtocolViolation,
        RateLimited,
        Rejected,
        SubscriptionRejected,
        TooManyInFlight,
        Unauthorized,
    )
    from pitwire.protocol.events import (
        BalanceUpdate,
        EventStreamTerminated,
        ExecutionReport,
        ExternalLockUpdate,
        ListStatus,
        OutboundAccountPosition,
        ServerShutdown,
        UnknownEvent,
    )
    from pitwire.protocol.signing import Key, KeyKind

__all__ = [
    "AmendRejected",
    "BalanceUpdate",
    "Banned",
    "Blocked",
    "BlockingClient",
    "BookNotSynchronized",
    "CancelRejected",
    "CancelReplaceFailed",
    "Client",
    "EventStreamTerminated",
    "EventsLost",
    "ExecutionReport",
    "ExternalLockUpdate",
    "FilterFailure",
    "FilterViolation",
    "Followed",
    "History",
    "InvalidKey",
    "InvalidParameter",
    "InvalidSignature",
    "InvalidTimestamp",
    "JournalDamaged",
    "Key",
    "KeyKind",
    "LimitReached",
    "Limits",
    "ListStatus",
    "LocalBook",
    "MarketStream",
    "NeverArrived",
    "NoSuchOrder",
    "NotSent",
    "OrderArchived",
    "OrderRejected",
    "OutboundAccountPosition",
    "OutcomeUnknown",
    "PitwireError",
    "ProtocolViolation",
    "RateLimited",
    "Recovered",
    "Rejected",
    "RestLimits",
    "ServerShutdown",
    "StreamGap",
    "StreamRefused",
    "Streams",
    "Subscription",
    "SubscriptionRejected",
    "SubscriptionRestored",
    "Symbol",
    "TooManyInFlight",
    "Unauthorized",
    "UnknownEvent",
    "UserData",
    "connect",
    "connect_blocking",
    "streams",
]

_MODULES: Final = {
    "pitwire.client.blocking": ("BlockingClient", "connect_blocking"),
    "pitwire.client.client": ("Client",),
    "pitwire.client.connect": ("connect", "streams"),
    "pitwire.client.limits.governor": ("LimitReached", "Limits"),
    "pitwire.client.limits.rest_limits": ("RestLimits",),
    "pitwire.client.history.history": ("History",),
    "pitwire.client.history.joining": ("Followed",),
    "pitwire.client.symbol": ("FilterViolation", "Symbol"),
    "pitwire.client.safety.journal": ("JournalDamaged",),
    "pitwire.client.safety.recording": ("Recovered",),
    "pitwire.client.streams.book": ("BookNotSynchronized", "LocalBook"),
    "pitwire.client.streams.cursor": ("StreamGap",),
    "pitwire.client.streams.link": ("StreamRefused",),
    "pitwire.client.streams.market_stream": ("MarketStream",),
    "pitwire.client.streams.streams": ("Streams",),
    "pitwire.client.streams.subscription": ("Subscription",),
    "pitwire.client.user_data": ("SubscriptionRestored", "UserData"),
    "pitwire.protocol.errors": (
        "AmendRejected",
        "Banned",
        "Blocked",
        "CancelRejected",
        "CancelReplaceFailed",
        "EventsLost",
        "FilterFailure",
        "InvalidKey",
        "InvalidParameter",
        "InvalidSignature",
        "InvalidTimestamp",
        "NeverArrived",
        "NoSuchOrder",
        "NotSent",
        "OrderArchived",
        "OrderRejected",
        "OutcomeUnknown",
        "PitwireError",
        "ProtocolViolation",
        "RateLimited",
        "Rejected",
        "SubscriptionRejected",
        "TooManyInFlight",
        "Unauthorized",
    ),
    "pitwire.protocol.events": (
        "BalanceUpdate",
        "EventStreamTerminated",
        "ExecutionReport",
        "ExternalLockUpdate",
        "ListStatus",
        "OutboundAccountPosition",
        "ServerShutdown",
        "UnknownEvent",
    ),
    "pitwire.protocol.signing": ("Key", "KeyKind"),
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'pitwire' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
