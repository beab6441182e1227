"""One typed method for each of the API's methods. Written by tools/generate_methods.py from the registry."""

# ruff: noqa: A002  (parameters keep Binance's words: `type`)

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import TypeVar, overload

from pitwire.client import coerce
from pitwire.market.enums import (
    CancelReplaceMode,
    CancelRestriction,
    KlineInterval,
    OrderRateLimitExceededMode,
    OrderResponseType,
    OrderType,
    PegOffsetType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    SymbolStatus,
    TickerType,
    TimeInForce,
)
from pitwire.protocol.codec import decimal_parameter
from pitwire.protocol.requests import account, auth, general, lists, market, trading, user_stream
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results import (
    Account,
    AccountCommissionRates,
    AccountTrade,
    AggregateTrade,
    Allocation,
    Amendment,
    AveragePrice,
    BlockTrade,
    BookTicker,
    Canceled,
    CancelReplaced,
    DayStatistics,
    Empty,
    ExchangeInformation,
    ExecutionRulesInformation,
    Kline,
    Order,
    OrderAmended,
    OrderBook,
    OrderList,
    OrderListCanceled,
    OrderListPlaced,
    OrderPlaced,
    OrderTested,
    PreventedMatch,
    PriceTicker,
    RateLimit,
    ReferencePriceInformation,
    ReferencePriceMethod,
    RelevantFilters,
    ServerTime,
    Session,
    Subscription,
    Trade,
    WindowStatistics,
)

R = TypeVar("R")


