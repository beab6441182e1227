"""What went wrong, in a sentence that names the value and what to do about it."""


class Failure(Exception):
    """A command cannot be done; the message says why, and what would help."""


def explain(error: BaseException) -> str | None:
    """What a user is told of `error`; None when it is not of the user's making, so that its traceback is kept."""
    from pitwire.protocol import errors

    match error:
        case Failure() | errors.InvalidKey() | errors.EventsLost():
            return str(error)
        case BaseExceptionGroup():
            sentences = [explain(inner) for inner in error.exceptions]
            return sentences[0] if all(sentences) else None
        case errors.RateLimited():
            return f"refused: {error}; wait before you ask again, or the address is banned for longer"
        case errors.Unauthorized():
            return (
                f"refused: {error}; check the API key, and that this exchange knows it (`pitwire keys` for a local one)"
            )
        case errors.Rejected():
            return f"refused: {error}"
        case errors.NotSent():
            return f"not sent: {error}; nothing was done, it is safe to try again"
        case errors.OutcomeUnknown():
            return (
                f"outcome unknown: {error}; an order may stand: ask with order.status or openOrders.status, "
                "do not send it again"
            )
        case errors.ProtocolViolation():
            return f"the other end broke the protocol: {error}"
    return None
