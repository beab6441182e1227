"""Commands, records and events: everything the engine is told, and everything it says.

Commands are imperative and go into the log; events are past tense and are computed from it. All are frozen and
encoded as arrays, so a new field goes at the end with a default, and an old log still reads.
Times are microseconds since the Unix epoch; prices, quantities and amounts are scaled by 1e-8.
"""

from msgspec import Struct

from pitwire.market.enums import (
    CancelReplaceMode,
    CancelRestriction,
    ContingencyType,
    ListStatusType,
    OrderStatus,
    OrderType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WorkingFloor,
)
from pitwire.market.filters import ExchangeFilter, MaxAsset
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.rejects import Reject
from pitwire.market.symbols import SymbolRules


class Message(Struct, frozen=True, array_like=True, tag=True, tag_field="kind", gc=False):
    """Encoded as an array that starts with the class's name."""


# --- commands ---------------------------------------------------------------------------------------------------


class ListSymbol(Message, frozen=True, kw_only=True):
    """Add a symbol, or replace its rules."""

    rules: SymbolRules


class OpenAccount(Message, frozen=True, kw_only=True):
    """Add an account, or replace its settings. Rates are fractions scaled by 1e-8 (0.1 % is 100_000).

    `market_maker` lifts NOTIONAL and MAX_NUM_ORDERS for the account: a mirrored book rests more and smaller orders
    than a user may. Accounts of one `trade_group` are one when self-trades are prevented; -1 is no group.
    """

    account: int
    name: str
    maker_rate: int = 100_000
    taker_rate: int = 100_000
    market_maker: bool = False
    trade_group: int = -1


class CommissionRates(Struct, frozen=True, array_like=True, gc=False):
    """Fractions scaled by 1e-8: an order pays that of its role and that of its side, together."""

    maker: int = 0
    taker: int = 0
    buyer: int = 0
    seller: int = 0


class Commission(Struct, frozen=True, array_like=True, gc=False):
    """What a trade costs; only `standard` can be reduced by a discount (faqs/commission_faq.md)."""

    standard: CommissionRates = CommissionRates()
    special: CommissionRates = CommissionRates()
    tax: CommissionRates = CommissionRates()


class SetCommission(Message, frozen=True, kw_only=True):
    """Set what an account pays on a symbol; `None` is the standard rates that it was opened with."""

    account: int
    symbol: str
    commission: Commission | None


class SetDiscount(Message, frozen=True, kw_only=True):
    """Let an account pay commission in `asset` while it has enough of it, or no longer.

    Its standard commission is then multiplied by `discount`, a fraction scaled by 1e-8.
    """

    account: int
    enabled: bool
    asset: str = "BNB"
    discount: int = 75_000_000


class Deposit(Message, frozen=True, kw_only=True):
    """Add to an account's free balance; a negative amount withdraws."""

    account: int
    asset: str
    amount: Amount


class Trigger(Struct, frozen=True, array_like=True, gc=False):
    """What a STOP_LOSS or TAKE_PROFIT order waits for. At least one of the two is there; the other is 0.

    With a `stop_price` alone a trade at that price or beyond triggers the order. With a `trailing_delta` alone it is a
    price change of so many basis points, against the best price since. With both, the first starts the second.
    """

    stop_price: Price = Price(0)
    trailing_delta: int = 0


class Peg(Struct, frozen=True, array_like=True, gc=False):
    """A price taken from the book when the order enters it: the best one of a side, or `offset` levels behind it.

    An `offset` of -1 was not asked for, which means the best price too.
    """

    price_type: PegPriceType
    offset: int = -1


class PlaceOrder(Message, frozen=True, kw_only=True):
    """Place an order. `price` is 0 for those at the market's price, and may be for pegged ones.

    Exactly one of `quantity` and `quote_quantity` is positive.
    """

    account: int
    symbol: str
    side: Side
    type: OrderType
    client_order_id: str
    time_in_force: TimeInForce = TimeInForce.GTC
    price: Price = Price(0)
    quantity: Quantity = Quantity(0)
    quote_quantity: Amount = Amount(0)
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.NONE
    strategy_id: int = -1
    strategy_type: int = -1
    trigger: Trigger | None = None
    iceberg_quantity: Quantity = Quantity(0)
    """How much of it the book shows at a time; 0 for all."""
    peg: Peg | None = None