class Methods(ABC):
    """The API's methods, their names and parameters in snake_case. Each builds a request and hands it to `call`.

    Prices, quantities and amounts are taken as `Decimal`, `str` or `int`: a float raises `TypeError`. Enums are taken
    as members or as their strings: any other raises `ValueError`. Both at once, before anything is sent.

    The request is sent when the method is called, before anybody awaits it. What a method returns is a future: await
    it, or hand it to `asyncio.gather` or `asyncio.ensure_future`. (`asyncio.create_task` takes coroutines only, so it
    raises `TypeError` when the request is on its way already.) It raises `NotSent`, `OutcomeUnknown`, `Rejected` or
    `ProtocolViolation` (`pitwire.protocol.errors`). Cancelling the await takes nothing back that has been sent.

    `return_rate_limits` decides for this request whether the response brings the rate limits.
    `recv_window` is for how many milliseconds after its timestamp the exchange may accept the request: 5000 by default,
    at most 60000, three decimal places.
    """

    @abstractmethod
    def call(self, request: Request[R], /) -> Awaitable[R]:
        """Send `request`; what it is answered with."""

    def ping(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[Empty]:
        """Test connectivity.

        `ping`. Security: NONE. Weight: 1. Source: web-socket-api.md, Test connectivity.
        """
        return self.call(
            general.Ping(
                return_rate_limits=return_rate_limits,
            )
        )

    def time(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[ServerTime]:
        """Check server time.

        `time`. Security: NONE. Weight: 1. Source: web-socket-api.md, Check server time.
        """
        return self.call(
            general.Time(
                return_rate_limits=return_rate_limits,
            )
        )

    def exchange_info(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        permissions: Sequence[str] | str | None = None,
        show_permission_sets: bool | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[ExchangeInformation]:
        """Exchange information.

        At most one of `symbol`, `symbols` and `permissions`; `symbol_status` goes with neither `symbol` nor `symbols`.

        `exchangeInfo`. Security: NONE. Weight: 20. Source: web-socket-api.md, Exchange information.
        """
        return self.call(
            general.ExchangeInfo(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                permissions=None if permissions is None else coerce.one_or_more(permissions),
                show_permission_sets=show_permission_sets,
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    def execution_rules(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[ExecutionRulesInformation]:
        """Query Execution Rules.

        At most one of the parameters.

        `executionRules`. Security: NONE. Weight: 2 for each symbol, at most 40. Source: web-socket-api.md, Query
        Execution Rules.
        """
        return self.call(
            general.ExecutionRules(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    def depth(
        self,
        *,
        symbol: str,
        limit: int | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[OrderBook]:
        """Order book.

        `limit` is 100 by default and at most 5000.

        `depth`. Security: NONE. Weight: 5 for a `limit` of up to 100, 25 for up to 500, 50 for up to 1000, 250 beyond
        that. Source: web-socket-api.md, Order book.
        """
        return self.call(
            market.Depth(
                symbol=symbol,
                limit=None if limit is None else coerce.integer(limit, "limit"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    def trades_recent(
        self,
        *,
        symbol: str,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[Trade, ...]]:
        """Recent trades.

        `limit` is 500 by default and at most 1000.

        `trades.recent`. Security: NONE. Weight: 25. Source: web-socket-api.md, Recent trades.
        """
        return self.call(
            market.TradesRecent(
                symbol=symbol,
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def trades_historical(
        self,
        *,
        symbol: str,
        from_id: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[Trade, ...]]:
        """Historical trades.

        `limit` is 500 by default and at most 1000; without `from_id` the most recent trades come.

        `trades.historical`. Security: NONE. Weight: 25. Source: web-socket-api.md, Historical trades.
        """
        return self.call(
            market.TradesHistorical(
                symbol=symbol,
                from_id=None if from_id is None else coerce.integer(from_id, "from_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def block_trades_historical(
        self,
        *,
        symbol: str,
        from_id: int,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[BlockTrade, ...]]:
        """Historical Block Trades.

        `limit` is 500 by default and at most 1000.

        `blockTrades.historical`. Security: NONE. Weight: 25. Source: web-socket-api.md, Historical Block Trades.
        """
        return self.call(
            market.BlockTradesHistorical(
                symbol=symbol,
                from_id=coerce.integer(from_id, "from_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def trades_aggregate(
        self,
        *,
        symbol: str,
        from_id: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[AggregateTrade, ...]]:
        """Aggregate trades.

        `limit` is 500 by default and at most 1000; `from_id` goes with neither time.

        `trades.aggregate`. Security: NONE. Weight: 4. Source: web-socket-api.md, Aggregate trades.
        """
        return self.call(
            market.TradesAggregate(
                symbol=symbol,
                from_id=None if from_id is None else coerce.integer(from_id, "from_id"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def klines(
        self,
        *,
        symbol: str,
        interval: KlineInterval | str,
        start_time: int | None = None,
        end_time: int | None = None,
        time_zone: str | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[Kline, ...]]:
        """Klines.

        `limit` is 500 by default and at most 1000; `time_zone` is "0" (UTC) by default, e.g. "-1:00" or "5:45".

        `klines`. Security: NONE. Weight: 2. Source: web-socket-api.md, Klines.
        """
        return self.call(
            market.Klines(
                symbol=symbol,
                interval=coerce.member(KlineInterval, interval, "interval"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                time_zone=time_zone,
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def ui_klines(
        self,
        *,
        symbol: str,
        interval: KlineInterval | str,
        start_time: int | None = None,
        end_time: int | None = None,
        time_zone: str | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[Kline, ...]]:
        """UI Klines.

        Klines with changes that make charts look better; the parameters are those of `klines`.

        `uiKlines`. Security: NONE. Weight: 2. Source: web-socket-api.md, UI Klines.
        """
        return self.call(
            market.UiKlines(
                symbol=symbol,
                interval=coerce.member(KlineInterval, interval, "interval"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                time_zone=time_zone,
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
            )
        )

    def avg_price(
        self,
        *,
        symbol: str,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[AveragePrice]:
        """Current average price.

        `avgPrice`. Security: NONE. Weight: 2. Source: web-socket-api.md, Current average price.
        """
        return self.call(
            market.AvgPrice(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
            )
        )

    @overload
    def ticker_24hr(
        self,
        *,
        symbol: str,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[DayStatistics]: ...

    @overload
    def ticker_24hr(
        self,
        *,
        symbol: None = None,
        symbols: Sequence[str] | None = None,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[DayStatistics, ...]]: ...

    def ticker_24hr(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[DayStatistics | tuple[DayStatistics, ...]]:
        """24hr ticker price change statistics.

        `symbol` or `symbols`, or neither for all, which is slow and heavy. Only `symbol` answers with a single object.

        `ticker.24hr`. Security: NONE. Weight: 2 for up to 20 symbols, 40 for up to 100, 80 beyond that and for all.
        Source: web-socket-api.md, 24hr ticker price change statistics.
        """
        return self.call(
            market.Ticker24hr(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                type=None if type is None else coerce.member(TickerType, type, "type"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    @overload
    def ticker_trading_day(
        self,
        *,
        symbol: str,
        time_zone: str | None = None,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[WindowStatistics]: ...

    @overload
    def ticker_trading_day(
        self,
        *,
        symbol: None = None,
        symbols: Sequence[str] | None = None,
        time_zone: str | None = None,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[WindowStatistics, ...]]: ...

    def ticker_trading_day(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        time_zone: str | None = None,
        type: TickerType | str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[WindowStatistics | tuple[WindowStatistics, ...]]:
        """Trading Day Ticker.

        Either `symbol` or `symbols`. Only `symbol` answers with a single object.

        `ticker.tradingDay`. Security: NONE. Weight: 4 for each symbol, at most 200. Source: web-socket-api.md, Trading
        Day Ticker.
        """
        return self.call(
            market.TickerTradingDay(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                time_zone=time_zone,
                type=None if type is None else coerce.member(TickerType, type, "type"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    @overload
    def ticker(
        self,
        *,
        symbol: str,
        type: TickerType | str | None = None,
        window_size: str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[WindowStatistics]: ...

    @overload
    def ticker(
        self,
        *,
        symbol: None = None,
        symbols: Sequence[str] | None = None,
        type: TickerType | str | None = None,
        window_size: str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[WindowStatistics, ...]]: ...

    def ticker(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        type: TickerType | str | None = None,
        window_size: str | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[WindowStatistics | tuple[WindowStatistics, ...]]:
        """Rolling window price change statistics.

        Either `symbol` or `symbols`, at most 200. `window_size` is "1m" to "59m", "1h" to "23h" or "1d" to "7d", by
        default "1d". Only `symbol` answers with a single object.

        `ticker`. Security: NONE. Weight: 4 for each symbol, at most 200. Source: web-socket-api.md, Rolling window
        price change statistics.
        """
        return self.call(
            market.Ticker(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                type=None if type is None else coerce.member(TickerType, type, "type"),
                window_size=window_size,
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    @overload
    def ticker_price(
        self,
        *,
        symbol: str,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[PriceTicker]: ...

    @overload
    def ticker_price(
        self,
        *,
        symbol: None = None,
        symbols: Sequence[str] | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[PriceTicker, ...]]: ...

    def ticker_price(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[PriceTicker | tuple[PriceTicker, ...]]:
        """Symbol price ticker.

        `symbol` or `symbols`, or neither for all. Only `symbol` answers with a single object.

        `ticker.price`. Security: NONE. Weight: 2 for a single `symbol`, 4 for `symbols` or for all. Source: web-socket-
        api.md, Symbol price ticker.
        """
        return self.call(
            market.TickerPrice(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    @overload
    def ticker_book(
        self,
        *,
        symbol: str,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[BookTicker]: ...

    @overload
    def ticker_book(
        self,
        *,
        symbol: None = None,
        symbols: Sequence[str] | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[BookTicker, ...]]: ...

    def ticker_book(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[BookTicker | tuple[BookTicker, ...]]:
        """Symbol order book ticker.

        `symbol` or `symbols`, or neither for all. Only `symbol` answers with a single object.

        `ticker.book`. Security: NONE. Weight: 2 for a single `symbol`, 4 for `symbols` or for all. Source: web-socket-
        api.md, Symbol order book ticker.
        """
        return self.call(
            market.TickerBook(
                symbol=symbol,
                symbols=None if symbols is None else coerce.texts(symbols, "symbols"),
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    def reference_price(
        self,
        *,
        symbol: str,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[ReferencePriceInformation]:
        """Query Reference Price.

        `referencePrice`. Security: NONE. Weight: 2. Source: web-socket-api.md, Query Reference Price.
        """
        return self.call(
            market.ReferencePrice(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
            )
        )

    def reference_price_calculation(
        self,
        *,
        symbol: str,
        symbol_status: SymbolStatus | str | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[ReferencePriceMethod]:
        """Query Reference Price Calculation.

        `referencePrice.calculation`. Security: NONE. Weight: 2. Source: web-socket-api.md, Query Reference Price
        Calculation.
        """
        return self.call(
            market.ReferencePriceCalculation(
                symbol=symbol,
                symbol_status=None
                if symbol_status is None
                else coerce.member(SymbolStatus, symbol_status, "symbol_status"),
                return_rate_limits=return_rate_limits,
            )
        )

    def session_logon(
        self,
        *,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[Session]:
        """Log in with API key (SIGNED).

        Ed25519 keys only. Requests that follow on the same connection need no key and no signature.

        `session.logon`. Security: SIGNED. Weight: 2. Source: web-socket-api.md, Log in with API key (SIGNED).
        """
        return self.call(
            auth.SessionLogon(
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def session_status(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[Session]:
        """Query session status.

        `session.status`. Security: NONE. Weight: 2. Source: web-socket-api.md, Query session status.
        """
        return self.call(
            auth.SessionStatus(
                return_rate_limits=return_rate_limits,
            )
        )

    def session_logout(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[Session]:
        """Log out of the session.

        `session.logout`. Security: NONE. Weight: 2. Source: web-socket-api.md, Log out of the session.
        """
        return self.call(
            auth.SessionLogout(
                return_rate_limits=return_rate_limits,
            )
        )

    def order_place(
        self,
        *,
        symbol: str,
        side: Side | str,
        type: OrderType | str,
        time_in_force: TimeInForce | str | None = None,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int | None = None,
        quote_order_qty: Decimal | str | int | None = None,
        new_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        stop_price: Decimal | str | int | None = None,
        trailing_delta: int | None = None,
        iceberg_qty: Decimal | str | int | None = None,
        strategy_id: int | None = None,
        strategy_type: int | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        peg_price_type: PegPriceType | str | None = None,
        peg_offset_value: int | None = None,
        peg_offset_type: PegOffsetType | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderPlaced]:
        """Place new order (TRADE).

        LIMIT takes `time_in_force`, `price`, `quantity`; LIMIT_MAKER `price`, `quantity`; MARKET `quantity` or
        `quote_order_qty`. `new_order_resp_type` is FULL by default for LIMIT and MARKET, ACK otherwise.

        `order.place`. Security: TRADE. Weight: 1. Unfilled orders: 1. Source: web-socket-api.md, Place new order
        (TRADE).
        """
        return self.call(
            trading.OrderPlace(
                symbol=symbol,
                side=coerce.member(Side, side, "side"),
                type=coerce.member(OrderType, type, "type"),
                time_in_force=None
                if time_in_force is None
                else coerce.member(TimeInForce, time_in_force, "time_in_force"),
                price=None if price is None else decimal_parameter(price, "price"),
                quantity=None if quantity is None else decimal_parameter(quantity, "quantity"),
                quote_order_qty=None
                if quote_order_qty is None
                else decimal_parameter(quote_order_qty, "quote_order_qty"),
                new_client_order_id=new_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                stop_price=None if stop_price is None else decimal_parameter(stop_price, "stop_price"),
                trailing_delta=None if trailing_delta is None else coerce.integer(trailing_delta, "trailing_delta"),
                iceberg_qty=None if iceberg_qty is None else decimal_parameter(iceberg_qty, "iceberg_qty"),
                strategy_id=None if strategy_id is None else coerce.integer(strategy_id, "strategy_id"),
                strategy_type=None if strategy_type is None else coerce.integer(strategy_type, "strategy_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                peg_price_type=None
                if peg_price_type is None
                else coerce.member(PegPriceType, peg_price_type, "peg_price_type"),
                peg_offset_value=None
                if peg_offset_value is None
                else coerce.integer(peg_offset_value, "peg_offset_value"),
                peg_offset_type=None
                if peg_offset_type is None
                else coerce.member(PegOffsetType, peg_offset_type, "peg_offset_type"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_test(
        self,
        *,
        symbol: str,
        side: Side | str,
        type: OrderType | str,
        time_in_force: TimeInForce | str | None = None,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int | None = None,
        quote_order_qty: Decimal | str | int | None = None,
        new_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        stop_price: Decimal | str | int | None = None,
        trailing_delta: int | None = None,
        iceberg_qty: Decimal | str | int | None = None,
        strategy_id: int | None = None,
        strategy_type: int | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        peg_price_type: PegPriceType | str | None = None,
        peg_offset_value: int | None = None,
        peg_offset_type: PegOffsetType | str | None = None,
        compute_commission_rates: bool | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderTested]:
        """Test new order (TRADE).

        Checks the parameters and the signature of an order, and does not place it.

        `order.test`. Security: TRADE. Weight: 1, and 20 with `compute_commission_rates`. Source: web-socket-api.md,
        Test new order (TRADE).
        """
        return self.call(
            trading.OrderTest(
                symbol=symbol,
                side=coerce.member(Side, side, "side"),
                type=coerce.member(OrderType, type, "type"),
                time_in_force=None
                if time_in_force is None
                else coerce.member(TimeInForce, time_in_force, "time_in_force"),
                price=None if price is None else decimal_parameter(price, "price"),
                quantity=None if quantity is None else decimal_parameter(quantity, "quantity"),
                quote_order_qty=None
                if quote_order_qty is None
                else decimal_parameter(quote_order_qty, "quote_order_qty"),
                new_client_order_id=new_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                stop_price=None if stop_price is None else decimal_parameter(stop_price, "stop_price"),
                trailing_delta=None if trailing_delta is None else coerce.integer(trailing_delta, "trailing_delta"),
                iceberg_qty=None if iceberg_qty is None else decimal_parameter(iceberg_qty, "iceberg_qty"),
                strategy_id=None if strategy_id is None else coerce.integer(strategy_id, "strategy_id"),
                strategy_type=None if strategy_type is None else coerce.integer(strategy_type, "strategy_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                peg_price_type=None
                if peg_price_type is None
                else coerce.member(PegPriceType, peg_price_type, "peg_price_type"),
                peg_offset_value=None
                if peg_offset_value is None
                else coerce.integer(peg_offset_value, "peg_offset_value"),
                peg_offset_type=None
                if peg_offset_type is None
                else coerce.member(PegOffsetType, peg_offset_type, "peg_offset_type"),
                compute_commission_rates=compute_commission_rates,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_cancel(
        self,
        *,
        symbol: str,
        order_id: int | None = None,
        orig_client_order_id: str | None = None,
        new_client_order_id: str | None = None,
        cancel_restrictions: CancelRestriction | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[Canceled]:
        """Cancel order (TRADE).

        By `order_id`, by `orig_client_order_id`, or by both, which must then agree. An order of an order list takes the
        whole list with it.

        `order.cancel`. Security: TRADE. Weight: 1. Source: web-socket-api.md, Cancel order (TRADE).
        """
        return self.call(
            trading.OrderCancel(
                symbol=symbol,
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                orig_client_order_id=orig_client_order_id,
                new_client_order_id=new_client_order_id,
                cancel_restrictions=None
                if cancel_restrictions is None
                else coerce.member(CancelRestriction, cancel_restrictions, "cancel_restrictions"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_cancel_replace(
        self,
        *,
        symbol: str,
        cancel_replace_mode: CancelReplaceMode | str,
        cancel_order_id: int | None = None,
        cancel_orig_client_order_id: str | None = None,
        cancel_new_client_order_id: str | None = None,
        side: Side | str,
        type: OrderType | str,
        time_in_force: TimeInForce | str | None = None,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int | None = None,
        quote_order_qty: Decimal | str | int | None = None,
        new_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        stop_price: Decimal | str | int | None = None,
        trailing_delta: int | None = None,
        iceberg_qty: Decimal | str | int | None = None,
        strategy_id: int | None = None,
        strategy_type: int | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        cancel_restrictions: CancelRestriction | str | None = None,
        order_rate_limit_exceeded_mode: OrderRateLimitExceededMode | str | None = None,
        peg_price_type: PegPriceType | str | None = None,
        peg_offset_value: int | None = None,
        peg_offset_type: PegOffsetType | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[CancelReplaced]:
        """Cancel and replace order (TRADE).

        The order to cancel by `cancel_order_id`, `cancel_orig_client_order_id` or both; the new one as in
        `order.place`.

        `order.cancelReplace`. Security: TRADE. Weight: 1. Unfilled orders: 1. Source: web-socket-api.md, Cancel and
        replace order (TRADE).
        """
        return self.call(
            trading.OrderCancelReplace(
                symbol=symbol,
                cancel_replace_mode=coerce.member(CancelReplaceMode, cancel_replace_mode, "cancel_replace_mode"),
                cancel_order_id=None if cancel_order_id is None else coerce.integer(cancel_order_id, "cancel_order_id"),
                cancel_orig_client_order_id=cancel_orig_client_order_id,
                cancel_new_client_order_id=cancel_new_client_order_id,
                side=coerce.member(Side, side, "side"),
                type=coerce.member(OrderType, type, "type"),
                time_in_force=None
                if time_in_force is None
                else coerce.member(TimeInForce, time_in_force, "time_in_force"),
                price=None if price is None else decimal_parameter(price, "price"),
                quantity=None if quantity is None else decimal_parameter(quantity, "quantity"),
                quote_order_qty=None
                if quote_order_qty is None
                else decimal_parameter(quote_order_qty, "quote_order_qty"),
                new_client_order_id=new_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                stop_price=None if stop_price is None else decimal_parameter(stop_price, "stop_price"),
                trailing_delta=None if trailing_delta is None else coerce.integer(trailing_delta, "trailing_delta"),
                iceberg_qty=None if iceberg_qty is None else decimal_parameter(iceberg_qty, "iceberg_qty"),
                strategy_id=None if strategy_id is None else coerce.integer(strategy_id, "strategy_id"),
                strategy_type=None if strategy_type is None else coerce.integer(strategy_type, "strategy_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                cancel_restrictions=None
                if cancel_restrictions is None
                else coerce.member(CancelRestriction, cancel_restrictions, "cancel_restrictions"),
                order_rate_limit_exceeded_mode=None
                if order_rate_limit_exceeded_mode is None
                else coerce.member(
                    OrderRateLimitExceededMode, order_rate_limit_exceeded_mode, "order_rate_limit_exceeded_mode"
                ),
                peg_price_type=None
                if peg_price_type is None
                else coerce.member(PegPriceType, peg_price_type, "peg_price_type"),
                peg_offset_value=None
                if peg_offset_value is None
                else coerce.integer(peg_offset_value, "peg_offset_value"),
                peg_offset_type=None
                if peg_offset_type is None
                else coerce.member(PegOffsetType, peg_offset_type, "peg_offset_type"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_amend_keep_priority(
        self,
        *,
        symbol: str,
        order_id: int | None = None,
        orig_client_order_id: str | None = None,
        new_client_order_id: str | None = None,
        new_qty: Decimal | str | int,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderAmended]:
        """Order Amend Keep Priority (TRADE).

        Reduces an open order's quantity to `new_qty`. The order by `order_id` or `orig_client_order_id`.

        `order.amend.keepPriority`. Security: TRADE. Weight: 4. Source: web-socket-api.md, Order Amend Keep Priority
        (TRADE).
        """
        return self.call(
            trading.OrderAmendKeepPriority(
                symbol=symbol,
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                orig_client_order_id=orig_client_order_id,
                new_client_order_id=new_client_order_id,
                new_qty=decimal_parameter(new_qty, "new_qty"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def open_orders_cancel_all(
        self,
        *,
        symbol: str,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[Canceled, ...]]:
        """Cancel open orders (TRADE).

        All open orders on the symbol, order lists among them.

        `openOrders.cancelAll`. Security: TRADE. Weight: 1. Source: web-socket-api.md, Cancel open orders (TRADE).
        """
        return self.call(
            trading.OpenOrdersCancelAll(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place(
        self,
        *,
        symbol: str,
        side: Side | str,
        price: Decimal | str | int,
        quantity: Decimal | str | int,
        list_client_order_id: str | None = None,
        limit_client_order_id: str | None = None,
        limit_iceberg_qty: Decimal | str | int | None = None,
        limit_strategy_id: int | None = None,
        limit_strategy_type: int | None = None,
        stop_price: Decimal | str | int | None = None,
        trailing_delta: int | None = None,
        stop_client_order_id: str | None = None,
        stop_limit_price: Decimal | str | int | None = None,
        stop_limit_time_in_force: TimeInForce | str | None = None,
        stop_iceberg_qty: Decimal | str | int | None = None,
        stop_strategy_id: int | None = None,
        stop_strategy_type: int | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """Place new OCO - Deprecated (TRADE).

        A LIMIT_MAKER at `price` and a stop loss at `stop_price` or by `trailing_delta`; `order_list_place_oco` replaces
        it.

        `orderList.place`. Security: TRADE. Weight: 1. Unfilled orders: 1. Source: web-socket-api.md, Place new OCO -
        Deprecated (TRADE).
        """
        return self.call(
            lists.OrderListPlace(
                symbol=symbol,
                side=coerce.member(Side, side, "side"),
                price=decimal_parameter(price, "price"),
                quantity=decimal_parameter(quantity, "quantity"),
                list_client_order_id=list_client_order_id,
                limit_client_order_id=limit_client_order_id,
                limit_iceberg_qty=None
                if limit_iceberg_qty is None
                else decimal_parameter(limit_iceberg_qty, "limit_iceberg_qty"),
                limit_strategy_id=None
                if limit_strategy_id is None
                else coerce.integer(limit_strategy_id, "limit_strategy_id"),
                limit_strategy_type=None
                if limit_strategy_type is None
                else coerce.integer(limit_strategy_type, "limit_strategy_type"),
                stop_price=None if stop_price is None else decimal_parameter(stop_price, "stop_price"),
                trailing_delta=None if trailing_delta is None else coerce.integer(trailing_delta, "trailing_delta"),
                stop_client_order_id=stop_client_order_id,
                stop_limit_price=None
                if stop_limit_price is None
                else decimal_parameter(stop_limit_price, "stop_limit_price"),
                stop_limit_time_in_force=None
                if stop_limit_time_in_force is None
                else coerce.member(TimeInForce, stop_limit_time_in_force, "stop_limit_time_in_force"),
                stop_iceberg_qty=None
                if stop_iceberg_qty is None
                else decimal_parameter(stop_iceberg_qty, "stop_iceberg_qty"),
                stop_strategy_id=None
                if stop_strategy_id is None
                else coerce.integer(stop_strategy_id, "stop_strategy_id"),
                stop_strategy_type=None
                if stop_strategy_type is None
                else coerce.integer(stop_strategy_type, "stop_strategy_type"),
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place_oco(
        self,
        *,
        symbol: str,
        list_client_order_id: str | None = None,
        side: Side | str,
        quantity: Decimal | str | int,
        above_type: OrderType | str,
        above_client_order_id: str | None = None,
        above_iceberg_qty: Decimal | str | int | None = None,
        above_price: Decimal | str | int | None = None,
        above_stop_price: Decimal | str | int | None = None,
        above_trailing_delta: int | None = None,
        above_time_in_force: TimeInForce | str | None = None,
        above_strategy_id: int | None = None,
        above_strategy_type: int | None = None,
        above_peg_price_type: PegPriceType | str | None = None,
        above_peg_offset_type: PegOffsetType | str | None = None,
        above_peg_offset_value: int | None = None,
        below_type: OrderType | str,
        below_client_order_id: str | None = None,
        below_iceberg_qty: Decimal | str | int | None = None,
        below_price: Decimal | str | int | None = None,
        below_stop_price: Decimal | str | int | None = None,
        below_trailing_delta: int | None = None,
        below_time_in_force: TimeInForce | str | None = None,
        below_strategy_id: int | None = None,
        below_strategy_type: int | None = None,
        below_peg_price_type: PegPriceType | str | None = None,
        below_peg_offset_type: PegOffsetType | str | None = None,
        below_peg_offset_value: int | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """Place new Order list - OCO (TRADE).

        Two orders, one above and one below the market; what fills or triggers one cancels the other.

        `orderList.place.oco`. Security: TRADE. Weight: 1. Unfilled orders: 2. Source: web-socket-api.md, Place new
        Order list - OCO (TRADE).
        """
        return self.call(
            lists.OrderListPlaceOco(
                symbol=symbol,
                list_client_order_id=list_client_order_id,
                side=coerce.member(Side, side, "side"),
                quantity=decimal_parameter(quantity, "quantity"),
                above_type=coerce.member(OrderType, above_type, "above_type"),
                above_client_order_id=above_client_order_id,
                above_iceberg_qty=None
                if above_iceberg_qty is None
                else decimal_parameter(above_iceberg_qty, "above_iceberg_qty"),
                above_price=None if above_price is None else decimal_parameter(above_price, "above_price"),
                above_stop_price=None
                if above_stop_price is None
                else decimal_parameter(above_stop_price, "above_stop_price"),
                above_trailing_delta=None
                if above_trailing_delta is None
                else coerce.integer(above_trailing_delta, "above_trailing_delta"),
                above_time_in_force=None
                if above_time_in_force is None
                else coerce.member(TimeInForce, above_time_in_force, "above_time_in_force"),
                above_strategy_id=None
                if above_strategy_id is None
                else coerce.integer(above_strategy_id, "above_strategy_id"),
                above_strategy_type=None
                if above_strategy_type is None
                else coerce.integer(above_strategy_type, "above_strategy_type"),
                above_peg_price_type=None
                if above_peg_price_type is None
                else coerce.member(PegPriceType, above_peg_price_type, "above_peg_price_type"),
                above_peg_offset_type=None
                if above_peg_offset_type is None
                else coerce.member(PegOffsetType, above_peg_offset_type, "above_peg_offset_type"),
                above_peg_offset_value=None
                if above_peg_offset_value is None
                else coerce.integer(above_peg_offset_value, "above_peg_offset_value"),
                below_type=coerce.member(OrderType, below_type, "below_type"),
                below_client_order_id=below_client_order_id,
                below_iceberg_qty=None
                if below_iceberg_qty is None
                else decimal_parameter(below_iceberg_qty, "below_iceberg_qty"),
                below_price=None if below_price is None else decimal_parameter(below_price, "below_price"),
                below_stop_price=None
                if below_stop_price is None
                else decimal_parameter(below_stop_price, "below_stop_price"),
                below_trailing_delta=None
                if below_trailing_delta is None
                else coerce.integer(below_trailing_delta, "below_trailing_delta"),
                below_time_in_force=None
                if below_time_in_force is None
                else coerce.member(TimeInForce, below_time_in_force, "below_time_in_force"),
                below_strategy_id=None
                if below_strategy_id is None
                else coerce.integer(below_strategy_id, "below_strategy_id"),
                below_strategy_type=None
                if below_strategy_type is None
                else coerce.integer(below_strategy_type, "below_strategy_type"),
                below_peg_price_type=None
                if below_peg_price_type is None
                else coerce.member(PegPriceType, below_peg_price_type, "below_peg_price_type"),
                below_peg_offset_type=None
                if below_peg_offset_type is None
                else coerce.member(PegOffsetType, below_peg_offset_type, "below_peg_offset_type"),
                below_peg_offset_value=None
                if below_peg_offset_value is None
                else coerce.integer(below_peg_offset_value, "below_peg_offset_value"),
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place_oto(
        self,
        *,
        symbol: str,
        list_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        working_type: OrderType | str,
        working_side: Side | str,
        working_client_order_id: str | None = None,
        working_price: Decimal | str | int,
        working_quantity: Decimal | str | int,
        working_iceberg_qty: Decimal | str | int | None = None,
        working_time_in_force: TimeInForce | str | None = None,
        working_strategy_id: int | None = None,
        working_strategy_type: int | None = None,
        working_peg_price_type: PegPriceType | str | None = None,
        working_peg_offset_type: PegOffsetType | str | None = None,
        working_peg_offset_value: int | None = None,
        pending_type: OrderType | str,
        pending_side: Side | str,
        pending_client_order_id: str | None = None,
        pending_price: Decimal | str | int | None = None,
        pending_stop_price: Decimal | str | int | None = None,
        pending_trailing_delta: int | None = None,
        pending_iceberg_qty: Decimal | str | int | None = None,
        pending_time_in_force: TimeInForce | str | None = None,
        pending_strategy_id: int | None = None,
        pending_strategy_type: int | None = None,
        pending_peg_price_type: PegPriceType | str | None = None,
        pending_peg_offset_type: PegOffsetType | str | None = None,
        pending_peg_offset_value: int | None = None,
        pending_quantity: Decimal | str | int,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """Place new Order list - OTO (TRADE).

        A working order that, once filled, places a pending one.

        `orderList.place.oto`. Security: TRADE. Weight: 1. Unfilled orders: 2. Source: web-socket-api.md, Place new
        Order list - OTO (TRADE).
        """
        return self.call(
            lists.OrderListPlaceOto(
                symbol=symbol,
                list_client_order_id=list_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                working_type=coerce.member(OrderType, working_type, "working_type"),
                working_side=coerce.member(Side, working_side, "working_side"),
                working_client_order_id=working_client_order_id,
                working_price=decimal_parameter(working_price, "working_price"),
                working_quantity=decimal_parameter(working_quantity, "working_quantity"),
                working_iceberg_qty=None
                if working_iceberg_qty is None
                else decimal_parameter(working_iceberg_qty, "working_iceberg_qty"),
                working_time_in_force=None
                if working_time_in_force is None
                else coerce.member(TimeInForce, working_time_in_force, "working_time_in_force"),
                working_strategy_id=None
                if working_strategy_id is None
                else coerce.integer(working_strategy_id, "working_strategy_id"),
                working_strategy_type=None
                if working_strategy_type is None
                else coerce.integer(working_strategy_type, "working_strategy_type"),
                working_peg_price_type=None
                if working_peg_price_type is None
                else coerce.member(PegPriceType, working_peg_price_type, "working_peg_price_type"),
                working_peg_offset_type=None
                if working_peg_offset_type is None
                else coerce.member(PegOffsetType, working_peg_offset_type, "working_peg_offset_type"),
                working_peg_offset_value=None
                if working_peg_offset_value is None
                else coerce.integer(working_peg_offset_value, "working_peg_offset_value"),
                pending_type=coerce.member(OrderType, pending_type, "pending_type"),
                pending_side=coerce.member(Side, pending_side, "pending_side"),
                pending_client_order_id=pending_client_order_id,
                pending_price=None if pending_price is None else decimal_parameter(pending_price, "pending_price"),
                pending_stop_price=None
                if pending_stop_price is None
                else decimal_parameter(pending_stop_price, "pending_stop_price"),
                pending_trailing_delta=None
                if pending_trailing_delta is None
                else coerce.integer(pending_trailing_delta, "pending_trailing_delta"),
                pending_iceberg_qty=None
                if pending_iceberg_qty is None
                else decimal_parameter(pending_iceberg_qty, "pending_iceberg_qty"),
                pending_time_in_force=None
                if pending_time_in_force is None
                else coerce.member(TimeInForce, pending_time_in_force, "pending_time_in_force"),
                pending_strategy_id=None
                if pending_strategy_id is None
                else coerce.integer(pending_strategy_id, "pending_strategy_id"),
                pending_strategy_type=None
                if pending_strategy_type is None
                else coerce.integer(pending_strategy_type, "pending_strategy_type"),
                pending_peg_price_type=None
                if pending_peg_price_type is None
                else coerce.member(PegPriceType, pending_peg_price_type, "pending_peg_price_type"),
                pending_peg_offset_type=None
                if pending_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_peg_offset_type, "pending_peg_offset_type"),
                pending_peg_offset_value=None
                if pending_peg_offset_value is None
                else coerce.integer(pending_peg_offset_value, "pending_peg_offset_value"),
                pending_quantity=decimal_parameter(pending_quantity, "pending_quantity"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place_otoco(
        self,
        *,
        symbol: str,
        list_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        working_type: OrderType | str,
        working_side: Side | str,
        working_client_order_id: str | None = None,
        working_price: Decimal | str | int,
        working_quantity: Decimal | str | int,
        working_iceberg_qty: Decimal | str | int | None = None,
        working_time_in_force: TimeInForce | str | None = None,
        working_strategy_id: int | None = None,
        working_strategy_type: int | None = None,
        working_peg_price_type: PegPriceType | str | None = None,
        working_peg_offset_type: PegOffsetType | str | None = None,
        working_peg_offset_value: int | None = None,
        pending_side: Side | str,
        pending_above_type: OrderType | str,
        pending_above_client_order_id: str | None = None,
        pending_above_price: Decimal | str | int | None = None,
        pending_above_stop_price: Decimal | str | int | None = None,
        pending_above_trailing_delta: int | None = None,
        pending_above_iceberg_qty: Decimal | str | int | None = None,
        pending_above_time_in_force: TimeInForce | str | None = None,
        pending_above_strategy_id: int | None = None,
        pending_above_strategy_type: int | None = None,
        pending_above_peg_price_type: PegPriceType | str | None = None,
        pending_above_peg_offset_type: PegOffsetType | str | None = None,
        pending_above_peg_offset_value: int | None = None,
        pending_below_type: OrderType | str | None = None,
        pending_below_client_order_id: str | None = None,
        pending_below_price: Decimal | str | int | None = None,
        pending_below_stop_price: Decimal | str | int | None = None,
        pending_below_trailing_delta: int | None = None,
        pending_below_iceberg_qty: Decimal | str | int | None = None,
        pending_below_time_in_force: TimeInForce | str | None = None,
        pending_below_strategy_id: int | None = None,
        pending_below_strategy_type: int | None = None,
        pending_below_peg_price_type: PegPriceType | str | None = None,
        pending_below_peg_offset_type: PegOffsetType | str | None = None,
        pending_below_peg_offset_value: int | None = None,
        pending_quantity: Decimal | str | int,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """Place new Order list - OTOCO (TRADE).

        A working order that, once filled, places a pair of which one cancels the other.

        `orderList.place.otoco`. Security: TRADE. Weight: 1. Unfilled orders: 3. Source: web-socket-api.md, Place new
        Order list - OTOCO (TRADE).
        """
        return self.call(
            lists.OrderListPlaceOtoco(
                symbol=symbol,
                list_client_order_id=list_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                working_type=coerce.member(OrderType, working_type, "working_type"),
                working_side=coerce.member(Side, working_side, "working_side"),
                working_client_order_id=working_client_order_id,
                working_price=decimal_parameter(working_price, "working_price"),
                working_quantity=decimal_parameter(working_quantity, "working_quantity"),
                working_iceberg_qty=None
                if working_iceberg_qty is None
                else decimal_parameter(working_iceberg_qty, "working_iceberg_qty"),
                working_time_in_force=None
                if working_time_in_force is None
                else coerce.member(TimeInForce, working_time_in_force, "working_time_in_force"),
                working_strategy_id=None
                if working_strategy_id is None
                else coerce.integer(working_strategy_id, "working_strategy_id"),
                working_strategy_type=None
                if working_strategy_type is None
                else coerce.integer(working_strategy_type, "working_strategy_type"),
                working_peg_price_type=None
                if working_peg_price_type is None
                else coerce.member(PegPriceType, working_peg_price_type, "working_peg_price_type"),
                working_peg_offset_type=None
                if working_peg_offset_type is None
                else coerce.member(PegOffsetType, working_peg_offset_type, "working_peg_offset_type"),
                working_peg_offset_value=None
                if working_peg_offset_value is None
                else coerce.integer(working_peg_offset_value, "working_peg_offset_value"),
                pending_side=coerce.member(Side, pending_side, "pending_side"),
                pending_above_type=coerce.member(OrderType, pending_above_type, "pending_above_type"),
                pending_above_client_order_id=pending_above_client_order_id,
                pending_above_price=None
                if pending_above_price is None
                else decimal_parameter(pending_above_price, "pending_above_price"),
                pending_above_stop_price=None
                if pending_above_stop_price is None
                else decimal_parameter(pending_above_stop_price, "pending_above_stop_price"),
                pending_above_trailing_delta=None
                if pending_above_trailing_delta is None
                else coerce.integer(pending_above_trailing_delta, "pending_above_trailing_delta"),
                pending_above_iceberg_qty=None
                if pending_above_iceberg_qty is None
                else decimal_parameter(pending_above_iceberg_qty, "pending_above_iceberg_qty"),
                pending_above_time_in_force=None
                if pending_above_time_in_force is None
                else coerce.member(TimeInForce, pending_above_time_in_force, "pending_above_time_in_force"),
                pending_above_strategy_id=None
                if pending_above_strategy_id is None
                else coerce.integer(pending_above_strategy_id, "pending_above_strategy_id"),
                pending_above_strategy_type=None
                if pending_above_strategy_type is None
                else coerce.integer(pending_above_strategy_type, "pending_above_strategy_type"),
                pending_above_peg_price_type=None
                if pending_above_peg_price_type is None
                else coerce.member(PegPriceType, pending_above_peg_price_type, "pending_above_peg_price_type"),
                pending_above_peg_offset_type=None
                if pending_above_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_above_peg_offset_type, "pending_above_peg_offset_type"),
                pending_above_peg_offset_value=None
                if pending_above_peg_offset_value is None
                else coerce.integer(pending_above_peg_offset_value, "pending_above_peg_offset_value"),
                pending_below_type=None
                if pending_below_type is None
                else coerce.member(OrderType, pending_below_type, "pending_below_type"),
                pending_below_client_order_id=pending_below_client_order_id,
                pending_below_price=None
                if pending_below_price is None
                else decimal_parameter(pending_below_price, "pending_below_price"),
                pending_below_stop_price=None
                if pending_below_stop_price is None
                else decimal_parameter(pending_below_stop_price, "pending_below_stop_price"),
                pending_below_trailing_delta=None
                if pending_below_trailing_delta is None
                else coerce.integer(pending_below_trailing_delta, "pending_below_trailing_delta"),
                pending_below_iceberg_qty=None
                if pending_below_iceberg_qty is None
                else decimal_parameter(pending_below_iceberg_qty, "pending_below_iceberg_qty"),
                pending_below_time_in_force=None
                if pending_below_time_in_force is None
                else coerce.member(TimeInForce, pending_below_time_in_force, "pending_below_time_in_force"),
                pending_below_strategy_id=None
                if pending_below_strategy_id is None
                else coerce.integer(pending_below_strategy_id, "pending_below_strategy_id"),
                pending_below_strategy_type=None
                if pending_below_strategy_type is None
                else coerce.integer(pending_below_strategy_type, "pending_below_strategy_type"),
                pending_below_peg_price_type=None
                if pending_below_peg_price_type is None
                else coerce.member(PegPriceType, pending_below_peg_price_type, "pending_below_peg_price_type"),
                pending_below_peg_offset_type=None
                if pending_below_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_below_peg_offset_type, "pending_below_peg_offset_type"),
                pending_below_peg_offset_value=None
                if pending_below_peg_offset_value is None
                else coerce.integer(pending_below_peg_offset_value, "pending_below_peg_offset_value"),
                pending_quantity=decimal_parameter(pending_quantity, "pending_quantity"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place_opo(
        self,
        *,
        symbol: str,
        list_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        working_type: OrderType | str,
        working_side: Side | str,
        working_client_order_id: str | None = None,
        working_price: Decimal | str | int,
        working_quantity: Decimal | str | int,
        working_iceberg_qty: Decimal | str | int | None = None,
        working_time_in_force: TimeInForce | str | None = None,
        working_strategy_id: int | None = None,
        working_strategy_type: int | None = None,
        working_peg_price_type: PegPriceType | str | None = None,
        working_peg_offset_type: PegOffsetType | str | None = None,
        working_peg_offset_value: int | None = None,
        pending_type: OrderType | str,
        pending_side: Side | str,
        pending_client_order_id: str | None = None,
        pending_price: Decimal | str | int | None = None,
        pending_stop_price: Decimal | str | int | None = None,
        pending_trailing_delta: int | None = None,
        pending_iceberg_qty: Decimal | str | int | None = None,
        pending_time_in_force: TimeInForce | str | None = None,
        pending_strategy_id: int | None = None,
        pending_strategy_type: int | None = None,
        pending_peg_price_type: PegPriceType | str | None = None,
        pending_peg_offset_type: PegOffsetType | str | None = None,
        pending_peg_offset_value: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """OPO (TRADE).

        A working buy order that, once filled, places a pending sell order for what it brought in (faqs/opo.md).

        `orderList.place.opo`. Security: TRADE. Weight: 1. Unfilled orders: 2. Source: web-socket-api.md, OPO (TRADE).
        """
        return self.call(
            lists.OrderListPlaceOpo(
                symbol=symbol,
                list_client_order_id=list_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                working_type=coerce.member(OrderType, working_type, "working_type"),
                working_side=coerce.member(Side, working_side, "working_side"),
                working_client_order_id=working_client_order_id,
                working_price=decimal_parameter(working_price, "working_price"),
                working_quantity=decimal_parameter(working_quantity, "working_quantity"),
                working_iceberg_qty=None
                if working_iceberg_qty is None
                else decimal_parameter(working_iceberg_qty, "working_iceberg_qty"),
                working_time_in_force=None
                if working_time_in_force is None
                else coerce.member(TimeInForce, working_time_in_force, "working_time_in_force"),
                working_strategy_id=None
                if working_strategy_id is None
                else coerce.integer(working_strategy_id, "working_strategy_id"),
                working_strategy_type=None
                if working_strategy_type is None
                else coerce.integer(working_strategy_type, "working_strategy_type"),
                working_peg_price_type=None
                if working_peg_price_type is None
                else coerce.member(PegPriceType, working_peg_price_type, "working_peg_price_type"),
                working_peg_offset_type=None
                if working_peg_offset_type is None
                else coerce.member(PegOffsetType, working_peg_offset_type, "working_peg_offset_type"),
                working_peg_offset_value=None
                if working_peg_offset_value is None
                else coerce.integer(working_peg_offset_value, "working_peg_offset_value"),
                pending_type=coerce.member(OrderType, pending_type, "pending_type"),
                pending_side=coerce.member(Side, pending_side, "pending_side"),
                pending_client_order_id=pending_client_order_id,
                pending_price=None if pending_price is None else decimal_parameter(pending_price, "pending_price"),
                pending_stop_price=None
                if pending_stop_price is None
                else decimal_parameter(pending_stop_price, "pending_stop_price"),
                pending_trailing_delta=None
                if pending_trailing_delta is None
                else coerce.integer(pending_trailing_delta, "pending_trailing_delta"),
                pending_iceberg_qty=None
                if pending_iceberg_qty is None
                else decimal_parameter(pending_iceberg_qty, "pending_iceberg_qty"),
                pending_time_in_force=None
                if pending_time_in_force is None
                else coerce.member(TimeInForce, pending_time_in_force, "pending_time_in_force"),
                pending_strategy_id=None
                if pending_strategy_id is None
                else coerce.integer(pending_strategy_id, "pending_strategy_id"),
                pending_strategy_type=None
                if pending_strategy_type is None
                else coerce.integer(pending_strategy_type, "pending_strategy_type"),
                pending_peg_price_type=None
                if pending_peg_price_type is None
                else coerce.member(PegPriceType, pending_peg_price_type, "pending_peg_price_type"),
                pending_peg_offset_type=None
                if pending_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_peg_offset_type, "pending_peg_offset_type"),
                pending_peg_offset_value=None
                if pending_peg_offset_value is None
                else coerce.integer(pending_peg_offset_value, "pending_peg_offset_value"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_place_opoco(
        self,
        *,
        symbol: str,
        list_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        working_type: OrderType | str,
        working_side: Side | str,
        working_client_order_id: str | None = None,
        working_price: Decimal | str | int,
        working_quantity: Decimal | str | int,
        working_iceberg_qty: Decimal | str | int | None = None,
        working_time_in_force: TimeInForce | str | None = None,
        working_strategy_id: int | None = None,
        working_strategy_type: int | None = None,
        working_peg_price_type: PegPriceType | str | None = None,
        working_peg_offset_type: PegOffsetType | str | None = None,
        working_peg_offset_value: int | None = None,
        pending_side: Side | str,
        pending_above_type: OrderType | str,
        pending_above_client_order_id: str | None = None,
        pending_above_price: Decimal | str | int | None = None,
        pending_above_stop_price: Decimal | str | int | None = None,
        pending_above_trailing_delta: int | None = None,
        pending_above_iceberg_qty: Decimal | str | int | None = None,
        pending_above_time_in_force: TimeInForce | str | None = None,
        pending_above_strategy_id: int | None = None,
        pending_above_strategy_type: int | None = None,
        pending_above_peg_price_type: PegPriceType | str | None = None,
        pending_above_peg_offset_type: PegOffsetType | str | None = None,
        pending_above_peg_offset_value: int | None = None,
        pending_below_type: OrderType | str | None = None,
        pending_below_client_order_id: str | None = None,
        pending_below_price: Decimal | str | int | None = None,
        pending_below_stop_price: Decimal | str | int | None = None,
        pending_below_trailing_delta: int | None = None,
        pending_below_iceberg_qty: Decimal | str | int | None = None,
        pending_below_time_in_force: TimeInForce | str | None = None,
        pending_below_strategy_id: int | None = None,
        pending_below_strategy_type: int | None = None,
        pending_below_peg_price_type: PegPriceType | str | None = None,
        pending_below_peg_offset_type: PegOffsetType | str | None = None,
        pending_below_peg_offset_value: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListPlaced]:
        """OPOCO (TRADE).

        A working buy order that, once filled, places a pair of sell orders for what it brought in (faqs/opo.md).

        `orderList.place.opoco`. Security: TRADE. Weight: 1. Unfilled orders: 3. Source: web-socket-api.md, OPOCO
        (TRADE).
        """
        return self.call(
            lists.OrderListPlaceOpoco(
                symbol=symbol,
                list_client_order_id=list_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                working_type=coerce.member(OrderType, working_type, "working_type"),
                working_side=coerce.member(Side, working_side, "working_side"),
                working_client_order_id=working_client_order_id,
                working_price=decimal_parameter(working_price, "working_price"),
                working_quantity=decimal_parameter(working_quantity, "working_quantity"),
                working_iceberg_qty=None
                if working_iceberg_qty is None
                else decimal_parameter(working_iceberg_qty, "working_iceberg_qty"),
                working_time_in_force=None
                if working_time_in_force is None
                else coerce.member(TimeInForce, working_time_in_force, "working_time_in_force"),
                working_strategy_id=None
                if working_strategy_id is None
                else coerce.integer(working_strategy_id, "working_strategy_id"),
                working_strategy_type=None
                if working_strategy_type is None
                else coerce.integer(working_strategy_type, "working_strategy_type"),
                working_peg_price_type=None
                if working_peg_price_type is None
                else coerce.member(PegPriceType, working_peg_price_type, "working_peg_price_type"),
                working_peg_offset_type=None
                if working_peg_offset_type is None
                else coerce.member(PegOffsetType, working_peg_offset_type, "working_peg_offset_type"),
                working_peg_offset_value=None
                if working_peg_offset_value is None
                else coerce.integer(working_peg_offset_value, "working_peg_offset_value"),
                pending_side=coerce.member(Side, pending_side, "pending_side"),
                pending_above_type=coerce.member(OrderType, pending_above_type, "pending_above_type"),
                pending_above_client_order_id=pending_above_client_order_id,
                pending_above_price=None
                if pending_above_price is None
                else decimal_parameter(pending_above_price, "pending_above_price"),
                pending_above_stop_price=None
                if pending_above_stop_price is None
                else decimal_parameter(pending_above_stop_price, "pending_above_stop_price"),
                pending_above_trailing_delta=None
                if pending_above_trailing_delta is None
                else coerce.integer(pending_above_trailing_delta, "pending_above_trailing_delta"),
                pending_above_iceberg_qty=None
                if pending_above_iceberg_qty is None
                else decimal_parameter(pending_above_iceberg_qty, "pending_above_iceberg_qty"),
                pending_above_time_in_force=None
                if pending_above_time_in_force is None
                else coerce.member(TimeInForce, pending_above_time_in_force, "pending_above_time_in_force"),
                pending_above_strategy_id=None
                if pending_above_strategy_id is None
                else coerce.integer(pending_above_strategy_id, "pending_above_strategy_id"),
                pending_above_strategy_type=None
                if pending_above_strategy_type is None
                else coerce.integer(pending_above_strategy_type, "pending_above_strategy_type"),
                pending_above_peg_price_type=None
                if pending_above_peg_price_type is None
                else coerce.member(PegPriceType, pending_above_peg_price_type, "pending_above_peg_price_type"),
                pending_above_peg_offset_type=None
                if pending_above_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_above_peg_offset_type, "pending_above_peg_offset_type"),
                pending_above_peg_offset_value=None
                if pending_above_peg_offset_value is None
                else coerce.integer(pending_above_peg_offset_value, "pending_above_peg_offset_value"),
                pending_below_type=None
                if pending_below_type is None
                else coerce.member(OrderType, pending_below_type, "pending_below_type"),
                pending_below_client_order_id=pending_below_client_order_id,
                pending_below_price=None
                if pending_below_price is None
                else decimal_parameter(pending_below_price, "pending_below_price"),
                pending_below_stop_price=None
                if pending_below_stop_price is None
                else decimal_parameter(pending_below_stop_price, "pending_below_stop_price"),
                pending_below_trailing_delta=None
                if pending_below_trailing_delta is None
                else coerce.integer(pending_below_trailing_delta, "pending_below_trailing_delta"),
                pending_below_iceberg_qty=None
                if pending_below_iceberg_qty is None
                else decimal_parameter(pending_below_iceberg_qty, "pending_below_iceberg_qty"),
                pending_below_time_in_force=None
                if pending_below_time_in_force is None
                else coerce.member(TimeInForce, pending_below_time_in_force, "pending_below_time_in_force"),
                pending_below_strategy_id=None
                if pending_below_strategy_id is None
                else coerce.integer(pending_below_strategy_id, "pending_below_strategy_id"),
                pending_below_strategy_type=None
                if pending_below_strategy_type is None
                else coerce.integer(pending_below_strategy_type, "pending_below_strategy_type"),
                pending_below_peg_price_type=None
                if pending_below_peg_price_type is None
                else coerce.member(PegPriceType, pending_below_peg_price_type, "pending_below_peg_price_type"),
                pending_below_peg_offset_type=None
                if pending_below_peg_offset_type is None
                else coerce.member(PegOffsetType, pending_below_peg_offset_type, "pending_below_peg_offset_type"),
                pending_below_peg_offset_value=None
                if pending_below_peg_offset_value is None
                else coerce.integer(pending_below_peg_offset_value, "pending_below_peg_offset_value"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_cancel(
        self,
        *,
        symbol: str,
        order_list_id: int | None = None,
        list_client_order_id: str | None = None,
        new_client_order_id: str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderListCanceled]:
        """Cancel Order list (TRADE).

        By `order_list_id`, by `list_client_order_id`, or by both, which must then agree.

        `orderList.cancel`. Security: TRADE. Weight: 1. Source: web-socket-api.md, Cancel Order list (TRADE).
        """
        return self.call(
            lists.OrderListCancel(
                symbol=symbol,
                order_list_id=None if order_list_id is None else coerce.integer(order_list_id, "order_list_id"),
                list_client_order_id=list_client_order_id,
                new_client_order_id=new_client_order_id,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def sor_order_place(
        self,
        *,
        symbol: str,
        side: Side | str,
        type: OrderType | str,
        time_in_force: TimeInForce | str | None = None,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int,
        new_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        iceberg_qty: Decimal | str | int | None = None,
        strategy_id: int | None = None,
        strategy_type: int | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[OrderPlaced, ...]]:
        """Place new order using SOR (TRADE).

        LIMIT and MARKET only, and no `quote_order_qty`.

        `sor.order.place`. Security: TRADE. Weight: 1. Unfilled orders: 1. Source: web-socket-api.md, Place new order
        using SOR (TRADE).
        """
        return self.call(
            trading.SorOrderPlace(
                symbol=symbol,
                side=coerce.member(Side, side, "side"),
                type=coerce.member(OrderType, type, "type"),
                time_in_force=None
                if time_in_force is None
                else coerce.member(TimeInForce, time_in_force, "time_in_force"),
                price=None if price is None else decimal_parameter(price, "price"),
                quantity=decimal_parameter(quantity, "quantity"),
                new_client_order_id=new_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                iceberg_qty=None if iceberg_qty is None else decimal_parameter(iceberg_qty, "iceberg_qty"),
                strategy_id=None if strategy_id is None else coerce.integer(strategy_id, "strategy_id"),
                strategy_type=None if strategy_type is None else coerce.integer(strategy_type, "strategy_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def sor_order_test(
        self,
        *,
        symbol: str,
        side: Side | str,
        type: OrderType | str,
        time_in_force: TimeInForce | str | None = None,
        price: Decimal | str | int | None = None,
        quantity: Decimal | str | int,
        new_client_order_id: str | None = None,
        new_order_resp_type: OrderResponseType | str | None = None,
        iceberg_qty: Decimal | str | int | None = None,
        strategy_id: int | None = None,
        strategy_type: int | None = None,
        self_trade_prevention_mode: SelfTradePrevention | str | None = None,
        compute_commission_rates: bool | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderTested]:
        """Test new order using SOR (TRADE).

        Checks the parameters and the signature of an order, and does not place it.

        `sor.order.test`. Security: TRADE. Weight: 1, and 20 with `compute_commission_rates`. Source: web-socket-api.md,
        Test new order using SOR (TRADE).
        """
        return self.call(
            trading.SorOrderTest(
                symbol=symbol,
                side=coerce.member(Side, side, "side"),
                type=coerce.member(OrderType, type, "type"),
                time_in_force=None
                if time_in_force is None
                else coerce.member(TimeInForce, time_in_force, "time_in_force"),
                price=None if price is None else decimal_parameter(price, "price"),
                quantity=decimal_parameter(quantity, "quantity"),
                new_client_order_id=new_client_order_id,
                new_order_resp_type=None
                if new_order_resp_type is None
                else coerce.member(OrderResponseType, new_order_resp_type, "new_order_resp_type"),
                iceberg_qty=None if iceberg_qty is None else decimal_parameter(iceberg_qty, "iceberg_qty"),
                strategy_id=None if strategy_id is None else coerce.integer(strategy_id, "strategy_id"),
                strategy_type=None if strategy_type is None else coerce.integer(strategy_type, "strategy_type"),
                self_trade_prevention_mode=None
                if self_trade_prevention_mode is None
                else coerce.member(SelfTradePrevention, self_trade_prevention_mode, "self_trade_prevention_mode"),
                compute_commission_rates=compute_commission_rates,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def account_status(
        self,
        *,
        omit_zero_balances: bool | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[Account]:
        """Account information (USER_DATA).

        `account.status`. Security: USER_DATA. Weight: 20. Source: web-socket-api.md, Account information (USER_DATA).
        """
        return self.call(
            account.AccountStatus(
                omit_zero_balances=omit_zero_balances,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_status(
        self,
        *,
        symbol: str,
        order_id: int | None = None,
        orig_client_order_id: str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[Order]:
        """Query order (USER_DATA).

        By `order_id`, by `orig_client_order_id`, or by both, which must then agree.

        `order.status`. Security: USER_DATA. Weight: 4. Source: web-socket-api.md, Query order (USER_DATA).
        """
        return self.call(
            account.OrderStatus(
                symbol=symbol,
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                orig_client_order_id=orig_client_order_id,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def open_orders_status(
        self,
        *,
        symbol: str | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[Order, ...]]:
        """Current open orders (USER_DATA).

        Of one symbol, or of all.

        `openOrders.status`. Security: USER_DATA. Weight: 6 for one symbol, 80 for all. Source: web-socket-api.md,
        Current open orders (USER_DATA).
        """
        return self.call(
            account.OpenOrdersStatus(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def all_orders(
        self,
        *,
        symbol: str,
        order_id: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[Order, ...]]:
        """Account order history (USER_DATA).

        From `order_id` on, or between two times no more than 24 hours apart; `limit` is 500 by default, at most 1000.

        `allOrders`. Security: USER_DATA. Weight: 20. Source: web-socket-api.md, Account order history (USER_DATA).
        """
        return self.call(
            account.AllOrders(
                symbol=symbol,
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_list_status(
        self,
        *,
        orig_client_order_id: str | None = None,
        order_list_id: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[OrderList]:
        """Query Order list (USER_DATA).

        By `order_list_id` or by the list's client id as `orig_client_order_id`.

        `orderList.status`. Security: USER_DATA. Weight: 4. Source: web-socket-api.md, Query Order list (USER_DATA).
        """
        return self.call(
            account.OrderListStatus(
                orig_client_order_id=orig_client_order_id,
                order_list_id=None if order_list_id is None else coerce.integer(order_list_id, "order_list_id"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def open_order_lists_status(
        self,
        *,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[OrderList, ...]]:
        """Current open Order lists (USER_DATA).

        `openOrderLists.status`. Security: USER_DATA. Weight: 6. Source: web-socket-api.md, Current open Order lists
        (USER_DATA).
        """
        return self.call(
            account.OpenOrderListsStatus(
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def all_order_lists(
        self,
        *,
        from_id: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[OrderList, ...]]:
        """Account order list history (USER_DATA).

        From `from_id` on, or between two times no more than 24 hours apart; `limit` is 500 by default, at most 1000.

        `allOrderLists`. Security: USER_DATA. Weight: 20. Source: web-socket-api.md, Account order list history
        (USER_DATA).
        """
        return self.call(
            account.AllOrderLists(
                from_id=None if from_id is None else coerce.integer(from_id, "from_id"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def my_trades(
        self,
        *,
        symbol: str,
        order_id: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        from_id: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[AccountTrade, ...]]:
        """Account trade history (USER_DATA).

        Of one order, from a trade id on, or between two times no more than 24 hours apart; `limit` is 500 by default,
        at most 1000.

        `myTrades`. Security: USER_DATA. Weight: 20, and 5 with `order_id`. Source: web-socket-api.md, Account trade
        history (USER_DATA).
        """
        return self.call(
            account.MyTrades(
                symbol=symbol,
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                from_id=None if from_id is None else coerce.integer(from_id, "from_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def account_rate_limits_orders(
        self,
        *,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[RateLimit, ...]]:
        """Unfilled Order Count (USER_DATA).

        `account.rateLimits.orders`. Security: USER_DATA. Weight: 40. Source: web-socket-api.md, Unfilled Order Count
        (USER_DATA).
        """
        return self.call(
            account.AccountRateLimitsOrders(
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def my_prevented_matches(
        self,
        *,
        symbol: str,
        prevented_match_id: int | None = None,
        order_id: int | None = None,
        from_prevented_match_id: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[PreventedMatch, ...]]:
        """Account prevented matches (USER_DATA).

        By `prevented_match_id`, or by `order_id` with, where wanted, `from_prevented_match_id` and `limit`, which is
        500 by default and at most 1000.

        `myPreventedMatches`. Security: USER_DATA. Weight: 2, and 20 by `order_id`. Source: web-socket-api.md, Account
        prevented matches (USER_DATA).
        """
        return self.call(
            account.MyPreventedMatches(
                symbol=symbol,
                prevented_match_id=None
                if prevented_match_id is None
                else coerce.integer(prevented_match_id, "prevented_match_id"),
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                from_prevented_match_id=None
                if from_prevented_match_id is None
                else coerce.integer(from_prevented_match_id, "from_prevented_match_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def my_allocations(
        self,
        *,
        symbol: str,
        start_time: int | None = None,
        end_time: int | None = None,
        from_allocation_id: int | None = None,
        limit: int | None = None,
        order_id: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[Allocation, ...]]:
        """Account allocations (USER_DATA).

        `limit` is 500 by default and at most 1000.

        `myAllocations`. Security: USER_DATA. Weight: 20. Source: web-socket-api.md, Account allocations (USER_DATA).
        """
        return self.call(
            account.MyAllocations(
                symbol=symbol,
                start_time=None if start_time is None else coerce.integer(start_time, "start_time"),
                end_time=None if end_time is None else coerce.integer(end_time, "end_time"),
                from_allocation_id=None
                if from_allocation_id is None
                else coerce.integer(from_allocation_id, "from_allocation_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                order_id=None if order_id is None else coerce.integer(order_id, "order_id"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def account_commission(
        self,
        *,
        symbol: str,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[AccountCommissionRates]:
        """Account Commission Rates (USER_DATA).

        `account.commission`. Security: USER_DATA. Weight: 20. Source: web-socket-api.md, Account Commission Rates
        (USER_DATA).
        """
        return self.call(
            account.AccountCommission(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def order_amendments(
        self,
        *,
        symbol: str,
        order_id: int,
        from_execution_id: int | None = None,
        limit: int | None = None,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[tuple[Amendment, ...]]:
        """Query Order Amendments (USER_DATA).

        `limit` is 500 by default and at most 1000.

        `order.amendments`. Security: USER_DATA. Weight: 4. Source: web-socket-api.md, Query Order Amendments
        (USER_DATA).
        """
        return self.call(
            account.OrderAmendments(
                symbol=symbol,
                order_id=coerce.integer(order_id, "order_id"),
                from_execution_id=None
                if from_execution_id is None
                else coerce.integer(from_execution_id, "from_execution_id"),
                limit=None if limit is None else coerce.integer(limit, "limit"),
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def my_filters(
        self,
        *,
        symbol: str,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[RelevantFilters]:
        """Query Relevant Filters (USER_DATA).

        `myFilters`. Security: USER_DATA. Weight: 40. Source: web-socket-api.md, Query Relevant Filters (USER_DATA).
        """
        return self.call(
            account.MyFilters(
                symbol=symbol,
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )

    def user_data_stream_subscribe(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[Subscription]:
        """Subscribe to User Data Stream (USER_STREAM).

        For the account that the connection is logged on to: it takes no key and no signature of its own.

        `userDataStream.subscribe`. Security: USER_STREAM. Weight: 2. Source: web-socket-api.md, Subscribe to User Data
        Stream (USER_STREAM).
        """
        return self.call(
            user_stream.UserDataStreamSubscribe(
                return_rate_limits=return_rate_limits,
            )
        )

    def user_data_stream_unsubscribe(
        self,
        *,
        subscription_id: int | None = None,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[Empty]:
        """Unsubscribe from User Data Stream.

        Without `subscription_id`, from all of this connection's.

        `userDataStream.unsubscribe`. Security: NONE. Weight: 2. Source: web-socket-api.md, Unsubscribe from User Data
        Stream.
        """
        return self.call(
            user_stream.UserDataStreamUnsubscribe(
                subscription_id=None if subscription_id is None else coerce.integer(subscription_id, "subscription_id"),
                return_rate_limits=return_rate_limits,
            )
        )

    def session_subscriptions(
        self,
        *,
        return_rate_limits: bool | None = None,
    ) -> Awaitable[tuple[Subscription, ...]]:
        """Listing all subscriptions.

        `session.subscriptions`. Security: NONE. Weight: 2. Source: web-socket-api.md, Listing all subscriptions.
        """
        return self.call(
            user_stream.SessionSubscriptions(
                return_rate_limits=return_rate_limits,
            )
        )

    def user_data_stream_subscribe_signature(
        self,
        *,
        return_rate_limits: bool | None = None,
        recv_window: Decimal | str | int | None = None,
    ) -> Awaitable[Subscription]:
        """Subscribe to User Data Stream through signature subscription (USER_STREAM).

        For the account of the key that signs it, whether the connection is logged on or not.

        `userDataStream.subscribe.signature`. Security: USER_STREAM. Weight: 2. Source: web-socket-api.md, Subscribe to
        User Data Stream through signature subscription (USER_STREAM).
        """
        return self.call(
            user_stream.UserDataStreamSubscribeSignature(
                return_rate_limits=return_rate_limits,
                recv_window=None if recv_window is None else decimal_parameter(recv_window, "recv_window"),
            )
        )
