"""An order on its way through the engine, and the trader who placed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pitwire.exchange.engine.accounts import Account
from pitwire.exchange.messages import Balance, OrderView, PositionChanged
from pitwire.market.enums import OrderStatus, OrderType, SelfTradePrevention, Side, TimeInForce
from pitwire.market.numbers import SCALE, Amount, Price, Quantity

if TYPE_CHECKING:
    from pitwire.exchange.engine.book import Level

BUY: Final = Side.BUY
NEW: Final = OrderStatus.NEW


class Trader:
    """An account as one market sees it: its holdings of the two assets, and its open orders there.

    `open_orders` is keyed by client order id, which must be unique in it, and is in the order of placement.
    """

    __slots__ = ("account", "account_id", "base", "open_orders", "quote")

    def __init__(self, account: Account, base: str, quote: str) -> None:
        self.account = account
        self.account_id = account.account_id
        self.base = account.holding(base)
        self.quote = account.holding(quote)
        self.open_orders: dict[str, Order] = {}

    def position(self) -> PositionChanged:
        """Both balances as they stand now."""
        base = self.base
        quote = self.quote
        return PositionChanged(
            account=self.account_id,
            balances=(
                Balance(base.asset, Amount(base.free), Amount(base.locked)),
                Balance(quote.asset, Amount(quote.free), Amount(quote.locked)),
            ),
        )


class Order:
    """One order's state. While it rests it is a link in its level's queue (`level`, `ahead`, `behind`)."""

    __slots__ = (
        "ahead",
        "behind",
        "client_order_id",
        "created_us",
        "executed",
        "is_buy",
        "level",
        "order_id",
        "price",
        "quantity",
        "quote_executed",
        "quote_quantity",
        "self_trade_prevention",
        "side",
        "status",
        "strategy_id",
        "strategy_type",
        "symbol",
        "time_in_force",
        "trader",
        "type",
        "updated_us",
        "working_us",
    )

    def __init__(
        self,
        order_id: int,
        trader: Trader,
        symbol: str,
        client_order_id: str,
        side: Side,
        type: OrderType,
        time_in_force: TimeInForce,
        price: int,
        quantity: int,
        quote_quantity: int,
        created_us: int,
        self_trade_prevention: SelfTradePrevention,
        strategy_id: int,
        strategy_type: int,
    ) -> None:
        self.order_id = order_id
        self.trader = trader
        self.symbol = symbol
        self.client_order_id = client_order_id
        self.side = side
        self.is_buy = side is BUY
        self.type = type
        self.time_in_force = time_in_force
        self.price = price
        self.quantity = quantity
        self.quote_quantity = quote_quantity
        self.status = NEW
        self.executed = 0
        self.quote_executed = 0
        self.created_us = created_us
        self.updated_us = created_us
        self.working_us = created_us
        self.self_trade_prevention = self_trade_prevention
        self.strategy_id = strategy_id
        self.strategy_type = strategy_type
        self.level: Level | None = None
        self.ahead: Order | None = None
        self.behind: Order | None = None

    def lock(self) -> None:
        """Set aside what the rest of the order may still spend: the quote at its price, or the base.

        What an order has locked is at any time a function of its price and its rest (`locked_quote`), so nothing is
        left over when it is done, whatever was rounded on the way.
        """
        trader = self.trader
        if self.is_buy:
            amount = locked_quote(self.price, self.quantity - self.executed)
            trader.quote.free -= amount
            trader.quote.locked += amount
        else:
            amount = self.quantity - self.executed
            trader.base.free -= amount
            trader.base.locked += amount

    def unlock(self) -> None:
        """Give back what the rest of the order had locked."""
        trader = self.trader
        if self.is_buy:
            amount = locked_quote(self.price, self.quantity - self.executed)
            trader.quote.locked -= amount
            trader.quote.free += amount
        else:
            amount = self.quantity - self.executed
            trader.base.locked -= amount
            trader.base.free += amount

    def view(self) -> OrderView:
        """A copy of the order as it stands now."""
        return OrderView(
            self.order_id,
            self.trader.account_id,
            self.symbol,
            self.client_order_id,
            self.side,
            self.type,
            self.time_in_force,
            Price(self.price),
            Quantity(self.quantity),
            Amount(self.quote_quantity),
            self.status,
            Quantity(self.executed),
            Amount(self.quote_executed),
            self.created_us,
            self.updated_us,
            self.working_us,
            self.self_trade_prevention,
            self.strategy_id,
            self.strategy_type,
        )


def locked_quote(price: int, rest: int) -> int:
    """What a buy order keeps locked for its unfilled rest. Rounded down, like the trades that will spend it."""
    return price * rest // SCALE