class CancelOrder(Message, frozen=True, kw_only=True):
    """Cancel one open order by `order_id`, by `client_order_id`, or by both, which must then agree.

    `cancel_id` is the client order id of the cancel itself (`newClientOrderId`).
    """

    account: int
    symbol: str
    cancel_id: str
    order_id: int = -1
    client_order_id: str = ""
    restriction: CancelRestriction | None = None


class CancelOpenOrders(Message, frozen=True, kw_only=True):
    """Cancel all of an account's open orders on a symbol."""

    account: int
    symbol: str
    cancel_id: str


class AmendOrder(Message, frozen=True, kw_only=True):
    """Reduce an open order's quantity to `quantity`, named as in `CancelOrder`; it keeps its place in the queue.

    From then on it goes by `new_client_order_id`, which may be the one that it has.
    """

    account: int
    symbol: str
    new_client_order_id: str
    quantity: Quantity
    order_id: int = -1
    client_order_id: str = ""


class ReplaceOrder(Message, frozen=True, kw_only=True):
    """Cancel one order and place another on the same symbol and account; each may succeed without the other.

    Without `place` the order is only cancelled: its sender may place no more for now, and wanted it so.
    """

    cancel: CancelOrder
    mode: CancelReplaceMode
    place: PlaceOrder | None = None


class PlaceOrderList(Message, frozen=True, kw_only=True):
    """Place orders that depend on each other, all on one symbol and for one account.

    OCO: the two orders are a pair, of which one ends the other; the stop loss order is the first of a pair. OTO: the
    first order works at once, and the one or two after it, which then are a pair, once it is filled.
    With `pays` those after it have no quantity: they sell what the first one, a buy order, brought in (faqs/opo.md).
    """

    account: int
    symbol: str
    list_client_order_id: str
    contingency: ContingencyType
    orders: tuple[PlaceOrder, ...]
    pays: bool = False


class CancelOrderList(Message, frozen=True, kw_only=True):
    """Cancel all open orders of a list by `order_list_id`, by `list_client_order_id`, or by both, which must agree."""

    account: int
    symbol: str
    cancel_id: str
    order_list_id: int = -1
    list_client_order_id: str = ""


class RouteOrder(Message, frozen=True, kw_only=True):
    """Place an order that takes from all books of its base asset's smart order routing, best price first.

    It is of type LIMIT or MARKET, and has a quantity of the base asset (web-socket-api.md, Place new order using SOR).
    """

    order: PlaceOrder


class SetSmartRouting(Message, frozen=True, kw_only=True):
    """Replace the symbols among which orders for `base` may be routed; without any there is no routing.

    Their quote assets are interchangeable from then on: one is worth one of each other.
    """

    base: str
    symbols: tuple[str, ...]


class ExpireOpenOrders(Message, frozen=True, kw_only=True):
    """Take the open orders of a symbol out of the market, or those of one account there: nobody asked for it.

    An exchange does so when it delists a symbol or closes an account; a teacher when the lesson is over.
    """

    symbol: str
    account: int = -1
    """-1 for all accounts."""


class SetExchangeFilters(Message, frozen=True, kw_only=True):
    """Replace the filters of the whole exchange (filters.md, Exchange Filters)."""

    filters: tuple[ExchangeFilter, ...]


class SetAccountRules(Message, frozen=True, kw_only=True):
    """Replace what an account may trade: its permissions (enums.md), and how much of an asset in one order."""

    account: int
    permissions: tuple[str, ...] = ("SPOT",)
    asset_filters: tuple[MaxAsset, ...] = ()


class SetReferencePrice(Message, frozen=True, kw_only=True):
    """Set the reference price of a symbol whose reference price is calculated outside; 0: there is none for now."""

    symbol: str
    price: Price


class ReportBlockTrade(Message, frozen=True, kw_only=True):
    """Make public a trade that two parties agreed on outside the book. It moves no balances and no other price."""

    symbol: str
    price: Price
    quantity: Quantity
    buyer_is_maker: bool


class LockExternally(Message, frozen=True, kw_only=True):
    """Lock part of an account's free balance for a system outside; a negative amount unlocks what was so locked."""

    account: int
    asset: str
    amount: Amount


