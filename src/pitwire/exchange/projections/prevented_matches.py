"""Matches that self-trade prevention kept from happening: `myPreventedMatches`."""

from collections import deque
from itertools import islice
from typing import Any

from pitwire.exchange.messages import MatchPrevented
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit

MATCHES_KEPT = 10_000
"""Kept per account and symbol; the oldest is forgotten first."""
LIMIT_DEFAULT = 500
LIMIT_MAX = 1000

Matches = list[tuple[int, str, list[tuple[MatchPrevented, int]]]]
"""By account and symbol: the matches, oldest first, each with the time at which it was prevented."""


class PreventedMatches:
    """The prevented matches of every account. One between two accounts belongs to both."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._matches: dict[tuple[int, str], deque[tuple[MatchPrevented, int]]] = {}

    def happened(self, event: MatchPrevented, time_us: int) -> None:
        """Take in a match."""
        for account in {event.taker_account, event.maker_account}:
            self._of(account, event.symbol).append((event, time_us))

    def query(
        self,
        account: int,
        symbol: str,
        prevented_match_id: int | None,
        order_id: int | None,
        from_id: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `myPreventedMatches` (web-socket-api.md, Account prevented matches), oldest first.

        Either the match with an id, or those of an order, whichever side it was on, from an id on: `limit` of
        them, by default 500, at most 1000. Raises `UnknownSymbol`.
        """
        self._symbols.rules(symbol)
        matches = self._matches.get((account, symbol), ())
        found = (
            (match, time_us)
            for match, time_us in matches
            if (prevented_match_id is None or match.prevented_match_id == prevented_match_id)
            and (order_id is None or order_id in (match.taker_order_id, match.maker_order_id))
            and (from_id is None or match.prevented_match_id >= from_id)
        )
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        return [_prevented_match(match, instant(time_us, unit)) for match, time_us in islice(found, count)]

    def state(self) -> Matches:
        """What a snapshot keeps."""
        return [(account, symbol, list(matches)) for (account, symbol), matches in sorted(self._matches.items())]

    @classmethod
    def of(cls, state: Matches, symbols: Symbols) -> "PreventedMatches":
        """The matches that a snapshot kept."""
        matches = cls(symbols)
        for account, symbol, kept in state:
            matches._of(account, symbol).extend(kept)
        return matches

    def _of(self, account: int, symbol: str) -> deque[tuple[MatchPrevented, int]]:
        return self._matches.setdefault((account, symbol), deque(maxlen=MATCHES_KEPT))


def _prevented_match(match: MatchPrevented, transact_time: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "symbol": match.symbol,
        "preventedMatchId": match.prevented_match_id,
        "takerOrderId": match.taker_order_id,
        "makerSymbol": match.symbol,
        "makerOrderId": match.maker_order_id,
        "tradeGroupId": match.trade_group,
        "selfTradePreventionMode": match.mode,
        "price": grid_text(match.price),
    }
    if match.taker_prevented is not None:
        result["takerPreventedQuantity"] = grid_text(match.taker_prevented)
    if match.maker_prevented is not None:
        result["makerPreventedQuantity"] = grid_text(match.maker_prevented)
    result["transactTime"] = transact_time
    return result
