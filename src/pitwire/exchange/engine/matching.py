"""Matching: an accepted order meets the other side, best price first, and at one price the oldest order first."""

from typing import Final

from pitwire.exchange.engine.commission import pay_discounted, still_needed
from pitwire.exchange.engine.events import level_changed, order_traded, trade_matched
from pitwire.exchange.engine.market import Trader
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.prevention import prevent
from pitwire.exchange.engine.price_range import worst_key_in_range
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import Event, TradeMatched
from pitwire.market.enums import OrderStatus, SelfTradePrevention, Side
from pitwire.market.numbers import SCALE

BUY: Final = Side.BUY
SELL: Final = Side.SELL
NONE: Final = SelfTradePrevention.NONE
FILLED: Final = OrderStatus.FILLED
PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED


def match(venue: Venue, taker: Order, time_us: int, events: list[Event], bound: int | None = None) -> dict[int, Trader]:
    """Trade `taker` until it is filled or no order on the other side is at its price or better.

    At the start one is, or the side is empty, or the taker has no price.

    Each trade is at the maker's price. The buyer pays and the seller gets the same amount of the quote asset, rounded
    down to 1e-8; each pays commission on what they receive, rounded down to 1e-8, or in another asset (`commission`).
    The taker pays out of its free balance, which must suffice (see `placement`); the maker out of what it has locked.
    Where the taker may not trade with a maker, `prevention` has its way with the two of them instead.

    With a `bound`, a level's key, it trades with that level and better ones, whatever its price and the price range.

    Returns the traders whose balances it changed, by account id.
    """
    taker_trader = taker.trader
    market = taker_trader.market
    book = market.book
    taker_buys = taker.is_buy
    side = book.asks if taker_buys else book.bids
    keys = side.keys
    touched: dict[int, Trader] = {}
    if not keys:
        return touched
    # Without a price it takes any.
    worst_key = bound if bound is not None else taker.price * side.sign if taker.price else keys[0]
    asked_key = worst_key
    if market.rules.price_range is not None and bound is None:
        worst_key = worst_key_in_range(market, taker_buys, side, worst_key, time_us)
        if keys[-1] < worst_key:
            taker.range_exceeded = True
            return touched
    touched[taker_trader.account_id] = taker_trader
    symbol = market.symbol
    base = market.base
    quote = market.quote
    taker_id = taker.order_id
    taker_base = taker_trader.base
    taker_quote = taker_trader.quote
    taker_rate = taker_trader.taker_buyer_rate if taker_buys else taker_trader.taker_seller_rate
    taker_discount = taker_trader.discount
    maker_receives = quote if taker_buys else base
    # A routed order's quote asset is not the market's.
    taker_receives = base if taker_buys else taker_quote.asset
    maker_side = SELL if taker_buys else BUY
    trade_id = market.last_trade_id
    execution_id = venue.last_execution_id
    update_id = book.update_id
    filled = PARTIALLY_FILLED if taker.exhausts_book else FILLED
    base_commissions = 0
    quote_commissions = 0
    traded_value = 0
    price = 0
    prevents = taker.command.self_trade_prevention is not NONE
    account = taker_trader.account
    trade_group = account.trade_group
    executed_before = taker.executed
    rest = taker.quantity - executed_before
    while rest and keys and keys[-1] >= worst_key:
        level = side.levels[keys[-1]]
        maker = level.first
        while rest and maker is not None:
            behind = maker.behind
            maker_trader = maker.trader
            # `prevention.is_self_trade`, without the call.
            if prevents and (
                maker_trader.account is account
                or (trade_group != -1 and trade_group == maker_trader.account.trade_group)
            ):
                venue.last_execution_id = execution_id
                book.update_id = update_id
                if prevent(venue, taker, maker, time_us, events):
                    touched[maker_trader.account_id] = maker_trader
                execution_id = venue.last_execution_id
                update_id = book.update_id
                rest = taker.quantity - taker.executed
                maker = level.first
                continue
            maker_rest = maker.quantity - maker.executed
            shown = maker_rest - maker.hidden
            quantity = shown if shown < rest else rest
            price = level.price
            value = price * quantity
            amount = value // SCALE
            traded_value += value
            rest -= quantity
            # The maker's price is the trade's, so what its rest has locked shrinks by the amount, but for a unit
            # that two roundings may differ by: that goes back to it at once.
            if taker_buys:
                maker_commission = amount * maker_trader.maker_seller_rate // SCALE
                taker_commission = quantity * taker_rate // SCALE
                base_commissions += taker_commission
                quote_commissions += maker_commission
                taker_quote.free -= amount
                taker_base.free += quantity - taker_commission
                maker_trader.base.locked -= quantity
                maker_trader.quote.free += amount - maker_commission
            else:
                maker_commission = quantity * maker_trader.maker_buyer_rate // SCALE
                taker_commission = amount * taker_rate // SCALE
                base_commissions += maker_commission
                quote_commissions += taker_commission
                taker_base.free -= quantity
                taker_quote.free += amount - taker_commission
                released = amount
                if quantity < maker_rest:
                    released = price * maker_rest // SCALE - price * (maker_rest - quantity) // SCALE
                maker_trader.quote.locked -= released
                maker_trader.quote.free += released - amount
                maker_trader.base.free += quantity - maker_commission
            maker_pays_in = maker_receives
            taker_pays_in = taker_receives
            if taker_discount is not None or maker_trader.discount is not None:
                needed = still_needed(taker, rest, routed=bound is not None)
                paid = pay_discounted(venue, maker, quantity, amount, maker_commission, taker, needed)
                if paid is not None:
                    maker_commission, maker_pays_in = paid
                paid = pay_discounted(venue, taker, quantity, amount, taker_commission, taker, needed)
                if paid is not None:
                    taker_commission, taker_pays_in = paid
            maker.executed += quantity
            maker.quote_executed += amount
            maker.updated_us = time_us
            taker.executed += quantity
            taker.quote_executed += amount
            taker.status = PARTIALLY_FILLED if rest else filled
            if quantity == maker_rest:
                maker.status = FILLED
                side.drop_filled(maker)
                del market.orders[maker.order_id]
                del maker_trader.open_orders[maker.command.client_order_id]
            else:
                maker.status = PARTIALLY_FILLED
                if quantity == shown:
                    side.refresh(maker, level)
                    behind = level.first
            level.quantity -= quantity
            touched[maker_trader.account_id] = maker_trader
            trade_id += 1
            execution_id += 2
            update_id += 1
            events += (
                order_traded(
                    order=maker.view(),
                    execution_id=execution_id - 1,
                    trade_id=trade_id,
                    price=price,
                    quantity=quantity,
                    quote=amount,
                    commission=maker_commission,
                    commission_asset=maker_pays_in,
                    is_maker=True,
                ),
                order_traded(
                    order=taker.view(),
                    execution_id=execution_id,
                    trade_id=trade_id,
                    price=price,
                    quantity=quantity,
                    quote=amount,
                    commission=taker_commission,
                    commission_asset=taker_pays_in,
                    is_maker=False,
                ),
                trade_matched(
                    symbol=symbol,
                    trade_id=trade_id,
                    price=price,
                    quantity=quantity,
                    quote=amount,
                    buyer_order_id=taker_id if taker_buys else maker.order_id,
                    seller_order_id=maker.order_id if taker_buys else taker_id,
                    buyer_is_maker=not taker_buys,
                ),
                level_changed(
                    symbol=symbol,
                    side=maker_side,
                    price=price,
                    quantity=level.quantity,
                    update_id=update_id,
                ),
            )
            maker = behind
    if market.reference_price is not None:
        for event in events:
            if type(event) is TradeMatched and event.trade_id > market.last_trade_id:
                market.reference_price.traded(time_us, event.price)
    if rest and keys and worst_key > keys[-1] >= asked_key:
        taker.range_exceeded = True
    market.last_trade_id = trade_id
    venue.last_execution_id = execution_id
    book.update_id = update_id
    if traded_value:
        market.traded(time_us, price, taker.executed - executed_before, traded_value)
    commissions = venue.commissions
    commissions[base] = commissions.get(base, 0) + base_commissions
    quote_receiver = quote if taker_buys else taker_receives
    commissions[quote_receiver] = commissions.get(quote_receiver, 0) + quote_commissions
    return touched
