"""An order on its way through the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from pitwire.exchange.engine.events import order_view
from pitwire.exchange.messages import OrderExtras, OrderView, PlaceOrder
from pitwire.market.enums import OrderStatus, Side
from pitwire.market.numbers import SCALE

if TYPE_CHECKING:
    from pitwire.exchange.engine.book import Level
    from pitwire.exchange.engine.market import Trader

BUY: Final = Side.BUY
NEW: Final = OrderStatus.NEW


class Order:
    """What was asked for (`command`), and what has become of it.

    `price` and `quantity` stand on their own, since they need not stay what was asked for: an order by quoteOrderQty
    gets its quantity from the book, a pegged one its price, and self-trade prevention takes from an order's quantity
    what it puts into `prevented`. So the rest is at any time `quantity - executed`, and what was asked for
    `quantity + prevented`. An amendment changes `command` too, where it gives the order another client order id.
    While an order rests it is a link in its level's queue (`level`, `ahead`, `behind`).
    """

    __slots__ = (
        "ahead",
        "amendments",
        "behind",
        "command",
        "created_us",
        "executed",
        "exhausts_book",
        "extras",
        "hidden",
        "is_buy",
        "level",
        "order_id",
        "prevented",
        "prevented_match_id",
        "price",
        "quantity",
        "quote_executed",
        "range_exceeded",
        "status",
        "trader",
        "updated_us",
        "working_us",
    )

    def __init__(self, order_id: int, trader: Trader, command: PlaceOrder, quantity: int, created_us: int) -> None:
        self.order_id = order_id
        self.trader = trader
        self.command = command
        self.is_buy = command.side is BUY
        self.price: int = command.price
        self.quantity = quantity
        self.exhausts_book = False
        """It would trade more than its quantity, were there more in the book: only ever by quoteOrderQty."""
        self.range_exceeded = False
        """Matching stopped since the next price was too far from the reference price."""
        self.status = NEW
        self.executed = 0
        self.quote_executed = 0
        self.prevented = 0
        self.prevented_match_id = -1
        self.created_us = created_us
        self.updated_us = created_us
        self.working_us = created_us
        """Since when it meets the book; -1 while it waits for its trigger."""
        self.extras: OrderExtras | None = None
        self.hidden = 0
        """How much of what rests the book does not show: only ever of an iceberg order."""
        self.amendments = 0
        self.level: Level | None = None
        self.ahead: Order | None = None
        self.behind: Order | None = None

    @classmethod
    def unplaced(cls, trader: Trader, command: PlaceOrder, time_us: int) -> Order:
        """What is known of an order that is not working, and has no id yet."""
        order = cls(-1, trader, command, command.quantity, time_us)
        order.working_us = -1
        if command.trigger is not None or command.iceberg_quantity or command.peg is not None:
            order.extend(trigger=command.trigger, iceberg_quantity=command.iceberg_quantity, peg=command.peg)
        return order

    def lock(self) -> None:
        """Set aside what the rest of the order may still spend: the quote at its price, or the base.

        A buyer that waits to buy at the market's price has none yet: it sets nothing aside.

        What an order has locked is at any time a function of its price and its rest alone, so
        nothing is left over when it is done, whatever was rounded on the way.
        """
        rest = self.quantity - self.executed
        if self.is_buy:
            amount = self.price * rest // SCALE
            quote = self.trader.quote
            quote.free -= amount
            quote.locked += amount
        else:
            base = self.trader.base
            base.free -= rest
            base.locked += rest

    def unlock(self) -> None:
        """Give back what the rest of the order had locked."""
        rest = self.quantity - self.executed
        if self.is_buy:
            amount = self.price * rest // SCALE
            quote = self.trader.quote
            quote.locked -= amount
            quote.free += amount
        else:
            base = self.trader.base
            base.locked -= rest
            base.free += rest

    def hide(self) -> None:
        """Before it rests: show no more of the order than its iceberg quantity."""
        if self.extras is not None and self.extras.iceberg_quantity:
            self.hidden = max(0, self.quantity - self.executed - self.extras.iceberg_quantity)

    def extend(self, **changes: Any) -> None:
        """Change some of the order's `OrderExtras`."""
        self.extras = structs.replace(self.extras or OrderExtras(), **changes)

    def view(self) -> OrderView:
        """A copy of the order as it stands now."""
        command = self.command
        return order_view(
            self.order_id,
            command.account,
            command.symbol,
            command.client_order_id,
            command.side,
            command.type,
            command.time_in_force,
            command.price,
            self.quantity + self.prevented,
            command.quote_quantity,
            self.status,
            self.executed,
            self.quote_executed,
            self.created_us,
            self.updated_us,
            self.working_us,
            command.self_trade_prevention,
            command.strategy_id,
            command.strategy_type,
            self.prevented,
            self.prevented_match_id,
            "",
            self.extras,
        )
