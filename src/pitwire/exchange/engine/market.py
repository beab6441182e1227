"""One symbol's market: its rules, its book, its traders and their open orders."""

from functools import partial
from typing import Final

from pitwire.exchange.engine.accounts import Account, Discount
from pitwire.exchange.engine.average_price import SECOND_US, AveragePrice
from pitwire.exchange.engine.book import OrderBook
from pitwire.exchange.engine.events import balance
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.triggers import Triggers
from pitwire.exchange.messages import Commission, PositionChanged
from pitwire.market.enums import OrderType, SelfTradePrevention, SymbolStatus
from pitwire.market.filter_checks import in_order
from pitwire.market.order_limits import OrderLimits
from pitwire.market.reference_price import ReferencePrice
from pitwire.market.symbols import SymbolRules, permits

TRADING: Final = SymbolStatus.TRADING


class Trader:
    """An account in its role on one market: its holdings of the two assets, its open orders there, and what it pays.

    `open_orders` is keyed by client order id, which must be unique in it.
    The four rates are the sums of all that a trade costs in a role and on a side. `discount` is what may be saved of
    that, or `None`.
    """

    __slots__ = (
        "account",
        "account_id",
        "base",
        "commission",
        "discount",
        "is_open",
        "is_plain",
        "maker_buyer_rate",
        "maker_seller_rate",
        "market",
        "open_orders",
        "quote",
        "taker_buyer_rate",
        "taker_seller_rate",
    )

    def __init__(self, account: Account, market: "Market") -> None:
        self.account = account
        self.account_id = account.account_id
        self.market = market
        self.base = account.holding(market.base)
        self.quote = account.holding(market.quote)
        self.open_orders: dict[str, Order] = {}
        self.discount: Discount | None
        self.commission: Commission
        self.is_open = True
        self.is_plain = True
        self.update_commission()
        self.apply_rules()

    def update_commission(self) -> None:
        """Pay what its account pays on this market now."""
        commission = self.commission = self.account.commission(self.market.symbol)
        parts = (commission.standard, commission.special, commission.tax)
        maker = sum([rates.maker for rates in parts])
        taker = sum([rates.taker for rates in parts])
        buyer = sum([rates.buyer for rates in parts])
        seller = sum([rates.seller for rates in parts])
        self.maker_buyer_rate = maker + buyer
        self.maker_seller_rate = maker + seller
        self.taker_buyer_rate = taker + buyer
        self.taker_seller_rate = taker + seller
        self.discount = self.account.discount if self.market.rules.commission_discount else None

    def apply_rules(self) -> None:
        """Follow the rules of the market and of the account, as they are now."""
        account = self.account
        rules = self.market.rules
        self.is_open = rules.status is TRADING and permits(rules.permission_sets, account.permissions)
        """The symbol trades, and the account may trade it."""
        self.is_plain = self.market.limits.is_plain and not account.filters
        """The bounds of `OrderLimits` are all that its LIMIT, LIMIT_MAKER and MARKET orders have to keep."""

    def taking_from(self, market: "Market") -> "Trader":
        """The same trader before another market's book, paying and paid in the quote asset and at the rates of its own.

        It does not become a trader there.
        """
        trader = Trader(self.account, market)
        trader.quote = self.quote
        trader.commission = self.commission
        trader.taker_buyer_rate = self.taker_buyer_rate
        trader.taker_seller_rate = self.taker_seller_rate
        trader.discount = self.discount
        return trader

    def position(self) -> PositionChanged:
        """Both balances as they stand now, and that of the asset in which it may pay its commissions."""
        base = self.base
        quote = self.quote
        discount = self.discount
        if discount is not None and discount.asset not in (base.asset, quote.asset):
            other = self.account.holding(discount.asset)
            return PositionChanged(
                account=self.account_id,
                balances=(
                    balance(base.asset, base.free, base.locked),
                    balance(quote.asset, quote.free, quote.locked),
                    balance(other.asset, other.free, other.locked),
                ),
            )
        return PositionChanged(
            account=self.account_id,
            balances=(balance(base.asset, base.free, base.locked), balance(quote.asset, quote.free, quote.locked)),
        )


