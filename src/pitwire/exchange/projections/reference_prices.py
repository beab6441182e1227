"""Reference prices and execution rules: `executionRules`, `referencePrice` and `referencePrice.calculation`.

Source: web-socket-api.md, Query Execution Rules, Query Reference Price and Query Reference Price Calculation.
"""

from collections.abc import Sequence
from typing import Any

from pitwire.exchange.messages import ReferencePriceSet, SymbolListed, TradeMatched
from pitwire.exchange.projections.filters import multiplier
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import SymbolStatus, TimeUnit
from pitwire.market.numbers import text
from pitwire.market.reference_price import ArithmeticMean, PriceRange, ReferencePrice, ReferenceState


class NoReferencePrice(LookupError):
    """The symbol has no reference price, and never had one: -2043 on the wire."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"symbol {symbol} has no reference price")
        self.symbol = symbol


class ReferencePrices:
    """The reference price of every symbol that has one."""

    def __init__(self, symbols: Symbols, state: dict[str, ReferenceState] | None = None) -> None:
        self._symbols = symbols
        self._prices: dict[str, ReferencePrice] = {}
        for symbol, kept in (state or {}).items():
            calculation = symbols.rules(symbol).reference_price
            if calculation is not None:
                self._prices[symbol] = ReferencePrice(calculation, kept)

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Take in how the price is calculated from now on."""
        rules = event.rules
        known = self._prices.get(rules.symbol)
        if rules.reference_price is None:
            self._prices.pop(rules.symbol, None)
        elif known is None or known.calculation != rules.reference_price:
            self._prices[rules.symbol] = ReferencePrice(rules.reference_price)

    def traded(self, event: TradeMatched, time_us: int) -> None:
        """Count a trade."""
        price = self._prices.get(event.symbol)
        if price is not None:
            price.traded(time_us, event.price)

    def price_set(self, event: ReferencePriceSet, time_us: int) -> None:
        """Take in a price from outside."""
        self._prices[event.symbol].set(time_us, event.price)

    def current(self, symbol: str, now_us: int, unit: TimeUnit) -> dict[str, Any]:
        """The result of `referencePrice`: a mean is that of now, an external price has the time at which it was set.

        Raises `UnknownSymbol`, and `NoReferencePrice` when there never was one.
        """
        self._symbols.rules(symbol)
        reference = self._prices.get(symbol)
        if reference is None or reference.set_us < 0:
            raise NoReferencePrice(symbol)
        price = reference.at(now_us)
        valid_us = now_us if isinstance(reference.calculation, ArithmeticMean) else reference.set_us
        return {
            "symbol": symbol,
            "referencePrice": text(price) if price else None,
            "timestamp": instant(valid_us, unit),
        }

    def at(self, symbol: str, now_us: int) -> int:
        """The reference price, in units of 1e-8; 0 when there is none."""
        reference = self._prices.get(symbol)
        return 0 if reference is None else reference.at(now_us)

    def calculation(self, symbol: str, status: SymbolStatus | None) -> dict[str, Any]:
        """The result of `referencePrice.calculation`.

        Raises `UnknownSymbol`, `StatusMismatch`, and `NoReferencePrice` when none is calculated.
        """
        calculation = self._symbols.rules(symbol, status).reference_price
        if calculation is None:
            raise NoReferencePrice(symbol)
        if isinstance(calculation, ArithmeticMean):
            return {
                "symbol": symbol,
                "calculationType": "ARITHMETIC_MEAN",
                "bucketCount": calculation.bucket_count,
                "bucketWidthMs": calculation.bucket_width_ms,
            }
        return {
            "symbol": symbol,
            "calculationType": "EXTERNAL",
            "externalCalculationId": calculation.calculation_id,
        }

    def execution_rules(self, symbols: Sequence[str] | None, status: SymbolStatus | None) -> dict[str, Any]:
        """The result of `executionRules` for some symbols or all. Raises `UnknownSymbol`."""
        names = self._symbols.names(symbols, status)
        return {"symbolRules": [{"symbol": name, "rules": self._rules(name)} for name in names]}

    def state(self) -> dict[str, ReferenceState]:
        """What a snapshot keeps."""
        return {symbol: price.state() for symbol, price in sorted(self._prices.items())}

    def _rules(self, symbol: str) -> list[dict[str, Any]]:
        price_range = self._symbols.rules(symbol).price_range
        return [] if price_range is None else [_described(price_range)]


def _described(rule: PriceRange) -> dict[str, Any]:
    limits = {
        "bidLimitMultUp": rule.bid_limit_up,
        "bidLimitMultDown": rule.bid_limit_down,
        "askLimitMultUp": rule.ask_limit_up,
        "askLimitMultDown": rule.ask_limit_down,
    }
    return {
        "ruleType": "PRICE_RANGE",
        **{name: multiplier(limit, places=4) for name, limit in limits.items() if limit is not None},
    }
