"""Pegged orders: whose price comes from the book (faqs/pegged_orders.md).

The price is taken once, when the order enters the book, and stays what it was then.
"""

from itertools import islice
from typing import Final

from pitwire.exchange.engine.market import Market
from pitwire.exchange.messages import CommandRejected, Peg, PlaceOrder
from pitwire.market.enums import OrderType, PegPriceType, TimeInForce
from pitwire.market.rejects import Reject

WITHOUT_PRICE: Final = frozenset({OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})
OFFSET_MAX: Final = 100


def peg_refusal(market: Market, command: PlaceOrder) -> CommandRejected | None:
    """What speaks against pegging the order's price, whatever the book is and whatever else speaks against it."""
    peg = command.peg
    assert peg is not None
    if not market.rules.peg_instructions_allowed:
        return CommandRejected(reason=Reject.PEG_UNSUPPORTED)
    if command.type in WITHOUT_PRICE:
        return CommandRejected(reason=Reject.PEG_WITHOUT_PRICE)
    primary = peg.price_type is PegPriceType.PRIMARY_PEG
    if command.type is OrderType.LIMIT_MAKER and not primary:
        return CommandRejected(reason=Reject.PEG_WRONG_FOR_TYPE)
    # faqs/pegged_orders.md, Limit orders: an order that joins its own side could not fill at once.
    hopeless = command.type is OrderType.LIMIT and primary and command.time_in_force is not TimeInForce.GTC
    if hopeless or command.price < 0 or peg.offset > OFFSET_MAX:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    return None


def pegged_price(market: Market, is_buy: bool, peg: Peg) -> int:
    """The price that the book gives now, or 0 where it has no such level."""
    own_side = peg.price_type is PegPriceType.PRIMARY_PEG
    side = market.book.bids if is_buy == own_side else market.book.asks
    level = next(islice(side.best_first(), max(0, peg.offset), None), None)
    return 0 if level is None else level.price
