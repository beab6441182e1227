"""Matches that self-trade prevention kept from happening: `myPreventedMatches`."""

from typing import Any

from pitwire.exchange.messages import MatchPrevented
from pitwire.exchange.projections.archive import PREVENTED_MATCHES, PreventedMatch, Sorting, Wanted
from pitwire.exchange.projections.gathering import Gathering
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit

LIMIT_DEFAULT = 500
LIMIT_MAX = 1000


class PreventedMatches:
    """The prevented matches of every account, each once for either order.

    One between two accounts belongs to both, whichever of the two orders they ask for. One between two symbols, which
    smart order routing can bring about, is found on either.
    """

    def __init__(self, symbols: Symbols, gathering: Gathering) -> None:
        self._symbols = symbols
        self._gathering = gathering

    def happened(self, event: MatchPrevented, time_us: int) -> None:
        """Take in a match."""
        orders = (event.symbol, event.taker_order_id), (event.maker_symbol or event.symbol, event.maker_order_id)
        for account in sorted({event.taker_account, event.maker_account}):
            for symbol, order_id in orders:
                gathered = self._gathering.of(account, symbol)
                if self._gathering.takes(gathered):
                    self._gathering.add(gathered, PREVENTED_MATCHES, PreventedMatch(event, order_id, time_us))

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
        if prevented_match_id is not None:
            wanted, limit = Wanted(first_id=prevented_match_id, last_id=prevented_match_id), 1
        else:
            assert order_id is not None, "either the match's id or an order's"
            wanted = Wanted(first_id=from_id or 0, first_order=order_id, last_order=order_id)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        chosen = self._gathering.chosen(PREVENTED_MATCHES, account, symbol, wanted, Sorting(), count)
        return [_prevented_match(each.match, instant(each.time_us, unit)) for each in chosen]


def _prevented_match(match: MatchPrevented, transact_time: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "symbol": match.symbol,
        "preventedMatchId": match.prevented_match_id,
        "takerOrderId": match.taker_order_id,
        "makerSymbol": match.maker_symbol or match.symbol,
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
