"""The symbols that are listed, and `exchangeInfo` about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pitwire.exchange.messages import ExchangeFiltersSet, SmartRoutingSet, SymbolListed
from pitwire.exchange.projections.filters import described
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import OrderType, SymbolStatus, TimeUnit
from pitwire.market.filters import ExchangeFilter
from pitwire.market.numbers import SCALE_DIGITS
from pitwire.market.symbols import SymbolRules

DEFAULT_PERMISSIONS = ("SPOT", "MARGIN", "LEVERAGED")
"""What `exchangeInfo` without parameters lists (web-socket-api.md, Exchange information)."""


class UnknownSymbol(LookupError):
    """No such symbol is listed: -1121 on the wire."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"symbol {symbol!r} is not listed")
        self.symbol = symbol


class StatusMismatch(LookupError):
    """The symbol is not in the status that `symbolStatus` asks for: -1220 on the wire."""

    def __init__(self, symbol: str, status: SymbolStatus, asked: SymbolStatus) -> None:
        super().__init__(f"symbol {symbol} is {status}, not {asked}")
        self.symbol = symbol


class Symbols:
    """The rules of every listed symbol, in the order in which they were first listed."""

    def __init__(self) -> None:
        self._rules: dict[str, SymbolRules] = {}
        self._described: dict[str, dict[str, Any]] = {}
        self.exchange_filters: tuple[ExchangeFilter, ...] = ()
        self.routes: dict[str, tuple[str, ...]] = {}
        """By base asset: the symbols among which orders for it may be routed."""

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Take in a new symbol, or new rules for a known one."""
        rules = event.rules
        self._rules[rules.symbol] = rules
        self._described[rules.symbol] = _described(rules)

    def exchange_filters_set(self, event: ExchangeFiltersSet, _time_us: int) -> None:
        """Take in the filters of the whole exchange."""
        self.exchange_filters = event.filters

    def smart_routing_set(self, event: SmartRoutingSet, _time_us: int) -> None:
        """Take in among which symbols orders for an asset may be routed."""
        if event.symbols:
            self.routes[event.base] = event.symbols
        else:
            self.routes.pop(event.base, None)

    def rules(self, symbol: str, status: SymbolStatus | None = None) -> SymbolRules:
        """The rules of one symbol. Raises `UnknownSymbol`, and `StatusMismatch` when its status is not `status`."""
        rules = self._rules.get(symbol)
        if rules is None:
            raise UnknownSymbol(symbol)
        if status is not None and rules.status is not status:
            raise StatusMismatch(symbol, rules.status, status)
        return rules

    def names(self, symbols: Sequence[str] | None = None, status: SymbolStatus | None = None) -> list[str]:
        """The symbols asked for, or else all; without those in another status (web-socket-api.md, Symbol price ticker).

        Raises `UnknownSymbol` for the first one that is not listed.
        """
        chosen = self._rules.values() if symbols is None else [self.rules(symbol) for symbol in symbols]
        return [rules.symbol for rules in chosen if status is None or rules.status is status]

    def assets(self) -> set[str]:
        """Every asset that a listed symbol trades."""
        return {asset for rules in self._rules.values() for asset in (rules.base, rules.quote)}

    def exchange_info(
        self,
        rate_limits: Sequence[Any],
        now_us: int,
        unit: TimeUnit,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        permissions: str | Sequence[str] | None = None,
        symbol_status: SymbolStatus | None = None,
        show_permission_sets: bool = True,
    ) -> dict[str, Any]:
        """The result of `exchangeInfo` (web-socket-api.md, Exchange information).

        Which parameters exclude each other is the caller's to refuse. `permissions` (a list,
        or one name) selects the symbols that any of them allows to trade. Raises `UnknownSymbol`.
        """
        if symbol is not None:
            chosen = [symbol]
        elif symbols is not None:
            chosen = list(dict.fromkeys(symbols))
        else:
            if permissions is None:
                permissions = DEFAULT_PERMISSIONS
            wanted = {permissions} if isinstance(permissions, str) else set(permissions)
            chosen = [name for name, rules in self._rules.items() if not wanted.isdisjoint(_permissions(rules))]
        shown = [self._described[name] for name in self.names(chosen, symbol_status)]
        if not show_permission_sets:
            shown = [{**entry, "permissionSets": []} for entry in shown]
        info: dict[str, Any] = {
            "timezone": "UTC",
            "serverTime": instant(now_us, unit),
            "rateLimits": rate_limits,
            "exchangeFilters": [described(rule) for rule in self.exchange_filters],
            "symbols": shown,
        }
        if self.routes:  # (faqs/sor_faq.md, What symbols support SOR?)
            info["sors"] = [{"baseAsset": base, "symbols": symbols} for base, symbols in sorted(self.routes.items())]
        return info

    def state(self) -> list[SymbolRules]:
        """What a snapshot keeps."""
        return list(self._rules.values())

    @classmethod
    def of(
        cls,
        state: list[SymbolRules],
        exchange_filters: tuple[ExchangeFilter, ...] = (),
        routes: Mapping[str, tuple[str, ...]] | None = None,
    ) -> "Symbols":
        """The symbols that a snapshot kept."""
        symbols = cls()
        symbols.routes = dict(routes or {})
        symbols.exchange_filters = exchange_filters
        for rules in state:
            symbols.listed(SymbolListed(rules=rules), 0)
        return symbols


def _permissions(rules: SymbolRules) -> set[str]:
    return {permission for permissions in rules.permission_sets for permission in permissions}


def _described(rules: SymbolRules) -> dict[str, Any]:
    permissions = _permissions(rules)
    return {
        "symbol": rules.symbol,
        "status": rules.status,
        "baseAsset": rules.base,
        "baseAssetPrecision": SCALE_DIGITS,
        "quoteAsset": rules.quote,
        "quotePrecision": SCALE_DIGITS,
        "quoteAssetPrecision": SCALE_DIGITS,
        "baseCommissionPrecision": SCALE_DIGITS,
        "quoteCommissionPrecision": SCALE_DIGITS,
        "orderTypes": rules.order_types,
        "icebergAllowed": rules.iceberg_allowed,
        "ocoAllowed": rules.oco_allowed,
        "otoAllowed": rules.oto_allowed,
        "opoAllowed": rules.opo_allowed,
        "quoteOrderQtyMarketAllowed": OrderType.MARKET in rules.order_types,
        "allowTrailingStop": rules.trailing_stop_allowed,
        "cancelReplaceAllowed": rules.cancel_replace_allowed,
        "amendAllowed": rules.amend_allowed,
        "pegInstructionsAllowed": rules.peg_instructions_allowed,
        "isSpotTradingAllowed": "SPOT" in permissions,
        "isMarginTradingAllowed": "MARGIN" in permissions,
        "filters": [described(rule) for rule in rules.filters],
        "permissions": [],
        "permissionSets": rules.permission_sets,
        "defaultSelfTradePreventionMode": rules.default_self_trade_prevention,
        "allowedSelfTradePreventionModes": rules.allowed_self_trade_prevention,
    }
