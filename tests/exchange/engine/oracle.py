"""A naive exchange to measure the engine by: lists, Decimals, everything worked out anew each time.

It shares no code with the engine, keeps no locked balances (they follow from the open orders) and no levels.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

UNIT = Decimal("0.00000001")


def floor(value, step=UNIT):
    return (value / step).to_integral_value(ROUND_DOWN) * step


@dataclass
class Resting:
    symbol: str
    order_id: int
    account: int
    client_id: str
    side: str
    price: Decimal
    rest: Decimal
    shown: Decimal
    iceberg: Decimal
    quantity: Decimal
    mode: str


@dataclass
class Oracle:
    symbols: dict  # symbol -> (base, quote, lot step)
    maker_rate: Decimal
    taker_rate: Decimal
    groups: dict = field(default_factory=dict)  # account -> trade group
    owned: dict = field(default_factory=dict)  # (account, asset) -> free and locked together
    resting: list = field(default_factory=list)  # in the order of arrival
    collected: dict = field(default_factory=dict)
    exchanged: Counter = field(default_factory=Counter)  # what the exchange took in of interchangeable assets
    placed: dict = field(default_factory=dict)  # symbol -> how many orders were accepted

    def locked(self, account, asset):
        total = Decimal(0)
        for order in self.resting:
            base, quote, _ = self.symbols[order.symbol]
            if order.account == account and (order.side, asset) == ("BUY", quote):
                total += floor(order.price * order.rest)
            if order.account == account and (order.side, asset) == ("SELL", base):
                total += order.rest
        return total

    def free(self, account, asset):
        return self.owned.get((account, asset), Decimal(0)) - self.locked(account, asset)

    def credit(self, account, asset, amount):
        self.owned[account, asset] = self.owned.get((account, asset), Decimal(0)) + amount

    def levels(self, symbol, side):
        totals = {}
        for order in self.resting:
            if (order.symbol, order.side) == (symbol, side):
                totals[order.price] = totals.get(order.price, Decimal(0)) + order.shown
        return totals

    def are_one(self, account, other):
        group = self.groups.get(account)
        return account == other or (group is not None and group == self.groups.get(other))

    def place(
        self, account, symbol, side, kind, tif, client_id, price, quantity, quote_quantity, mode, iceberg=None, books=()
    ):
        """Returns (reason of the refusal, or None; the order's final status; its trades).

        `books` are the symbols that it is routed to, from which it takes too.
        """
        books = [symbol, *(each for each in books if each != symbol)]
        base, quote, step = self.symbols[symbol]
        buys = side == "BUY"
        if any((o.account, o.symbol, o.client_id) == (account, symbol, client_id) for o in self.resting):
            return "DUPLICATE_ORDER", None, []
        makers = [o for o in self.resting if o.symbol in books and o.side != side]
        if kind != "MARKET":
            makers = [o for o in makers if (o.price <= price if buys else o.price >= price)]
        # Stable: at one price in one book, by arrival.
        makers.sort(key=lambda o: (o.price if buys else -o.price, books.index(o.symbol)))
        own = [m for m in makers if mode != "NONE" and self.are_one(account, m.account)]
        others = [maker for maker in makers if maker not in own]
        matched = others if mode == "EXPIRE_MAKER" else makers
        cut_short = False
        if kind == "LIMIT_MAKER" and makers:
            return "WOULD_MATCH_IMMEDIATELY", None, []
        if kind == "MARKET" and quote_quantity:
            left, total = quote_quantity, Decimal(0)
            for maker in matched:
                taken = min(maker.rest, left / maker.price)
                total, left = total + taken, left - taken * maker.price
            quantity = floor(total, step)
            cut_short = not matched or left >= matched[-1].price * step
            if not quantity:
                return "MARKET_WITHOUT_LIQUIDITY" if cut_short else "FILTER_FAILURE", None, []
        if not buys:
            needed = quantity
        elif kind != "MARKET":
            needed = floor(price * quantity)
        elif quote_quantity:
            needed = quote_quantity
        else:
            needed, wanted = Decimal(0), quantity
            for each in sorted({maker.price for maker in matched}):
                there = min(wanted, sum(maker.rest for maker in matched if maker.price == each))
                needed, wanted = needed + floor(each * there), wanted - there
        if self.free(account, quote if buys else base) < needed:
            return "INSUFFICIENT_BALANCE", None, []
        self.placed[symbol] = order_id = self.placed.get(symbol, 0) + 1
        if mode == "EXPIRE_MAKER" or not own:
            fillable = sum(maker.rest for maker in matched)
        else:  # what an iceberg does not show yet comes behind the first own order, where both have one price
            before = makers[: makers.index(own[0])]
            level = own[0].symbol, own[0].price
            fillable = sum(maker.shown if (maker.symbol, maker.price) == level else maker.rest for maker in before)
        if tif == "FOK" and kind == "LIMIT" and fillable < quantity:
            return None, "EXPIRED", []
        rest, trades, expired = quantity, [], False
        while makers and rest:
            maker = makers.pop(0)
            traded = min(rest, maker.shown)
            maker_quote = self.symbols[maker.symbol][1]
            if maker in own:
                both = traded if mode in ("DECREMENT", "TRANSFER") else None
                if mode == maker.mode == "TRANSFER" and account != maker.account:
                    self.exchange(account, quote, maker.account, maker_quote, floor(maker.price * traded), buys)
                    self.credit(account, base, traded if buys else -traded)
                    self.credit(maker.account, base, -traded if buys else traded)
                if mode != "EXPIRE_TAKER":
                    maker.shown -= both or maker.shown
                    maker.rest -= both or maker.rest
                    self.show_more(maker, makers)
                if mode != "EXPIRE_MAKER":
                    rest -= both or rest
                    expired = not rest
                continue
            paid = floor(maker.price * traded)
            maker.rest -= traded
            maker.shown -= traded
            self.show_more(maker, makers)
            rest -= traded
            self.exchange(account, quote, maker.account, maker_quote, paid, buys)
            self.credit(account, base, traded if buys else -traded)
            self.credit(maker.account, base, -traded if buys else traded)
            for payer, asset, amount, rate in (
                (account, base if buys else quote, traded if buys else paid, self.taker_rate),
                (maker.account, maker_quote if buys else base, paid if buys else traded, self.maker_rate),
            ):
                fee = floor(amount * rate)
                self.credit(payer, asset, -fee)
                self.collected[asset] = self.collected.get(asset, Decimal(0)) + fee
            taker_id = order_id if maker.symbol == symbol else -1
            trades.append((maker.symbol, maker.order_id, taker_id, maker.price, traded, paid))
        self.resting = [order for order in self.resting if order.rest]
        if expired:
            return None, "EXPIRED_IN_MATCH", trades
        if cut_short or (rest and (kind == "MARKET" or (kind == "LIMIT" and tif != "GTC"))):
            return None, "EXPIRED", trades
        if not rest:
            return None, "FILLED", trades
        shown = min(rest, iceberg or rest)
        self.resting.append(
            Resting(symbol, order_id, account, client_id, side, price, rest, shown, iceberg, quantity, mode)
        )
        return None, "PARTIALLY_FILLED" if trades else "NEW", trades

    def exchange(self, taker, quote, maker, maker_quote, amount, buys):
        """The taker pays the maker, or is paid, each in its own quote asset."""
        amount = amount if buys else -amount
        self.credit(taker, quote, -amount)
        self.credit(maker, maker_quote, amount)
        for asset, taken in ((quote, amount), (maker_quote, -amount)):
            self.exchanged[asset] += taken

    def show_more(self, maker, makers):
        """The next part of an iceberg goes behind all others of its price."""
        if maker.rest and not maker.shown:
            maker.shown = min(maker.iceberg, maker.rest)
            self.resting = [order for order in self.resting if order is not maker] + [maker]
            level = sum((other.price, other.symbol) == (maker.price, maker.symbol) for other in makers)
            makers.insert(level, maker)

    def amend(self, account, symbol, order_id, client_id, new_id, quantity):
        """Returns whether the order that either id names, or both, has less quantity now, and the new client id."""
        step = self.symbols[symbol][2]
        own = [order for order in self.resting if (order.account, order.symbol) == (account, symbol)]
        for order in own:
            if order_id in (None, order.order_id) and client_id in (None, order.client_id):
                traded = order.quantity - order.rest
                taken = any(each.client_id == new_id for each in own if each is not order)
                if not traded < quantity < order.quantity or taken or floor(quantity, step) != quantity:
                    return False
                order.quantity, order.rest, order.client_id = quantity, quantity - traded, new_id
                order.shown = min(order.shown, order.rest)
                return True
        return False

    def cancel(self, account, symbol, order_id, client_id):
        """Returns the ids of the orders that were cancelled; with neither id given, all of the account's."""
        gone = [
            order
            for order in self.resting
            if (order.account, order.symbol) == (account, symbol)
            and order_id in (None, order.order_id)
            and client_id in (None, order.client_id)
        ]
        self.resting = [order for order in self.resting if order not in gone]
        return sorted(order.order_id for order in gone)
