"""Results of web-socket-api.md, Order lists. Times are in the connection's time unit, by default milliseconds."""

from pitwire.market.enums import ContingencyType, ListOrderStatus, ListStatusType
from pitwire.protocol.results.base import Result
from pitwire.protocol.results.trading import CanceledOrder, ListedOrder, OrderPlaced


class OrderList(Result, frozen=True, kw_only=True):
    """An order list as queries show it."""

    order_list_id: int
    contingency_type: ContingencyType
    list_status_type: ListStatusType
    list_order_status: ListOrderStatus
    list_client_order_id: str
    transaction_time: int
    symbol: str
    orders: tuple[ListedOrder, ...]


class OrderListPlaced(OrderList, frozen=True, kw_only=True):
    """Place new Order list: OCO, OTO, OTOCO, OPO, OPOCO. The orders still pending have status PENDING_NEW."""

    order_reports: tuple[OrderPlaced, ...]


class OrderListCanceled(OrderList, frozen=True, kw_only=True):
    """Cancel Order list."""

    order_reports: tuple[CanceledOrder, ...]
