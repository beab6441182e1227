"""Commission that is paid in another asset, at a discount (faqs/commission_faq.md).

Plain commission is worked out where trades are made, in `matching`, and taken from what is received. Of an account
with a discount it is given back here, and taken from the discount's asset instead: at that asset's last price on the
market that trades it against what was received, its standard part reduced. Without such a market, before its first
trade, or when the account has too little of the asset, the whole commission stays taken from what was received.
"""

from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.prevention import cost_of, met
from pitwire.exchange.engine.venue import Venue
from pitwire.market.numbers import SCALE

_NOBODY_HAS = 1 << 200


def still_needed(taker: Order, rest: int, *, routed: bool) -> int:
    """How much of what it pays with a taker may yet need for its rest, if that is the asset of its discount.

    Without a price it is what the book asks for, the trade under way included; for a routed order nobody knows.
    """
    trader = taker.trader
    discount = trader.account.discount
    if discount is None or discount.asset != (trader.quote if taker.is_buy else trader.base).asset:
        return 0
    if not taker.is_buy:
        return rest
    if taker.price:
        return taker.price * rest // SCALE
    return _NOBODY_HAS if routed else cost_of(met(trader, taker.command), rest)


def pay_discounted(
    venue: Venue, order: Order, quantity: int, amount: int, commission: int, taker: Order, needed: int
) -> tuple[int, str] | None:
    """Have `order` pay for its side of a trade with its account's discount, in place of the plain `commission`.

    The trade was of `quantity` for `amount`, and its balances have moved. What the trade's taker pays with must not
    drop below `needed`, should it be the discount's asset. Returns what was paid and in which asset, or `None` where
    the plain commission stays.
    """
    trader = order.trader
    discount = trader.discount
    if discount is None:
        return None
    received = trader.base if order.is_buy else trader.quote
    reduced = _reduced(order, quantity if order.is_buy else amount, is_maker=order is not taker)
    paying = trader.account.holding(discount.asset)
    if paying is received:
        units = reduced // (SCALE * SCALE)
    else:
        price = _price(venue, discount.asset, received.asset)
        if price is None:
            return None
        units = reduced * price[1] // (SCALE * SCALE * price[0])
        taker_pays = taker.trader.quote if taker.is_buy else taker.trader.base
        if paying.free - (needed if paying is taker_pays else 0) < units:
            return None
    received.free += commission
    paying.free -= units
    commissions = venue.commissions
    commissions[received.asset] = commissions.get(received.asset, 0) - commission
    commissions[paying.asset] = commissions.get(paying.asset, 0) + units
    return units, paying.asset


def _reduced(order: Order, received: int, *, is_maker: bool) -> int:
    """The commission on `received` with the discount, exactly: in units of 1e-24."""
    trader = order.trader
    discount = trader.discount
    assert discount is not None  # the caller has asked
    standard = trader.commission.standard
    discountable = (standard.maker if is_maker else standard.taker) + (
        standard.buyer if order.is_buy else standard.seller
    )
    if is_maker:
        whole = trader.maker_buyer_rate if order.is_buy else trader.maker_seller_rate
    else:
        whole = trader.taker_buyer_rate if order.is_buy else trader.taker_seller_rate
    return received * (discountable * discount.rate + (whole - discountable) * SCALE)


def _price(venue: Venue, paying: str, received: str) -> tuple[int, int] | None:
    """What one unit of `received` is worth in `paying`, as a divisor and a factor; `None` where nothing tells."""
    market = venue.markets.get(paying + received)
    if market is not None and market.average_price.last_price:
        return market.average_price.last_price, SCALE
    market = venue.markets.get(received + paying)
    if market is not None and market.average_price.last_price:
        return SCALE, market.average_price.last_price
    return None
