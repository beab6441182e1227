"""What `import pitwire` offers: pinned, so that a name is added or taken away on purpose."""

import subprocess
import sys

import pytest

import pitwire

NAMES = [
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


def test_the_public_names_are_these():
    assert pitwire.__all__ == NAMES
    assert dir(pitwire) == NAMES
    for name in NAMES:
        assert getattr(pitwire, name).__name__ == name


def test_other_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'pitwire' has no attribute 'nothing'"):
        _ = pitwire.nothing  # type: ignore[attr-defined]


def test_importing_the_package_imports_nothing_heavy():
    """Each of them takes 50 ms or more."""
    heavy = ["asyncio", "cryptography", "msgspec", "nacl", "picows", "structlog", "typer", "rich"]
    code = f"import sys, pitwire; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_an_hmac_key_imports_no_cryptography():
    code = (
        "import sys, pitwire; pitwire.Key.hmac('a', 'b').sign(b'x'); print({'cryptography', 'nacl'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
