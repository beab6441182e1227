"""The filters of an order that is only tested: judged by what projections know, as the engine judges the real one."""

from pitwire.exchange.messages import PlaceOrder
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import Side
from pitwire.market.filter_checks import ALGO_TYPES, Asked, Standing, first_failure, in_order


def filter_failure(projections: Projections, order: PlaceOrder, now_us: int) -> str | None:
    """The first filter that the order would fail, by its wire name, or `None`.

    The last price stands in for the average price, which only the engine keeps. `now_us` is that of the reference
    price.
    """
    rules = projections.symbols.rules(order.symbol)
    accounts, account = projections.accounts, order.account
    filters = in_order((*rules.filters, *projections.symbols.exchange_filters, *accounts.asset_filters(account)))
    asked = Asked(rules.base, rules.quote, order.type, order.side, order.price, order.quantity, order.quote_quantity)
    stand_in = projections.reference_prices.at(order.symbol, now_us) or projections.market.last_price(order.symbol) or 0
    standing = _standing(projections, account, rules.symbol, rules.base)
    return first_failure(filters, asked, standing, lambda _: stand_in)


def _standing(projections: Projections, account: int, symbol: str, base: str) -> Standing:
    everywhere = projections.orders.open_views(account)
    orders = [order for order in everywhere if order.symbol == symbol]
    held = projections.accounts.balance(account, base)
    return Standing(
        open_orders=len(orders),
        algo_orders=sum(order.type in ALGO_TYPES for order in orders),
        all_open_orders=len(everywhere),
        all_algo_orders=sum(order.type in ALGO_TYPES for order in everywhere),
        position=held.free
        + held.locked
        + sum(order.quantity - order.executed for order in orders if order.side is Side.BUY),
    )
