from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from pitwire.client.limits.headers import Told, told

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000

CASES: list[tuple[Mapping[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"X-MBX-USED-WEIGHT-1M": "17"}, {"weights": {MINUTE: 17}}),
    ({"x-mbx-used-weight": "17", "x-mbx-used-weight-1m": "17"}, {"weights": {MINUTE: 17}}),
    ({"X-MBX-USED-WEIGHT-1M": "17", "X-MBX-USED-WEIGHT-5H": "0"}, {"weights": {MINUTE: 17, 5 * HOUR: 0}}),
    ({"X-MBX-ORDER-COUNT-10S": "4", "X-MBX-ORDER-COUNT-1D": "99"}, {"orders": {10 * SECOND: 4, DAY: 99}}),
    ({"Retry-After": "120"}, {"retry_after_s": 120}),
    ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, {}),
    ({"Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, {"at_us": 1_792_567_680_000_000}),
    ({"Date": "yesterday"}, {}),
    ({"X-MBX-USED-WEIGHT-1M": "-1", "X-MBX-USED-WEIGHT-0M": "1", "X-MBX-USED-WEIGHT-1W": "1"}, {}),
    ({"X-MBX-USED-WEIGHT-1M": "1" * 4_000, "X-MBX-USED-WEIGHT-" + "1" * 4_000 + "M": "1", "Retry-After": "٣"}, {}),
    (httpx.Headers({"X-Mbx-Used-Weight-1m": "3", "Content-Type": "application/json"}), {"weights": {MINUTE: 3}}),
]


@pytest.mark.parametrize(("headers", "said"), CASES, ids=[str(case[0])[:60] for case in CASES])
def test_what_headers_say(headers: Mapping[str, str], said: dict[str, Any]):
    nothing: dict[str, Any] = {"weights": {}, "orders": {}, "retry_after_s": None, "at_us": None}
    assert told(headers) == Told(**(nothing | said))
