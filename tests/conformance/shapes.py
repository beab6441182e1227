"""The shape of an answer: its fields, their nesting, and the kind of each value, held against documented examples."""

import re
from typing import Any

from tests.conformance import spec

FILTERS = {row["filterType"]: row for row in spec.FILTERS}

_is_decimal = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch

CONDITIONAL = frozenset(
    {
        # web-socket-api.md, Conditional fields in Order Responses
        "expiryReason",
        "icebergQty",
        "pegOffsetType",
        "pegOffsetValue",
        "pegPriceType",
        "peggedPrice",
        "preventedMatchId",
        "preventedQuantity",
        "stopPrice",
        "strategyId",
        "strategyType",
        "trailingDelta",
        "trailingTime",
        "usedSor",
        "workingFloor",
        # web-socket-api.md, Exchange information: present only when SOR is available
        "sors",
        # faqs/stp_faq.md: of an order that met one of its own account
        "preventedMatches",
        "tradeGroupId",
        # "appears when the order is working on the book", and missing in the older ones of the examples
        "workingTime",
    }
)
"""Fields that depend on the order that is shown. When each of them appears is tested in the scenarios."""


def differences(answer: Any, *examples: Any) -> list[str]:
    """What sets `answer` apart from the example that is most like it; empty where it has that one's shape.

    An array inside of it may be empty, since that is what it may be at Binance; an answer that is one may not.
    """
    if answer == [] and [] not in examples:
        return ["empty, and so without a shape"]
    return min((list(_differences(answer, example, "")) for example in examples), key=len)


def _differences(answer: Any, example: Any, at: str) -> list[str]:
    match answer, example:
        case {"filterType": str(name)}, {"filterType": other} if name != other:
            return _differences(answer, FILTERS[name], at)
        case dict(), dict():
            found = [f"{at}.{name}: missing" for name in example.keys() - answer.keys() - CONDITIONAL]
            found += [f"{at}.{name}: not in the example" for name in answer.keys() - example.keys() - CONDITIONAL]
            for name in answer.keys() & example.keys():
                found += _differences(answer[name], example[name], f"{at}.{name}")
            return sorted(found)
        case list(), list():
            if not example or not answer:
                return []
            kinds = {_kind(element) for element in example}
            if len(kinds) > 1 and not kinds & {"object", "array"}:  # a row, each of whose places has its own meaning
                if len(answer) != len(example):
                    return [f"{at}: {len(answer)} values, not {len(example)}"]
                pairs = zip(answer, example, strict=True)
                return [each for place, pair in enumerate(pairs) for each in _differences(*pair, f"{at}[{place}]")]
            return [
                each
                for place, element in enumerate(answer)
                for each in min((_differences(element, one, f"{at}[{place}]") for one in example), key=len)
            ]
    if _kind(answer) != _kind(example):
        return [f"{at}: {answer!r} is of another kind than {example!r}"]
    return []


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "object"
        case list():
            return "array"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case None:
            return "null"
        case str() if _is_decimal(value):
            return "decimal"
    return "string"
