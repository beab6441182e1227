"""Faults on purpose: rules in and out of force. They are not in the log: a start begins without any."""

from typing import Any

import msgspec
from starlette.routing import Route

from pitwire.exchange.control.application import route
from pitwire.exchange.control.desk import BAD_REQUEST, NOT_FOUND, Refused
from pitwire.exchange.gateway.faults import Faults, Rule


def routes(faults: Faults) -> list[Route]:
    """The routes of this module."""

    async def show() -> list[dict[str, Any]]:
        return [
            {"number": number, "strikes": faults.strikes[number], **msgspec.to_builtins(rule)}
            for number, rule in faults.rules.items()
        ]

    async def add(body: Rule) -> dict[str, int]:
        try:
            return {"number": faults.add(body)}
        except ValueError as error:
            raise Refused(BAD_REQUEST, str(error)) from error

    async def clear() -> dict[str, Any]:
        faults.clear()
        return {}

    async def remove(number: int) -> dict[str, int]:
        struck = faults.strikes.get(number, 0)
        if not faults.remove(number):
            raise Refused(NOT_FOUND, f"no rule {number} is in force: GET /control/faults shows those that are")
        return {"number": number, "strikes": struck}

    return [
        route("GET", "/faults", show),
        route("POST", "/faults", add, Rule),
        route("DELETE", "/faults", clear),
        route("DELETE", "/faults/{number:int}", remove),
    ]
