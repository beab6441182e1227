"""Requests of web-socket-api.md, General requests."""

from typing import ClassVar

from pitwire.market.enums import SymbolStatus
from pitwire.protocol.requests import weights
from pitwire.protocol.requests.base import Method, Request, Security
from pitwire.protocol.results import Empty, ExchangeInformation, ExecutionRulesInformation, ServerTime


class Ping(Request[Empty], frozen=True, kw_only=True):
    """Test connectivity."""

    METHOD: ClassVar[Method] = Method("ping", Security.NONE, weight=1)


class Time(Request[ServerTime], frozen=True, kw_only=True):
    """Check server time."""

    METHOD: ClassVar[Method] = Method("time", Security.NONE, weight=1)


class ExchangeInfo(Request[ExchangeInformation], frozen=True, kw_only=True):
    """Exchange information.

    At most one of `symbol`, `symbols` and `permissions`; `symbol_status` goes with neither `symbol` nor `symbols`.
    """

    METHOD: ClassVar[Method] = Method("exchangeInfo", Security.NONE, weight=20)

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    permissions: tuple[str, ...] | str | None = None
    show_permission_sets: bool | None = None
    symbol_status: SymbolStatus | None = None


class ExecutionRules(Request[ExecutionRulesInformation], frozen=True, kw_only=True):
    """Query Execution Rules.

    At most one of the parameters.
    """

    METHOD: ClassVar[Method] = Method("executionRules", Security.NONE, weight=weights.per_symbol(2, 40))

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    symbol_status: SymbolStatus | None = None
