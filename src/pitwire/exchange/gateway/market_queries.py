"""What each method of web-socket-api.md, Market data requests, answers, and `executionRules`.

A symbol's status is what `symbolStatus` says, or any. `symbols` answers with a list, even for one symbol; without
either the methods that allow it answer for all. Where the documentation is silent:

* A `limit` beyond the maximum is cut to it, 0 is refused with -1130.
* A `timeZone` or `windowSize` that is none is refused with -1130.
* More symbols than a method takes are refused with -1101; `ticker.tradingDay` takes as many as `ticker`.
* `avgPrice` is over as many minutes as the symbol's filters say, and over 5 without such a filter.
* `uiKlines` answers what `klines` does: how its candles are modified is not documented.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from pitwire.exchange.gateway.asking import Call, check_status, end_us, rows, start_us
from pitwire.exchange.gateway.refusal import refusal
from pitwire.exchange.projections.intervals import DAY_US, time_zone_us, window_us
from pitwire.exchange.projections.klines import klines
from pitwire.exchange.projections.reference_prices import NoReferencePrice
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.tickers import average_minutes, day_ticker, window_ticker
from pitwire.market.enums import Side, TickerType
from pitwire.protocol.errors import Code, wire_error
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import ExecutionRules
from pitwire.protocol.requests.market import (
    AvgPrice,
    BlockTradesHistorical,
    Depth,
    Klines,
    ReferencePrice,
    ReferencePriceCalculation,
    Ticker,
    Ticker24hr,
    TickerBook,
    TickerPrice,
    TickerTradingDay,
    TradesAggregate,
    TradesHistorical,
    TradesRecent,
    UiKlines,
)

DEPTH_DEFAULT: Final = 100
DEPTH_MAX: Final = 5000
TICKER_SYMBOLS_MAX: Final = 200


def _execution_rules(projections: Projections, request: ExecutionRules, _: Call) -> dict[str, Any]:
    if sum(each is not None for each in (request.symbol, request.symbols, request.symbol_status)) > 1:
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO)
    check_status(request.symbol_status)
    symbols = request.symbols if request.symbol is None else (request.symbol,)
    return projections.reference_prices.execution_rules(symbols, request.symbol_status)


def _reference_price(projections: Projections, request: ReferencePrice, call: Call) -> dict[str, Any]:
    try:
        return projections.reference_prices.current(request.symbol, call.now_us, call.unit)
    except NoReferencePrice:
        # The documented answer has status 200, and the error for its result (Query Reference Price).
        return msgspec.to_builtins(wire_error(Code.NO_REFERENCE_PRICE).body)  # type: ignore[no-any-return]


def _reference_price_calculation(
    projections: Projections, request: ReferencePriceCalculation, _: Call
) -> dict[str, Any]:
    check_status(request.symbol_status)
    return projections.reference_prices.calculation(request.symbol, request.symbol_status)


def _depth(projections: Projections, request: Depth, _: Call) -> dict[str, Any]:
    check_status(request.symbol_status)
    projections.symbols.rules(request.symbol, request.symbol_status)
    return projections.market.depth(request.symbol, rows(request.limit, DEPTH_DEFAULT, DEPTH_MAX))


def _trades_recent(projections: Projections, request: TradesRecent, call: Call) -> list[dict[str, Any]]:
    return projections.trades.historical(request.symbol, None, rows(request.limit), call.unit)


def _trades_historical(projections: Projections, request: TradesHistorical, call: Call) -> list[dict[str, Any]]:
    return projections.trades.historical(request.symbol, request.from_id, rows(request.limit), call.unit)


def _block_trades_historical(
    projections: Projections, request: BlockTradesHistorical, call: Call
) -> list[dict[str, Any]]:
    return projections.block_trades.historical(request.symbol, request.from_id, rows(request.limit), call.unit)


def _trades_aggregate(projections: Projections, request: TradesAggregate, call: Call) -> list[dict[str, Any]]:
    if request.from_id is not None and (request.start_time is not None or request.end_time is not None):
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO)
    return projections.trades.aggregate(
        request.symbol,
        request.from_id,
        start_us(request.start_time),
        end_us(request.end_time),
        rows(request.limit),
        call.unit,
    )


def _klines(projections: Projections, request: Klines | UiKlines, call: Call) -> list[tuple[Any, ...]]:
    return klines(
        projections.candles,
        request.symbol,
        request.interval,
        start_us(request.start_time),
        end_us(request.end_time),
        _offset_us(request.time_zone),
        rows(request.limit),
        call.unit,
        call.now_us,
    )


def _avg_price(projections: Projections, request: AvgPrice, call: Call) -> dict[str, Any]:
    minutes = average_minutes(projections.symbols.rules(request.symbol))
    return projections.tickers.average_price(request.symbol, minutes, call.now_us, call.unit)


def _ticker_24hr(projections: Projections, request: Ticker24hr, call: Call) -> Any:
    market, kind = projections.market, request.type or TickerType.FULL

    def ticker(symbol: str) -> dict[str, Any]:
        day = projections.tickers.day(symbol, call.now_us)
        return day_ticker(day, market.best(symbol, Side.BUY), market.best(symbol, Side.SELL), kind, call.unit)

    return _for_each(projections, request, ticker)


def _ticker_trading_day(projections: Projections, request: TickerTradingDay, call: Call) -> Any:
    _check_symbols(request.symbol, request.symbols)
    offset_us, kind = _offset_us(request.time_zone), request.type or TickerType.FULL
    tickers = projections.tickers
    return _for_each(
        projections,
        request,
        lambda symbol: window_ticker(tickers.trading_day(symbol, offset_us, call.now_us), kind, call.unit),
    )


def _ticker(projections: Projections, request: Ticker, call: Call) -> Any:
    _check_symbols(request.symbol, request.symbols)
    width_us = DAY_US if request.window_size is None else window_us(request.window_size)
    if width_us is None:
        raise refusal(Code.INVALID_PARAMETER, "windowSize")
    tickers, kind = projections.tickers, request.type or TickerType.FULL
    return _for_each(
        projections,
        request,
        lambda symbol: window_ticker(tickers.window(symbol, width_us, call.now_us), kind, call.unit),
    )


def _ticker_book(projections: Projections, request: TickerBook, _: Call) -> Any:
    return _for_each(projections, request, projections.market.book_ticker)


def _ticker_price(projections: Projections, request: TickerPrice, _: Call) -> Any:
    return _for_each(projections, request, projections.market.price_ticker)


def _for_each(
    projections: Projections,
    request: TickerBook | TickerPrice | Ticker24hr | TickerTradingDay | Ticker,
    ticker: Callable[[str], dict[str, Any]],
) -> dict[str, Any] | list[dict[str, Any]]:
    """One for `symbol`; a list for `symbols`, and of all symbols for neither (Symbol price ticker, Notes)."""
    symbols, status = projections.symbols, request.symbol_status
    check_status(status)
    if request.symbol is not None:
        if request.symbols is not None:
            raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO)
        return ticker(symbols.rules(request.symbol, status).symbol)
    return [ticker(symbol) for symbol in symbols.names(request.symbols, status)]


def _check_symbols(symbol: str | None, symbols: Sequence[str] | None) -> None:
    """For methods that do not answer for all symbols (Rolling window price change statistics, Notes)."""
    if symbol is None and not symbols:
        raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, "symbol", "symbols")
    if symbols is not None and len(symbols) > TICKER_SYMBOLS_MAX:
        raise refusal(Code.TOO_MANY_PARAMETERS, TICKER_SYMBOLS_MAX, len(symbols))


def _offset_us(time_zone: str | None) -> int:
    offset_us = 0 if time_zone is None else time_zone_us(time_zone)
    if offset_us is None:
        raise refusal(Code.INVALID_PARAMETER, "timeZone")
    return offset_us


MARKET_QUERIES: Final[Mapping[type[Request[Any]], Callable[[Projections, Any, Call], Any]]] = MappingProxyType(
    {
        ExecutionRules: _execution_rules,
        Depth: _depth,
        TradesRecent: _trades_recent,
        TradesHistorical: _trades_historical,
        BlockTradesHistorical: _block_trades_historical,
        TradesAggregate: _trades_aggregate,
        Klines: _klines,
        UiKlines: _klines,
        AvgPrice: _avg_price,
        Ticker24hr: _ticker_24hr,
        TickerTradingDay: _ticker_trading_day,
        Ticker: _ticker,
        TickerPrice: _ticker_price,
        TickerBook: _ticker_book,
        ReferencePrice: _reference_price,
        ReferencePriceCalculation: _reference_price_calculation,
    }
)
