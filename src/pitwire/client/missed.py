"""What happened on an account while no connection bore its user data."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from pitwire.client.handover import report_of
from pitwire.client.user_data import SubscriptionRestored
from pitwire.protocol.errors import Code, PitwireError, Rejected
from pitwire.protocol.requests.account import AccountStatus, MyTrades, OpenOrdersStatus
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results.account import AccountTrade
from pitwire.protocol.signing import Key

RECOVER_S_MAX: Final = 10.0
"""How long the new connection's events are kept back while what was missed is asked for."""
NOTICED_MS_MAX: Final = 60_000
"""How long before its loss was noticed a connection may have brought nothing any more."""
SYMBOLS_MAX: Final = 100
"""How many symbols are asked for trades, those that were heard of last."""
PAGE: Final = 1000
PAGES_MAX: Final = 20

Ask = Callable[[Request[Any], Key | None], Awaitable[Any]]


class KnownTrades(Struct, frozen=True):
    """The newest trade of each symbol; of one with -1, and of all others, what is missed was from `since_ms` on."""

    since_ms: int
    newest: dict[str, int]


class SeenTrades:
    """The newest trade of each symbol that was handed out, for each account that the client is subscribed to."""

    def __init__(self) -> None:
        self._newest: dict[Key | None, dict[str, int]] = {}
        self._since_ms: dict[Key | None, int] = {}

    def begin(self, account: Key | None, since_ms: int) -> None:
        """The account is about to be subscribed to: of trades from before nothing is missed."""
        self._since_ms[account] = since_ms

    def hear(self, message: bytes, account: Key | None) -> None:
        """A user data event was handed out, as a frame."""
        report = report_of(message)
        if report is not None:
            self._saw(account, *report)

    def restored(self, trades: Iterable[AccountTrade], account: Key | None) -> None:
        """These were handed out, of a time without user data."""
        for trade in trades:
            self._saw(account, trade.symbol, trade.id)

    def _saw(self, account: Key | None, symbol: str, trade_id: int) -> None:
        newest = self._newest.setdefault(account, {})
        newest[symbol] = max(newest.pop(symbol, -1), trade_id)
        if len(newest) > SYMBOLS_MAX:
            del newest[next(iter(newest))]

    def known(
        self, account: Key | None, lost_at_ms: int, symbols: Iterable[tuple[Key | None, str]] = ()
    ) -> KnownTrades:
        """What is known when the user data are lost. `symbols` are those that requests of an account were about."""
        asked = dict.fromkeys([symbol for each, symbol in symbols if each == account][-SYMBOLS_MAX:], -1)
        since_ms = max(self._since_ms.get(account, 0), lost_at_ms - NOTICED_MS_MAX)
        return KnownTrades(since_ms, {**asked, **self._newest.get(account, {})})


async def find_missed(
    ask: Ask, account: Key | None, known: KnownTrades, gap: SubscriptionRestored
) -> SubscriptionRestored:
    """What was missed in `gap`, as far as the exchange says it in time.

    Trades are asked for on the symbols that are `known`, and on those that orders are open on.
    """
    if account is not None:
        gap = msgspec.structs.replace(gap, api_key=account.api_key)
    trades: list[AccountTrade] = []
    try:
        async with asyncio.timeout(RECOVER_S_MAX):
            orders = await ask(OpenOrdersStatus(), account)
            newest = {**dict.fromkeys((order.symbol for order in orders), -1), **known.newest}
            for symbol, trade_id in newest.items():
                trades += await _trades(ask, account, symbol, trade_id, known.since_ms)
            status = await ask(AccountStatus(omit_zero_balances=True), account)
    except (TimeoutError, PitwireError):
        return gap
    return msgspec.structs.replace(
        gap,
        is_complete=True,
        trades=tuple(sorted(trades, key=lambda trade: trade.time)),
        open_orders=orders,
        balances=status.balances,
    )


async def _trades(ask: Ask, account: Key | None, symbol: str, trade_id: int, since_ms: int) -> list[AccountTrade]:
    """The trades after `trade_id`, or, with -1, those from `since_ms` on."""
    trades: list[AccountTrade] = []
    try:
        for _ in range(PAGES_MAX):
            query = (
                MyTrades(symbol=symbol, from_id=trade_id + 1, limit=PAGE)
                if trade_id >= 0
                else MyTrades(symbol=symbol, start_time=since_ms, limit=PAGE)
            )
            page = await ask(query, account)
            trades += page
            if len(page) < PAGE:
                return trades
            trade_id = page[-1].id
    except Rejected as error:
        if error.code != Code.BAD_SYMBOL:  # a request may have been about what is no symbol
            raise
        return []
    raise TimeoutError(f"more trades of {symbol} were missed than {PAGES_MAX} pages hold: to read them takes too long")