class Market:
    """Everything that belongs to one symbol. Order ids and trade ids count from 1 per symbol."""

    __slots__ = (
        "ask_bounds",
        "average_price",
        "base",
        "bid_bounds",
        "book",
        "bounds_until_us",
        "filters",
        "last_allocation_id",
        "last_block_trade_id",
        "last_order_id",
        "last_prevented_match_id",
        "last_trade_id",
        "limits",
        "order_types",
        "orders",
        "prevention_modes",
        "quote",
        "reference_price",
        "rules",
        "symbol",
        "traders",
        "triggers",
    )

    def __init__(self, rules: SymbolRules) -> None:
        self.symbol = rules.symbol
        self.base = rules.base
        self.quote = rules.quote
        self.rules = rules
        self.limits = OrderLimits(rules)
        self.filters = in_order(rules.filters)
        self.order_types, self.prevention_modes = _allowed(rules)
        self.average_price = AveragePrice(self.limits.average_minutes_max)
        self.bid_bounds = self.ask_bounds = (0, 0)
        """What filters leave to the price of an order, as `update_price_bounds` found it."""
        self.bounds_until_us = 0
        """Until when they stand: the end of the second, the next trade or the next change of the rules."""
        self.reference_price = None if rules.reference_price is None else ReferencePrice(rules.reference_price)
        self.book = OrderBook()
        self.orders: dict[int, Order] = {}
        """The open orders by order id."""
        self.traders: dict[int, Trader] = {}
        """By account id: those who ever placed an order here."""
        self.last_order_id = 0
        self.last_trade_id = 0
        self.last_block_trade_id = 0
        self.last_prevented_match_id = -1
        """Prevented matches count from 0 (faqs/stp_faq.md)."""
        self.last_allocation_id = -1
        """Allocations count from 0 (faqs/sor_faq.md)."""
        self.triggers = Triggers()

    def replace_rules(self, rules: SymbolRules) -> None:
        """Trade by other rules from now on. Orders that rest stay as they are."""
        self.rules = rules
        self.limits = OrderLimits(rules)
        self.filters = in_order(rules.filters)
        self.order_types, self.prevention_modes = _allowed(rules)
        self.average_price.minutes = self.limits.average_minutes_max
        self.bounds_until_us = 0
        calculation = rules.reference_price
        if calculation is None:
            self.reference_price = None
        elif self.reference_price is None or self.reference_price.calculation != calculation:
            self.reference_price = ReferencePrice(calculation)
        for trader in self.traders.values():
            trader.apply_rules()
            trader.update_commission()

    def average(self, time_us: int, minutes: int) -> int:
        """The price that prices are judged by, and that stands in for a missing one; 0 before the first trade.

        It is the reference price, or without one the average of the last minutes (filters.md, PERCENT_PRICE).
        """
        reference = self.reference_price
        if reference is not None and (price := reference.at(time_us)):
            return price
        return self.average_price.price(time_us, minutes)

    def update_price_bounds(self, time_us: int) -> None:
        """Work out the prices that filters leave to orders at `time_us`.

        The average moves with trades, and by time alone once a second. A reference price may move at any time.
        """
        self.bid_bounds, self.ask_bounds = self.limits.price_bounds(partial(self.average, time_us))
        self.bounds_until_us = 0 if self.reference_price is not None else (time_us // SECOND_US + 1) * SECOND_US

    def traded(self, time_us: int, last_price: int, quantity: int, value: int) -> None:
        """Count trades of one moment: `value` is the sum of their `price * quantity`."""
        self.average_price.add(time_us, last_price, quantity, value)
        self.bounds_until_us = 0

    def trader(self, account: Account) -> Trader:
        """The account in its role as a trader here."""
        trader = self.traders.get(account.account_id)
        if trader is None:
            trader = self.traders[account.account_id] = Trader(account, self)
        return trader

    def rest(self, order: Order) -> int:
        """Put what is left of an accepted order into the book. Returns its level's new quantity."""
        book = self.book
        level = (book.bids if order.is_buy else book.asks).add(order)
        self.orders[order.order_id] = order
        order.trader.open_orders[order.command.client_order_id] = order
        return level.quantity

    def withdraw(self, order: Order) -> int:
        """Take an open order out of the book. Returns the quantity that is left in its level."""
        level = order.level
        assert level is not None  # every open order rests in a level
        book = self.book
        (book.bids if order.is_buy else book.asks).remove(order, level)
        del self.orders[order.order_id]
        del order.trader.open_orders[order.command.client_order_id]
        return level.quantity

    def forget(self, order: Order) -> None:
        """An order that does not rest is open no longer."""
        del self.orders[order.order_id]
        del order.trader.open_orders[order.command.client_order_id]


def _allowed(rules: SymbolRules) -> tuple[frozenset[OrderType], frozenset[SelfTradePrevention]]:
    """The order types and the modes of self-trade prevention that an order may have: sets, since each is asked."""
    modes = (SelfTradePrevention.NONE, *rules.allowed_self_trade_prevention)
    return frozenset(rules.order_types), frozenset(modes)
