"""The documentation's example results and events, by method."""

import json
from typing import Any

from tests.locations import spec_dir


def results(method: str) -> list[Any]:
    """The successful example results of one method, in the order of the documentation."""
    for row in json.loads((spec_dir() / "ws_api_methods.json").read_text()):
        if row["method"] == method:
            return [response["result"] for response in row["responses"] if response.get("status") == 200]
    raise AssertionError(f"the specification has no method {method}")


def event(kind: str) -> dict[str, Any]:
    """The example of one user data event."""
    for row in json.loads((spec_dir() / "user_data_events.json").read_text()):
        if row["payload"]["event"]["e"] == kind:
            example: dict[str, Any] = row["payload"]["event"]
            return example
    raise AssertionError(f"the specification has no event {kind}")
