"""Every documented error code is known by its documented name and with its documented messages."""

from typing import Any

import pytest

from pitwire.protocol.codes import MESSAGES, Code
from tests.conformance import spec

NAMES = {  # headings that are sentences
    "Order cancel-replace partially failed": "CANCEL_REPLACE_PARTIALLY_FAILED",
    "Order cancel-replace failed": "CANCEL_REPLACE_FAILED",
}
MESSAGES_SENT = {  # where the specification has a description; this is what the examples of order.cancelReplace say
    -2021: ("Order cancel-replace partially failed.",),
    -2022: ("Order cancel-replace failed.",),
}
NAMED_IN_A_HEADING_ONLY = {-1010, -2038}  # Messages for -1010, -2010, -2011 and -2038


@pytest.mark.parametrize("row", spec.ERRORS, ids=lambda row: str(row["code"]))
def test_a_documented_code_has_its_name_and_messages(row: dict[str, Any]) -> None:
    code = Code(row["code"])
    assert code.name == NAMES.get(row["name"], row["name"])
    assert MESSAGES[code] == MESSAGES_SENT.get(row["code"], tuple(row["messages"]))


def test_there_are_no_codes_but_the_documented_ones() -> None:
    assert len(spec.ERRORS) == 104
    assert {code.value for code in Code} == {row["code"] for row in spec.ERRORS} | NAMED_IN_A_HEADING_ONLY
