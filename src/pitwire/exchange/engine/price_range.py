"""The price range execution rule: an order that would trade too far from the reference price trades no more.

Source: faqs/price_range_execution_rules.md.
"""

from typing import Final

from pitwire.exchange.engine.book import BookSide
from pitwire.exchange.engine.market import Market
from pitwire.market.reference_price import execution_limits

EXCEEDED: Final = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


def worst_key_in_range(market: Market, is_buy: bool, side: BookSide, worst_key: int, time_us: int) -> int:
    """The key of the worst level on `side` that a taker may trade with; the best level's key and 1 where none is.

    `worst_key` is that of its own price. The reference price is the one of `time_us` for all that it trades at once.
    """
    price_range = market.rules.price_range
    reference = 0 if market.reference_price is None else market.reference_price.at(time_us)
    if price_range is None or not reference or not side.keys:
        return worst_key
    lowest, highest = execution_limits(price_range, is_buy, reference)
    best_key = side.keys[-1]
    best = best_key * side.sign
    if best < lowest or (highest is not None and best > highest):
        return best_key + 1
    if not is_buy:
        return max(worst_key, lowest)
    return worst_key if highest is None else max(worst_key, -highest)
