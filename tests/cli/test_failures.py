"""What a user is told of an error: a sentence for what can be mended, None for a bug."""

import pytest

from pitwire.cli.failures import Failure, explain
from pitwire.protocol.errors import ErrorBody as Body
from pitwire.protocol.errors import (
    EventsLost,
    InvalidKey,
    NotSent,
    OutcomeUnknown,
    PitwireError,
    ProtocolViolation,
    Rejected,
    rejected,
)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Failure("no such thing"), "no such thing"),
        (InvalidKey("alice.pem is damaged"), "alice.pem is damaged"),
        (NotSent("not connected"), "not sent: not connected; nothing was done"),
        (OutcomeUnknown("connection lost", "my-1"), "do not send it again"),
        (rejected(400, Body(-1013, "Filter failure: LOT_SIZE")), "refused: Filter failure: LOT_SIZE"),
        (rejected(429, Body(-1003, "Too many requests.")), "wait before you ask again"),
        (rejected(401, Body(-2015, "Invalid API-key.")), "check the API key"),
        (ExceptionGroup("both", [Failure("first"), Failure("second")]), "first"),
    ],
)
def test_a_user_is_told_what_is_true_and_what_to_do(error: Exception, sentence: str) -> None:
    assert sentence in (explain(error) or "")


@pytest.mark.parametrize("error", [KeyError("x"), ExceptionGroup("one is a bug", [Failure("x"), ValueError()])])
def test_a_bug_keeps_its_traceback(error: Exception) -> None:
    assert explain(error) is None


def test_every_error_of_the_package_has_a_sentence() -> None:
    examples = [NotSent("x"), OutcomeUnknown("x"), EventsLost(1, 10), InvalidKey("x"), ProtocolViolation("x")]
    kinds = {kind for kind in PitwireError.__subclasses__() if kind.__module__ == "pitwire.protocol.errors"}
    assert kinds - {Rejected} == set(map(type, examples))  # a Rejected of each kind is above
    for error in examples:
        assert explain(error)
