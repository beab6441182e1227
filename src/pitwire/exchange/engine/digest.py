"""One number for a whole history: two engines that agree on it said the same, byte for byte."""

import hashlib
from collections.abc import Iterable

import msgspec

from pitwire.exchange.messages import Outcome


def event_digest(outcomes: Iterable[Outcome]) -> str:
    """The SHA-256, in hex, of the outcomes' encodings.

    They are encoded as JSON: MessagePack has no integers beyond 64 bits, and balances may have.
    """
    digest = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    for outcome in outcomes:
        digest.update(encoder.encode(outcome))
        digest.update(b"\n")
    return digest.hexdigest()
