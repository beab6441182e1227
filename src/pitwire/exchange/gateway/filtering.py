"""The filters of an order that is only tested: judged by what projections know, as the engine judges the real one."""

from pitwire.exchange.gateway.refusal import Refusal
from pitwire.exchange.messages import OrderView, PlaceOrder
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import PegPriceType, Side
from pitwire.market.filter_checks import ALGO_TYPES, Asked, Standing, first_failure, in_order
from pitwire.market.numbers import Price
from pitwire.market.rejects import Reject
from pitwire.protocol.errors import of_reject


def filter_failure(projections: Projections, order: PlaceOrder, now_us: int) -> str | None:
    """The first filter that the order would fail, by its wire name, or `None`.

    The last price stands in for the average price, which only the engine keeps. `now_us` is that of the reference
    price.
    """
    rules = projections.symbols.rules(order.symbol)
    accounts, account = projections.accounts, order.account
    filters = in_order((*rules.filters, *projections.symbols.exchange_filters, *accounts.asset_filters(account)))
    trigger = order.trigger
    asked = Asked(
        rules.base,
        rules.quote,
        order.type,
        order.side,
        order.price if trigger is not None else _price(projections, order),
        order.quantity,
        order.quote_quantity,
        stop_price=0 if trigger is None else trigger.stop_price,
        iceberg_quantity=order.iceberg_quantity,
        trailing_delta=0 if trigger is None else trigger.trailing_delta,
        awaits_price=trigger is not None and order.peg is not None and not order.price,
    )
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
        iceberg_orders=sum(map(_hides, orders)),
        all_open_orders=len(everywhere),
        all_algo_orders=sum(order.type in ALGO_TYPES for order in everywhere),
        all_iceberg_orders=sum(map(_hides, everywhere)),
        position=held.free
        + held.locked
        + sum(order.quantity - order.executed for order in orders if order.side is Side.BUY),
    )


def _hides(order: OrderView) -> bool:
    return order.extras is not None and order.extras.iceberg_quantity > 0


def _price(projections: Projections, order: PlaceOrder) -> Price:
    """The price to judge: that of a pegged order without one is the book's as it stands."""
    peg = order.peg
    if order.price or peg is None:
        return order.price
    side = order.side if peg.price_type is PegPriceType.PRIMARY_PEG else order.side.opposite
    count = max(0, peg.offset) + 1
    levels = projections.market.levels(order.symbol, side, count)
    if len(levels) < count:
        raise Refusal(of_reject(Reject.PEG_WITHOUT_LIQUIDITY))
    return levels[-1][0]
