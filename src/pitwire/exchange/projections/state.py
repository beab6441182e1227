"""All projections of one exchange together: fed with outcomes in log order, kept in snapshots, queried by gateways."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec
from msgspec import Struct

from pitwire.exchange.messages import (
    AccountOpened,
    AccountRulesSet,
    BlockTradeReported,
    CommissionSet,
    DiscountSet,
    Event,
    ExchangeFiltersSet,
    KeyRegistered,
    KeyRevoked,
    LevelChanged,
    MatchPrevented,
    OrderAllocated,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderListChanged,
    OrderListView,
    OrderOpened,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    Outcome,
    PositionChanged,
    ReferencePriceSet,
    SmartRoutingSet,
    SymbolListed,
    TradeMatched,
    TrailingStarted,
)
from pitwire.exchange.projections.accounts import Account, Accounts
from pitwire.exchange.projections.amendments import Amendments
from pitwire.exchange.projections.archive import Archive, MemoryArchive
from pitwire.exchange.projections.block_trades import BlockTrades
from pitwire.exchange.projections.candles import Candles, CandleState
from pitwire.exchange.projections.gathering import Gathering
from pitwire.exchange.projections.keys import Keys
from pitwire.exchange.projections.market_data import BookState, MarketData
from pitwire.exchange.projections.order_lists import OrderLists
from pitwire.exchange.projections.orders import HistoryState, Orders
from pitwire.exchange.projections.prevented_matches import PreventedMatches
from pitwire.exchange.projections.reference_prices import ReferencePrices
from pitwire.exchange.projections.series import Chronicle, SeriesState
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.tickers import Tickers
from pitwire.exchange.projections.trades import AggregateTrade, Trades
from pitwire.market.filters import ExchangeFilter
from pitwire.market.reference_price import ReferenceState
from pitwire.market.symbols import SymbolRules


class _State(Struct, array_like=True):
    """A snapshot. JSON, not MessagePack: a balance may exceed 64 bits, which only JSON carries."""

    symbols: list[SymbolRules]
    accounts: list[Account]
    orders: list[HistoryState]
    market: list[BookState]
    exchange_filters: tuple[ExchangeFilter, ...] = ()
    reference_prices: dict[str, ReferenceState] = {}
    chronicle: list[SeriesState] = []
    aggregates: dict[str, AggregateTrade] = {}
    candles: list[CandleState] = []
    routes: dict[str, tuple[str, ...]] = {}
    order_lists: list[OrderListView] = []
    keys: tuple[KeyRegistered, ...] = ()
    revoked_keys: tuple[str, ...] = ()


class Projections:
    """What queries read. It owns nothing that the log cannot rebuild.

    What is over is in `archive`, not in snapshots; by default it is a list in memory. What happened in public is in it
    too, and the newest of that in snapshots as well.
    """

    def __init__(self, archive: Archive | None = None) -> None:
        self.archive = MemoryArchive() if archive is None else archive
        self.symbols = Symbols()
        self.accounts = Accounts(self.symbols)
        self.market = MarketData()
        self._keep((), ())
        self.reference_prices = ReferencePrices(self.symbols)
        self.chronicle = Chronicle(self.archive)
        self.trades = Trades(self.chronicle)
        self.candles = Candles(self.chronicle)
        self.tickers = Tickers(self.trades, self.candles)
        self.block_trades = BlockTrades(self.chronicle)
        self.keys = Keys()
        self._handlers = self._subscribe()

    def apply(self, outcome: Outcome) -> None:
        """Take in the next outcome. Outcomes must come in log order, each once, and only when durable.

        Raises `OSError` when the archive cannot keep what has finished.
        """
        time_us = outcome.record.time_us
        handlers = self._handlers
        gathering, chronicle = self.gathering, self.chronicle
        gathering.sequence = chronicle.sequence = outcome.record.sequence
        for event in outcome.events:
            handlers[type(event)](event, time_us)
        if gathering.full:
            gathering.seal()
        if chronicle.full:
            chronicle.seal()

    def seal_all(self) -> None:
        """Give everything that is over to the archive, as a snapshot needs it. Raises `OSError`."""
        self.gathering.seal_all()
        self.chronicle.seal_all()

    def snapshot(self) -> bytes:
        """The whole state; the same state gives the same bytes."""
        return msgspec.json.encode(
            _State(
                self.symbols.state(),
                self.accounts.state(),
                self.orders.state(),
                self.market.state(),
                self.symbols.exchange_filters,
                self.reference_prices.state(),
                self.chronicle.state(),
                self.trades.state(),
                self.candles.state(),
                dict(sorted(self.symbols.routes.items())),
                self.order_lists.state(),
                self.keys.registered,
                self.keys.revoked,
            )
        )

    @classmethod
    def restore(cls, payload: bytes, archive: Archive | None = None) -> "Projections":
        """The projections as they were when `snapshot` gave `payload`; `archive` has what had finished by then.

        Raises `msgspec.DecodeError` when `payload` is not such a snapshot. It comes from the exchange's own log, whose
        check sums and size bounds are the log's.
        """
        state = msgspec.json.decode(payload, type=_State)
        projections = cls(archive)
        projections.symbols = Symbols.of(state.symbols, state.exchange_filters, state.routes)
        projections.accounts = Accounts.of(state.accounts, projections.symbols)
        projections.market = MarketData.of(state.market)
        projections._keep(state.orders, state.order_lists)
        projections.reference_prices = ReferencePrices(projections.symbols, state.reference_prices)
        names = projections.symbols.names()
        projections.chronicle = Chronicle.of(state.chronicle, projections.archive)
        projections.trades = Trades.of(names, state.aggregates, projections.chronicle)
        projections.candles = Candles.of(names, state.candles, projections.chronicle)
        projections.tickers = Tickers(projections.trades, projections.candles)
        projections.block_trades = BlockTrades(projections.chronicle, names)
        projections.keys = Keys(state.keys, state.revoked_keys)
        projections._handlers = projections._subscribe()
        return projections

    def _keep(self, open_orders: Sequence[HistoryState], open_lists: Sequence[OrderListView]) -> None:
        """Begin to keep what becomes of orders and order lists, of which these are open."""
        self.gathering = Gathering(self.accounts, self.archive)
        self.orders = Orders.of(open_orders, self.symbols, self.gathering)
        self.order_lists = OrderLists.of(open_lists, self.gathering)
        self.amendments = Amendments(self.symbols, self.gathering)
        self.prevented_matches = PreventedMatches(self.symbols, self.gathering)

    def _symbol_listed(self, event: SymbolListed, time_us: int) -> None:
        self.symbols.listed(event, time_us)
        self.market.listed(event, time_us)
        self.trades.listed(event, time_us)
        self.candles.listed(event, time_us)
        self.block_trades.listed(event, time_us)
        self.reference_prices.listed(event, time_us)

    def _traded(self, event: TradeMatched, time_us: int) -> None:
        self.market.traded(event, time_us)
        self.trades.traded(event, time_us)
        self.candles.traded(event, time_us)
        self.reference_prices.traded(event, time_us)

    def _order_amended(self, event: OrderAmended, time_us: int) -> None:
        self.orders.amended(event, time_us)
        self.amendments.amended(event, time_us)

    def _subscribe(self) -> dict[type, Callable[[Any, int], None]]:
        """Who takes which event."""
        return {
            **dict.fromkeys(get_args(Event), _changes_nothing),
            SymbolListed: self._symbol_listed,
            KeyRegistered: self.keys.added,
            KeyRevoked: self.keys.removed,
            AccountOpened: self.accounts.opened,
            AccountRulesSet: self.accounts.rules_set,
            ExchangeFiltersSet: self.symbols.exchange_filters_set,
            PositionChanged: self.accounts.position_changed,
            OrderOpened: self.orders.opened,
            OrderTraded: self.orders.traded,
            OrderCanceled: self.orders.changed,
            OrderExpired: self.orders.changed,
            OrderTriggered: self.orders.changed,
            TrailingStarted: self.orders.changed,
            OrderListChanged: self.order_lists.changed,
            OrderAmended: self._order_amended,
            TradeMatched: self._traded,
            BlockTradeReported: self.block_trades.reported,
            ReferencePriceSet: self.reference_prices.price_set,
            LevelChanged: self.market.level_changed,
            OrderPrevented: self.orders.changed,
            CommissionSet: self.accounts.commission_set,
            DiscountSet: self.accounts.discount_set,
            MatchPrevented: self.prevented_matches.happened,
            SmartRoutingSet: self.symbols.smart_routing_set,
            OrderAllocated: self.orders.allocated,
        }


def _changes_nothing(_event: Any, _time_us: int) -> None:
    """Of what some events say queries show nothing."""
