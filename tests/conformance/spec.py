"""The specification as data, and how its examples are compared. Whoever imports this is skipped where it is absent."""

import json
from typing import Any

from tests.locations import spec_dir

_SPEC = spec_dir()


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((_SPEC / name).read_text(encoding="utf-8"))
    return rows


METHODS = {row["method"]: row for row in _read("ws_api_methods.json")}
ENDPOINTS = {(row["verb"], row["path"]): row for row in _read("rest_endpoints.json")}
ERRORS = _read("errors.json")
USER_DATA_EVENTS = _read("user_data_events.json")
FILTERS = _read("filters.json")
STREAMS = _read("streams.json")


def text(value: Any) -> str:
    """A value as it counts: `5000` and `"5000"` are the same parameter."""
    return value if isinstance(value, str) else json.dumps(value)
