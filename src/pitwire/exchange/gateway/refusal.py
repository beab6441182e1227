"""Why the exchange will not do what an admitted request asks, as an exception: handlers raise it."""

from pitwire.protocol.errors import Code, WireError, wire_error


class Refusal(Exception):
    """The request is answered with `error`, and nothing was done."""

    def __init__(self, error: WireError) -> None:
        super().__init__(f"{error.msg} ({error.code})")
        self.error = error


def refusal(code: Code, *values: object, message: str | None = None) -> Refusal:
    """The refusal `code` with its documented message and `values` filled in (see `wire_error`)."""
    return Refusal(wire_error(code, *values, message=message))
