"""Block trades: `blockTrades.historical`. They count in no candle and no ticker."""

from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from pitwire.exchange.messages import BlockTradeReported, SymbolListed
from pitwire.exchange.projections.archive import Kind, Wanted
from pitwire.exchange.projections.series import Chronicle, Series
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import Amount, Price, Quantity

KEPT: Final = 1000
"""In memory, per symbol: the most that a query returns. The archive has the others."""
LIMIT_DEFAULT: Final = 500
LIMIT_MAX: Final = 1000


class BlockTrade(Struct, frozen=True, array_like=True, gc=False):
    """A block trade as everybody sees it. A new field goes to the end with a default: older pages still read."""

    block_trade_id: int
    time_us: int
    price: Price
    quantity: Quantity
    quote: Amount
    buyer_is_maker: bool


BLOCK_TRADES: Final = Kind(15, BlockTrade, *map(attrgetter, ("block_trade_id", "time_us", "block_trade_id")))
KINDS: Final = (BLOCK_TRADES,)


class BlockTrades:
    """The block trades of all symbols. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self, chronicle: Chronicle, symbols: list[str] | None = None) -> None:
        """Those of `symbols` are what the chronicle has of them."""
        self._chronicle = chronicle
        self._series: dict[str, Series] = {}
        for symbol in symbols or ():
            self._begin(symbol)

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Begin with a new symbol; new rules leave its block trades as they are."""
        if event.rules.symbol not in self._series:
            self._begin(event.rules.symbol)

    def reported(self, event: BlockTradeReported, time_us: int) -> None:
        """Take in a block trade."""
        self._series[event.symbol].append(
            BlockTrade(event.block_trade_id, time_us, event.price, event.quantity, event.quote, event.buyer_is_maker)
        )

    def historical(self, symbol: str, from_id: int, limit: int | None, unit: TimeUnit) -> list[dict[str, Any]]:
        """The result of `blockTrades.historical` (web-socket-api.md, Historical Block Trades), oldest first.

        `limit` of them, by default 500, at most 1000, from `from_id` on.
        """
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        return [_block_trade(each, unit) for each in self._of(symbol).chosen(Wanted(first_id=from_id), count)]

    def _begin(self, symbol: str) -> None:
        self._series[symbol] = self._chronicle.series(BLOCK_TRADES, symbol, KEPT)

    def _of(self, symbol: str) -> Series:
        series = self._series.get(symbol)
        if series is None:
            raise UnknownSymbol(symbol)
        return series


def _block_trade(trade: BlockTrade, unit: TimeUnit) -> dict[str, Any]:
    return {
        "id": trade.block_trade_id,
        "price": grid_text(trade.price),
        "qty": grid_text(trade.quantity),
        "quoteQty": grid_text(trade.quote),
        "time": instant(trade.time_us, unit),
        "isBuyerMaker": trade.buyer_is_maker,
    }
