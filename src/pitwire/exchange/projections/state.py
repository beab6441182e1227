"""All projections of one exchange together: fed with outcomes in log order, kept in snapshots, queried by gateways."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from pitwire.exchange.messages import (
    AccountOpened,
    LevelChanged,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderOpened,
    OrderTraded,
    OrderTriggered,
    Outcome,
    PositionChanged,
    SymbolListed,
    TradeMatched,
    TrailingStarted,
)
from pitwire.exchange.projections.accounts import Account, Accounts
from pitwire.exchange.projections.amendments import Amendments
from pitwire.exchange.projections.market_data import BookState, MarketData
from pitwire.exchange.projections.orders import HistoryState, Orders
from pitwire.exchange.projections.symbols import Symbols
from pitwire.market.symbols import SymbolRules


class _State(Struct, array_like=True):
    """A snapshot. JSON, not MessagePack: a balance may exceed 64 bits, which only JSON carries."""

    symbols: list[SymbolRules]
    accounts: list[Account]
    orders: list[HistoryState]
    market: list[BookState]
    amendments: tuple[OrderAmended, ...] = ()


class Projections:
    """What queries read. It owns nothing that the log cannot rebuild."""

    def __init__(self) -> None:
        self.symbols = Symbols()
        self.accounts = Accounts(self.symbols)
        self.orders = Orders(self.symbols, self.accounts)
        self.market = MarketData()
        self.amendments = Amendments(self.symbols)
        self._handlers = self._subscribe()

    def apply(self, outcome: Outcome) -> None:
        """Take in the next outcome. Outcomes must come in log order, each once, and only when durable."""
        time_us = outcome.record.time_us
        handlers = self._handlers
        for event in outcome.events:
            handle = handlers.get(type(event))
            if handle is not None:
                handle(event, time_us)

    def snapshot(self) -> bytes:
        """The whole state; the same state gives the same bytes."""
        return msgspec.json.encode(
            _State(
                self.symbols.state(),
                self.accounts.state(),
                self.orders.state(),
                self.market.state(),
                tuple(self.amendments.state()),
            )
        )

    @classmethod
    def restore(cls, payload: bytes) -> "Projections":
        """The projections as they were when `snapshot` gave `payload`.

        Raises `msgspec.DecodeError` when `payload` is not such a snapshot. It comes from the exchange's own log, whose
        check sums and size bounds are the log's.
        """
        state = msgspec.json.decode(payload, type=_State)
        projections = cls()
        projections.symbols = Symbols.of(state.symbols)
        projections.accounts = Accounts.of(state.accounts, projections.symbols)
        projections.orders = Orders.of(state.orders, projections.symbols, projections.accounts)
        projections.market = MarketData.of(state.market)
        projections.amendments = Amendments.of(state.amendments, projections.symbols)
        projections._handlers = projections._subscribe()
        return projections

    def _symbol_listed(self, event: SymbolListed, time_us: int) -> None:
        self.symbols.listed(event, time_us)
        self.market.listed(event, time_us)

    def _order_amended(self, event: OrderAmended, time_us: int) -> None:
        self.orders.amended(event, time_us)
        self.amendments.amended(event, time_us)

    def _subscribe(self) -> dict[type, Callable[[Any, int], None]]:
        """Who takes which event. Events that change no projection are not here."""
        return {
            SymbolListed: self._symbol_listed,
            AccountOpened: self.accounts.opened,
            PositionChanged: self.accounts.position_changed,
            OrderOpened: self.orders.opened,
            OrderTraded: self.orders.traded,
            OrderCanceled: self.orders.changed,
            OrderExpired: self.orders.changed,
            OrderTriggered: self.orders.changed,
            TrailingStarted: self.orders.changed,
            OrderAmended: self._order_amended,
            TradeMatched: self.market.traded,
            LevelChanged: self.market.level_changed,
        }