class RegisterKey(Message, frozen=True, kw_only=True):
    """Let an API key act for an account.

    `key_kind` is HMAC, RSA or ED25519; `secret` is the HMAC secret, else the PEM of the public key. `permissions` are
    security types: TRADE, USER_DATA, USER_STREAM.
    """

    api_key: str
    account: int
    key_kind: str
    secret: str
    permissions: tuple[str, ...]

    def __repr__(self) -> str:
        return f"RegisterKey(account={self.account}, key_kind={self.key_kind!r}, ...)"


class RevokeKey(Message, frozen=True, kw_only=True):
    """Let an API key do nothing any more, wherever it came from."""

    api_key: str


class Tick(Message, frozen=True, kw_only=True):
    """Time has passed: what happens by time alone happens when this is applied."""


Command = (
    ListSymbol
    | OpenAccount
    | Deposit
    | PlaceOrder
    | CancelOrder
    | CancelOpenOrders
    | Tick
    | AmendOrder
    | ReplaceOrder
    | SetCommission
    | SetDiscount
    | SetExchangeFilters
    | SetAccountRules
    | SetReferencePrice
    | PlaceOrderList
    | CancelOrderList
    | ReportBlockTrade
    | RouteOrder
    | SetSmartRouting
    | ExpireOpenOrders
    | LockExternally
    | RegisterKey
    | RevokeKey
)


class Record(Struct, frozen=True, array_like=True, gc=False):
    """A command with its place in the one sequence, and the time at which it got it."""

    sequence: int
    time_us: int
    command: Command


# --- events -----------------------------------------------------------------------------------------------------


class OrderExtras(Struct, frozen=True, array_like=True, gc=False):
    """What only some orders have, as it stands; an order that has none of it has no `OrderExtras` either."""

    trigger: Trigger | None = None
    trailing_us: int = -1
    """Since when a trailing stop tracks the price; -1 until it does."""
    rejected: bool = False
    """It expired because the exchange refused it when it was triggered."""
    iceberg_quantity: Quantity = Quantity(0)
    """How much of it the book shows at a time; 0 for all."""
    peg: Peg | None = None
    pegged_price: Price = Price(0)
    """What the peg gave, which is the price that it works at; 0 until it has been taken."""
    order_list_id: int = -1
    """The order list that it belongs to; -1 for none."""
    working_floor: WorkingFloor | None = None
    """Where the order was last active, if it uses smart order routing."""


class OrderView(Struct, frozen=True, array_like=True, gc=False):
    """An order as it stood right after an event: a copy that later events do not change."""

    order_id: int
    account: int
    symbol: str
    client_order_id: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    price: Price
    quantity: Quantity
    quote_quantity: Amount
    status: OrderStatus
    executed: Quantity
    quote_executed: Amount
    created_us: int
    updated_us: int
    working_us: int
    self_trade_prevention: SelfTradePrevention
    strategy_id: int = -1
    strategy_type: int = -1
    prevented: Quantity = Quantity(0)
    """How much of `quantity` self-trade prevention took from the order."""
    prevented_match_id: int = -1
    """The last prevented match that took some of it; -1 for none."""
    expiry_reason: str = ""
    """Why it expired, where its type and time in force do not tell (enums.md, expiryReason)."""
    extras: OrderExtras | None = None


class ListedOrder(Struct, frozen=True, array_like=True, gc=False):
    """An order of an order list, by its ids."""

    order_id: int
    client_order_id: str


class OrderListView(Struct, frozen=True, array_like=True):
    """An order list as it stood right after an event. `updated_us` is when its status last changed."""

    order_list_id: int
    account: int
    symbol: str
    list_client_order_id: str
    contingency: ContingencyType
    orders: tuple[ListedOrder, ...]
    updated_us: int
    is_done: bool = False
    """None of its orders is open any more."""


class Balance(Struct, frozen=True, array_like=True, gc=False):
    """What an account has of an asset; `locked` is bound in open orders."""

    asset: str
    free: Amount
    locked: Amount


class SymbolListed(Message, frozen=True, kw_only=True):
    """A symbol was added, or its rules replaced."""

    rules: SymbolRules


class AccountOpened(Message, frozen=True, kw_only=True):
    """An account was added, or its settings replaced."""

    account: int
    name: str
    maker_rate: int
    taker_rate: int
    market_maker: bool = False
    trade_group: int = -1


class CommissionSet(Message, frozen=True, kw_only=True):
    """What an account pays on a symbol was set."""

    account: int
    symbol: str
    commission: Commission | None


