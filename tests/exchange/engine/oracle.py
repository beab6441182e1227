"""A naive exchange to measure the engine by: lists, Decimals, everything worked out anew each time.

It shares no code with the engine, keeps no locked balances (they follow from the open orders) and no levels. What a
command sets off follows when it has been carried out: `happened` says what traded and ended, in order.
"""

from collections import Counter
from copy import deepcopy
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
    state: str = "resting"  # or "waiting" for its stop price, or "pending"
    kind: str = "LIMIT"
    tif: str = "GTC"
    stop: Decimal | None = None


@dataclass
class List:
    name: str
    account: int
    symbol: str
    ids: list
    is_pair: bool  # in its first phase
    pays: bool
    working: bool  # its first phase, unless that is the pair
    kept: Decimal = Decimal(0)

    def pair(self):
        return self.ids if self.is_pair else self.ids[1:] if len(self.ids) == 3 else []


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
    aside: list = field(default_factory=list)  # orders of lists that are not on the book
    lists: list = field(default_factory=list)  # those that are open
    last: dict = field(default_factory=dict)  # symbol -> the price of its last trade
    status: dict = field(default_factory=dict)  # (symbol, order id) -> how it stood last
    happened: list = field(default_factory=list)

    def locked(self, account, asset):
        total = sum(
            each.kept for each in self.lists if (each.account, self.symbols[each.symbol][0]) == (account, asset)
        )
        counted = set()
        for order in self.open():
            base, quote, _ = self.symbols[order.symbol]
            spends = quote if order.side == "BUY" else base
            if (order.account, spends) == (account, asset) and order.state != "pending" and id(order) not in counted:
                pair = (order, *self.partners(order))
                total += max(self.needs(each) for each in pair)
                counted |= {id(each) for each in pair}
        return total

    def needs(self, order):
        return floor(order.price * order.rest) if order.side == "BUY" else order.rest

    def open(self):
        return [*self.resting, *self.aside]

    def list_of(self, symbol, order_id):
        return next((each for each in self.lists if each.symbol == symbol and order_id in each.ids), None)

    def partners(self, order):
        """The other order of its pair, while that is open."""
        listed = self.list_of(order.symbol, order.order_id)
        pair = listed.pair() if listed and order.order_id in listed.pair() else []
        return [o for o in self.open() if o.symbol == order.symbol and o.order_id in pair and o is not order]

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
        """Returns (reason of the refusal, or None; the order's final status; all trades that follow from it).

        `books` are the symbols that it is routed to, from which it takes too.
        """
        self.happened = []
        if self.has(account, symbol, client_id):
            return "DUPLICATE_ORDER", None, []
        refused, order_id, trades = self.enter(
            account, symbol, side, kind, tif, client_id, price, quantity, quote_quantity, mode, iceberg, books
        )
        if refused:
            return refused, None, []
        trades += self.follow()
        return None, self.status[symbol, order_id], trades

    def enter(
        self,
        account,
        symbol,
        side,
        kind,
        tif,
        client_id,
        price,
        quantity,
        quote_quantity,
        mode,
        iceberg=None,
        books=(),
        own_id=None,
    ):
        """Returns (reason of the refusal, or None; its id; its trades). `own_id` is that of an order that was open."""
        books = [symbol, *(each for each in books if each != symbol)]
        base, quote, step = self.symbols[symbol]
        buys = side == "BUY"
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
        order_id = own_id or self.new_id(symbol)
        self.status[symbol, order_id] = "NEW"
        if mode == "EXPIRE_MAKER" or not own:
            fillable = sum(maker.rest for maker in matched)
        else:  # what an iceberg does not show yet comes behind the first own order, where both have one price
            before = makers[: makers.index(own[0])]
            level = own[0].symbol, own[0].price
            fillable = sum(maker.shown if (maker.symbol, maker.price) == level else maker.rest for maker in before)
        if tif == "FOK" and kind == "LIMIT" and fillable < quantity:
            return self.lapsed(symbol, order_id, [])
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
                    self.lost(maker.symbol, maker.order_id, maker.rest)
                if mode != "EXPIRE_MAKER":
                    rest -= both or rest
                    expired = not rest
                    self.lost(symbol, order_id, rest)
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
            self.traded(maker.symbol, maker.order_id, maker.rest, traded, floor(traded * self.maker_rate))
            self.traded(symbol, order_id, rest or cut_short, traded, floor(traded * self.taker_rate))
            self.last[maker.symbol] = maker.price
            self.happened.append(("price", maker.symbol, maker.price))
        self.resting = [order for order in self.resting if order.rest]
        if expired:
            return None, order_id, trades
        if cut_short or (rest and (kind == "MARKET" or (kind == "LIMIT" and tif != "GTC"))):
            return self.lapsed(symbol, order_id, trades)
        if rest:
            shown = min(rest, iceberg or rest)
            self.resting.append(
                Resting(symbol, order_id, account, client_id, side, price, rest, shown, iceberg, quantity, mode)
            )
        return None, order_id, trades

    def new_id(self, symbol):
        self.placed[symbol] = self.placed.get(symbol, 0) + 1
        return self.placed[symbol]

    def has(self, account, symbol, client_id):
        return any((o.account, o.symbol, o.client_id) == (account, symbol, client_id) for o in self.open())

    def traded(self, symbol, order_id, left, quantity, fee):
        self.status[symbol, order_id] = status = "PARTIALLY_FILLED" if left else "FILLED"
        self.happened.append(("traded", symbol, order_id, status, quantity, fee))

    def lost(self, symbol, order_id, left):
        if not left:
            self.status[symbol, order_id] = "EXPIRED_IN_MATCH"
        self.happened.append(("lost", symbol, order_id, self.status[symbol, order_id]))

    def lapsed(self, symbol, order_id, trades):
        self.status[symbol, order_id] = "EXPIRED"
        self.happened.append(("lapsed", symbol, order_id, "EXPIRED"))
        return None, order_id, trades

    # --- order lists ----------------------------------------------------------------------------------------------

    def place_list(self, account, symbol, name, is_pair, legs, pays):
        """`legs` are its orders, which pend as yet. Returns (reason of the refusal, or None; all trades)."""
        self.happened = []
        names = {leg.client_id for leg in legs}
        if len(names) < len(legs) or any((each.account, each.name) == (account, name) for each in self.lists):
            return "DUPLICATE_ORDER", []
        pair = legs if is_pair else legs[1:] if len(legs) == 3 else []
        if pair and not self.straddles(*pair, self.last.get(symbol) if is_pair else None):
            return "BAD_PRICES", []
        for leg in legs:
            if self.has(account, symbol, leg.client_id):
                return "DUPLICATE_ORDER", []
            if (is_pair or leg is legs[0]) and (refused := self.refusal(leg)):
                return refused, []
        for leg in legs:
            leg.order_id = self.new_id(symbol)
            self.status[symbol, leg.order_id] = "PENDING_NEW"
        self.lists.append(List(name, account, symbol, [leg.order_id for leg in legs], is_pair, pays, not is_pair))
        self.aside += legs
        trades = [trade for leg in reversed(legs if is_pair else legs[:1]) for trade in self.set_to_work(leg)]
        return None, trades + self.follow()

    def straddles(self, stop_loss, other, last):
        upper, lower = (stop_loss.stop, other.price) if stop_loss.side == "BUY" else (other.price, stop_loss.stop)
        return lower < upper and (last is None or lower < last < upper)

    def refusal(self, leg):
        """Why an order cannot work now: it is tried where nothing comes of it."""
        last = self.last.get(leg.symbol)
        if not leg.quantity:
            return "FILTER_FAILURE"
        if leg.stop is None:
            return deepcopy(self).work(leg)[0]
        if last is not None and (leg.stop <= last if leg.side == "BUY" else leg.stop >= last):
            return "WOULD_TRIGGER_IMMEDIATELY"
        base, quote, _ = self.symbols[leg.symbol]
        return (
            "INSUFFICIENT_BALANCE"
            if self.free(leg.account, quote if leg.side == "BUY" else base) < self.needs(leg)
            else None
        )

    def set_to_work(self, leg):
        """Returns its trades. It was not refused."""
        self.status[leg.symbol, leg.order_id] = "NEW"
        if leg.stop is not None:
            leg.state = "waiting"
            return []
        self.aside.remove(leg)
        return self.work(leg)[2]

    def work(self, leg, kind=None):
        return self.enter(
            leg.account,
            leg.symbol,
            leg.side,
            kind or leg.kind,
            leg.tif,
            leg.client_id,
            leg.price,
            leg.quantity,
            0,
            leg.mode,
            own_id=leg.order_id,
        )

    def follow(self):
        """All that was set off, symbol by symbol. Returns the trades."""
        trades = []
        for symbol in dict.fromkeys(each[1] for each in self.happened):
            due, heard = [], 0
            while heard < len(self.happened) or due:
                if heard == len(self.happened):
                    what = due.pop(0)
                    trades += self.release(what) if isinstance(what, List) else self.activate(what)
                    continue
                what, where, *more = self.happened[heard]
                heard += 1
                if where != symbol:
                    continue
                if what == "price":
                    due += [order for order in self.met(symbol, more[0]) if order not in due]
                else:
                    due += self.heed(symbol, *more)
        return trades

    def met(self, symbol, price):
        waiting = [order for order in self.aside if order.symbol == symbol and order.state == "waiting"]
        waiting = [o for o in waiting if (price >= o.stop if o.side == "BUY" else price <= o.stop)]
        return sorted(waiting, key=lambda order: order.order_id)

    def heed(self, symbol, order_id, status, traded=0, fee=0):
        """What a trade or an end does to the list. Returns the list if its pending orders are to be placed."""
        listed = self.list_of(symbol, order_id)
        if listed is None:
            return []
        if listed.working and listed.pays and traded:
            there = self.free(listed.account, self.symbols[symbol][0])
            listed.kept += min(traded if there >= traded else traded - fee, there)
        if order_id in listed.pair():
            self.expire(listed, [other for other in listed.pair() if other != order_id])
        if status in ("NEW", "PARTIALLY_FILLED"):
            return []
        if listed.working and status == "FILLED":
            return [listed]
        if listed.working:
            self.expire(listed, listed.ids[1:])
        self.forget_lists()
        return []

    def expire(self, listed, ids):
        for order in self.open():
            if order.symbol == listed.symbol and order.order_id in ids:
                self.status[order.symbol, order.order_id] = "EXPIRED"
        self.remove(listed.symbol, ids)

    def remove(self, symbol, ids):
        self.resting = [order for order in self.resting if order.symbol != symbol or order.order_id not in ids]
        self.aside = [order for order in self.aside if order.symbol != symbol or order.order_id not in ids]

    def forget_lists(self):
        still = {(order.symbol, order.order_id) for order in self.open()}
        self.lists = [each for each in self.lists if any((each.symbol, one) in still for one in each.ids)]

    def activate(self, order):
        if order not in self.aside:
            return []  # what was due before ended it
        listed = self.list_of(order.symbol, order.order_id)
        self.expire(listed, [other for other in listed.pair() if other != order.order_id])
        self.aside.remove(order)
        refused, _, trades = self.work(order, "LIMIT" if order.price else "MARKET")
        if refused:
            self.lapsed(order.symbol, order.order_id, [])
        return trades

    def release(self, listed):
        """Place the pending orders, or expire them. Returns the trades."""
        legs = [order for order in self.aside if order.symbol == listed.symbol and order.order_id in listed.ids]
        kept, listed.working, listed.kept = listed.kept, False, Decimal(0)
        if listed.pays:
            for leg in legs:
                leg.quantity = leg.rest = leg.shown = floor(kept, self.symbols[leg.symbol][2])
        fits = len(legs) == 1 or self.straddles(*legs, self.last[listed.symbol])
        if not fits or any(self.refusal(leg) for leg in legs):
            self.expire(listed, listed.ids)
            self.forget_lists()
            return []
        return [trade for leg in reversed(legs) for trade in self.set_to_work(leg)]

    # --- changes --------------------------------------------------------------------------------------------------

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
        own = [order for order in self.open() if (order.account, order.symbol) == (account, symbol)]
        for order in own:
            if order_id in (None, order.order_id) and client_id in (None, order.client_id):
                traded = order.quantity - order.rest
                taken = any(each.client_id == new_id for each in own if each is not order)
                if not traded < quantity < order.quantity or taken or floor(quantity, step) != quantity:
                    return False
                order.client_id = new_id
                for each in (order, *self.partners(order)):
                    each.quantity, each.rest = quantity, quantity - traded
                    each.shown = min(each.shown, each.rest)
                return True
        return False

    def cancel(self, account, symbol, order_id, client_id):
        """Returns the ids of the orders that were cancelled; with neither id given, all of the account's."""
        own = {o.order_id: o for o in self.open() if (o.account, o.symbol) == (account, symbol)}
        gone = []
        for number, order in sorted(own.items()):
            if number not in gone and order_id in (None, number) and client_id in (None, order.client_id):
                listed = self.list_of(symbol, number)
                gone += [number] if listed is None else [each for each in listed.ids if each in own]
        return self.take_out(symbol, gone)

    def cancel_list(self, account, symbol, name):
        """Returns the ids of the orders that were cancelled."""
        own = {o.order_id for o in self.open() if (o.account, o.symbol) == (account, symbol)}
        found = [each for each in self.lists if (each.account, each.symbol, each.name) == (account, symbol, name)]
        return self.take_out(symbol, [one for each in found for one in each.ids if one in own])

    def take_out(self, symbol, gone):
        self.status |= {(symbol, one): "CANCELED" for one in gone}
        self.remove(symbol, gone)
        self.forget_lists()
        return gone
