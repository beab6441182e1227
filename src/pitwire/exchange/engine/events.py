"""The events under signatures that take plain `int`s, which is what the engine computes with.

These are the message classes themselves. Wrapping each figure in its `NewType` first (`Price(price)`) would be a
function call each time, some thirty of them a trade: a quarter of the engine's time.
"""

from typing import Final, Protocol, cast

from pitwire.exchange.messages import (
    Balance,
    LevelChanged,
    MatchPrevented,
    OrderExtras,
    OrderPrevented,
    OrderTraded,
    OrderView,
    TradeMatched,
)
from pitwire.market.enums import OrderStatus, OrderType, SelfTradePrevention, Side, TimeInForce


class _OrderView(Protocol):
    def __call__(
        self,
        order_id: int,
        account: int,
        symbol: str,
        client_order_id: str,
        side: Side,
        type: OrderType,  # noqa: A002  (Binance's word, as in the message)
        time_in_force: TimeInForce,
        price: int,
        quantity: int,
        quote_quantity: int,
        status: OrderStatus,
        executed: int,
        quote_executed: int,
        created_us: int,
        updated_us: int,
        working_us: int,
        self_trade_prevention: SelfTradePrevention,
        strategy_id: int,
        strategy_type: int,
        prevented: int,
        prevented_match_id: int,
        expiry_reason: str,
        extras: OrderExtras | None,
        /,
    ) -> OrderView: ...


class _Balance(Protocol):
    def __call__(self, asset: str, free: int, locked: int, /) -> Balance: ...


class _OrderTraded(Protocol):
    def __call__(
        self,
        *,
        order: OrderView,
        execution_id: int,
        trade_id: int,
        price: int,
        quantity: int,
        quote: int,
        commission: int,
        commission_asset: str,
        is_maker: bool,
    ) -> OrderTraded: ...


class _TradeMatched(Protocol):
    def __call__(
        self,
        *,
        symbol: str,
        trade_id: int,
        price: int,
        quantity: int,
        quote: int,
        buyer_order_id: int,
        seller_order_id: int,
        buyer_is_maker: bool,
    ) -> TradeMatched: ...


class _LevelChanged(Protocol):
    def __call__(self, *, symbol: str, side: Side, price: int, quantity: int, update_id: int) -> LevelChanged: ...


class _MatchPrevented(Protocol):
    def __call__(
        self,
        *,
        symbol: str,
        prevented_match_id: int,
        taker_account: int,
        taker_order_id: int,
        maker_account: int,
        maker_order_id: int,
        trade_group: int,
        mode: SelfTradePrevention,
        price: int,
        taker_prevented: int | None,
        maker_prevented: int | None,
    ) -> MatchPrevented: ...


class _OrderPrevented(Protocol):
    def __call__(
        self,
        *,
        order: OrderView,
        execution_id: int,
        prevented: int,
        counter_order_id: int,
        trade_group: int,
        price: int,
        quantity: int,
        quote: int,
    ) -> OrderPrevented: ...


order_view: Final = cast(_OrderView, OrderView)
balance: Final = cast(_Balance, Balance)
order_traded: Final = cast(_OrderTraded, OrderTraded)
trade_matched: Final = cast(_TradeMatched, TradeMatched)
level_changed: Final = cast(_LevelChanged, LevelChanged)
match_prevented: Final = cast(_MatchPrevented, MatchPrevented)
order_prevented: Final = cast(_OrderPrevented, OrderPrevented)