class DiscountSet(Message, frozen=True, kw_only=True):
    """An account may pay commission in `asset` from now on, or no longer."""

    account: int
    enabled: bool
    asset: str
    discount: int


class Deposited(Message, frozen=True, kw_only=True):
    """An account's free balance changed from outside."""

    account: int
    asset: str
    amount: Amount


class ExternallyLocked(Message, frozen=True, kw_only=True):
    """Part of an account's balance was locked from outside, or unlocked when negative."""

    account: int
    asset: str
    amount: Amount


class KeyRegistered(Message, frozen=True, kw_only=True):
    """An API key acts for an account from now on (see `RegisterKey`)."""

    api_key: str
    account: int
    key_kind: str
    secret: str
    permissions: tuple[str, ...]

    def __repr__(self) -> str:
        return f"KeyRegistered(account={self.account}, key_kind={self.key_kind!r}, ...)"


class KeyRevoked(Message, frozen=True, kw_only=True):
    """An API key is no longer valid."""

    api_key: str


class ExchangeFiltersSet(Message, frozen=True, kw_only=True):
    """The filters of the whole exchange were replaced."""

    filters: tuple[ExchangeFilter, ...]


class AccountRulesSet(Message, frozen=True, kw_only=True):
    """What an account may trade was replaced."""

    account: int
    permissions: tuple[str, ...]
    asset_filters: tuple[MaxAsset, ...]


class ReferencePriceSet(Message, frozen=True, kw_only=True):
    """The reference price of a symbol was set from outside; 0: there is none for now."""

    symbol: str
    price: Price


class SmartRoutingSet(Message, frozen=True, kw_only=True):
    """The symbols among which orders for `base` may be routed were replaced."""

    base: str
    symbols: tuple[str, ...]


class CommandRejected(Message, frozen=True, kw_only=True):
    """The whole command was refused and changed nothing. `detail` completes the reason (see `Reject`)."""

    reason: Reject
    detail: str = ""


class OrderOpened(Message, frozen=True, kw_only=True):
    """The order was accepted (`x: NEW`); trades of the same command follow as events of their own.

    One that waits for its trigger has a negative `working_us`.
    """

    order: OrderView
    execution_id: int


class TrailingStarted(Message, frozen=True, kw_only=True):
    """A trailing stop order met its stop price and now tracks the price. Its owner learns of it by asking."""

    order: OrderView


class OrderTriggered(Message, frozen=True, kw_only=True):
    """What the order waited for has happened, and it works from now on (`x: NEW` again, `w: true`).

    Of a pending order of a list it may be that only its wait for a trigger begins; then `working_us` is negative.
    """

    order: OrderView
    execution_id: int


class OrderTraded(Message, frozen=True, kw_only=True):
    """One side of a trade (`x: TRADE`): each trade gives one of these to the maker's order and one to the taker's."""

    order: OrderView
    execution_id: int
    trade_id: int
    price: Price
    quantity: Quantity
    quote: Amount
    commission: Amount
    commission_asset: str
    is_maker: bool


class OrderAllocated(Message, frozen=True, kw_only=True):
    """Smart order routing traded for the order, and passed on what it got (`x: TRADE`, without a trade id).

    `quote` and a commission on it are in the quote asset of the order's own symbol, wherever the trade was.
    """

    order: OrderView
    execution_id: int
    allocation_id: int
    price: Price
    quantity: Quantity
    quote: Amount
    commission: Amount
    commission_asset: str


class OrderCanceled(Message, frozen=True, kw_only=True):
    """`cancel_id` is the client order id of the cancel request (`c` of the report, while `C` is the order's own)."""

    order: OrderView
    execution_id: int
    cancel_id: str


class OrderExpired(Message, frozen=True, kw_only=True):
    """The rest of an IOC, FOK or MARKET order lapsed, or an order was refused when it was triggered."""

    order: OrderView
    execution_id: int


class MatchPrevented(Message, frozen=True, kw_only=True):
    """Two orders that would have traded did not, since they are of one account or one trade group (faqs/stp_faq.md).

    `taker_prevented` and `maker_prevented` are what each order lost by it, `None` for an order that the mode leaves
    alone. `mode` is the effective mode.
    """

    symbol: str
    prevented_match_id: int
    taker_account: int
    taker_order_id: int
    maker_account: int
    maker_order_id: int
    trade_group: int
    mode: SelfTradePrevention
    price: Price
    taker_prevented: Quantity | None
    maker_prevented: Quantity | None
    maker_symbol: str = ""
    """That of the maker's order, where routing brought the taker to another book; else it is `symbol`."""


