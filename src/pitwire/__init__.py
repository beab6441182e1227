"""Both ends of Binance's WebSocket API: an asyncio client, and a local exchange that answers it.

The public names are here. They are imported when they are first used, so that `import pitwire` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pitwire.client.client import Client, connect
    from pitwire.client.user_data import SubscriptionRestored, UserData
    from pitwire.protocol.errors import (
        EventsLost,
        InvalidKey,
        NotSent,
        OutcomeUnknown,
        PitwireError,
        ProtocolViolation,
        Rejected,
    )
    from pitwire.protocol.signing import Key, KeyKind

__all__ = [
    "Client",
    "EventsLost",
    "InvalidKey",
    "Key",
    "KeyKind",
    "NotSent",
    "OutcomeUnknown",
    "PitwireError",
    "ProtocolViolation",
    "Rejected",
    "SubscriptionRestored",
    "UserData",
    "connect",
]

_MODULE_OF: Final = {
    "Client": "pitwire.client.client",
    "EventsLost": "pitwire.protocol.errors",
    "InvalidKey": "pitwire.protocol.errors",
    "Key": "pitwire.protocol.signing",
    "KeyKind": "pitwire.protocol.signing",
    "NotSent": "pitwire.protocol.errors",
    "OutcomeUnknown": "pitwire.protocol.errors",
    "PitwireError": "pitwire.protocol.errors",
    "ProtocolViolation": "pitwire.protocol.errors",
    "Rejected": "pitwire.protocol.errors",
    "SubscriptionRestored": "pitwire.client.user_data",
    "UserData": "pitwire.client.user_data",
    "connect": "pitwire.client.client",
}


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'pitwire' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