class OrderPrevented(Message, frozen=True, kw_only=True):
    """A prevented match took `prevented` from the order (`x: TRADE_PREVENTION`), which may have ended it.

    `quantity`, `price` and `quote` are those of the trade that would have been.
    """

    order: OrderView
    execution_id: int
    prevented: Quantity
    counter_order_id: int
    trade_group: int
    price: Price
    quantity: Quantity
    quote: Amount
    counter_symbol: str = ""
    """That of the counter order, where routing brought the two together; else it is the order's own."""


class OrderAmended(Message, frozen=True, kw_only=True):
    """The order's quantity was reduced (`x: REPLACED`). The previous values are those right before it."""

    order: OrderView
    execution_id: int
    previous_client_order_id: str
    previous_quantity: Quantity
    order_list: OrderListView | None = None
    """The list that the order belongs to."""


class OrderListChanged(Message, frozen=True, kw_only=True):
    """An order list was placed, goes on in another way, has other client order ids, or is done (`listStatus`).

    `rejection` is why the exchange would not place its pending orders, if that ended it.
    """

    order_list: OrderListView
    status_type: ListStatusType
    rejection: Reject | None = None


class CancelFailed(Message, frozen=True, kw_only=True):
    """The cancel of a `ReplaceOrder` was refused, and its order is placed all the same."""

    rejection: CommandRejected


class OrderRejected(Message, frozen=True, kw_only=True):
    """The new order of a `ReplaceOrder` was refused (`x: REJECTED`) after the old one was cancelled.

    It never got an order id: that of `order` is -1.
    """

    order: OrderView
    execution_id: int
    rejection: CommandRejected


class ReplacementFailed(Message, frozen=True, kw_only=True):
    """Neither half of a `ReplaceOrder` was carried out, and nothing changed. Without `placement`: it was not tried."""

    cancel: CommandRejected
    placement: CommandRejected | None = None


class TradeMatched(Message, frozen=True, kw_only=True):
    """A trade as the public sees it."""

    symbol: str
    trade_id: int
    price: Price
    quantity: Quantity
    quote: Amount
    buyer_order_id: int
    seller_order_id: int
    buyer_is_maker: bool


class BlockTradeReported(Message, frozen=True, kw_only=True):
    """A block trade became public. Their ids count from 1 per symbol, apart from those of trades."""

    symbol: str
    block_trade_id: int
    price: Price
    quantity: Quantity
    quote: Amount
    buyer_is_maker: bool


class LevelChanged(Message, frozen=True, kw_only=True):
    """A price level's total visible quantity is now `quantity`; 0 removes it. `update_id` grows by one per change."""

    symbol: str
    side: Side
    price: Price
    quantity: Quantity
    update_id: int


class PositionChanged(Message, frozen=True, kw_only=True):
    """The balances of an account that a command touched, as they stand after it; at most one an account and command."""

    account: int
    balances: tuple[Balance, ...]


Event = (
    SymbolListed
    | AccountOpened
    | Deposited
    | CommandRejected
    | OrderOpened
    | OrderTraded
    | OrderCanceled
    | OrderExpired
    | TradeMatched
    | LevelChanged
    | PositionChanged
    | TrailingStarted
    | OrderTriggered
    | OrderAmended
    | CancelFailed
    | OrderRejected
    | ReplacementFailed
    | MatchPrevented
    | OrderPrevented
    | CommissionSet
    | DiscountSet
    | ExchangeFiltersSet
    | AccountRulesSet
    | ReferencePriceSet
    | OrderListChanged
    | BlockTradeReported
    | SmartRoutingSet
    | OrderAllocated
    | ExternallyLocked
    | KeyRegistered
    | KeyRevoked
)

OrderEvent = (
    OrderOpened
    | OrderTraded
    | OrderCanceled
    | OrderExpired
    | OrderTriggered
    | OrderAmended
    | OrderRejected
    | OrderPrevented
    | OrderAllocated
)


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """A record and everything that followed from it. It leaves the exchange only once the record is durable."""

    record: Record
    events: tuple[Event, ...]
