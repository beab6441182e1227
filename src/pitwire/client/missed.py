"""What happened on an account while no connection bore its user data."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from pitwire.client.user_data import SubscriptionRestored
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.requests.account import AccountStatus, MyTrades, OpenOrdersStatus
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results.account import AccountTrade
from pitwire.protocol.signing import Key

RECOVER_S_MAX: Final = 10.0
"""How long the new connection's events are kept back while what was missed is asked for."""
SYMBOLS_MAX: Final = 100
"""How many symbols are asked for trades, those that were heard of last."""
PAGE: Final = 1000
PAGES_MAX: Final = 20


class _Report(Struct, frozen=True):
    e: str
    s: str = ""
    t: int = -1


class _Frame(Struct, frozen=True):
    event: _Report


_decode = msgspec.json.Decoder(_Frame).decode


class SeenTrades:
    """The newest trade of each symbol that an account was seen to have orders on; -1 where it has not traded yet."""

    def __init__(self) -> None:
        self._newest: dict[Key | None, dict[str, int]] = {}

    def hear(self, message: bytes, account: Key | None) -> None:
        """A user data event came, as a frame."""
        if b'"executionReport"' not in message:
            return
        try:
            report = _decode(message).event
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if report.e == "executionReport":
            newest = self._newest.setdefault(account, {})
            newest[report.s] = max(newest.pop(report.s, -1), report.t)
            if len(newest) > SYMBOLS_MAX:
                del newest[next(iter(newest))]

    def of(self, account: Key | None) -> dict[str, int]:
        """By symbol."""
        return dict(self._newest.get(account, {}))


async def find_missed(
    ask: Callable[[Request[Any], Key | None], Awaitable[Any]],
    account: Key | None,
    newest: dict[str, int],
    gap: SubscriptionRestored,
) -> SubscriptionRestored:
    """What was missed in `gap`, as far as the exchange says it in time. `newest` is what `SeenTrades` has.

    Trades are asked for from the newest known on, or from a second before the gap.
    """
    if account is not None:
        gap = msgspec.structs.replace(gap, api_key=account.api_key)
    trades: list[AccountTrade] = []
    try:
        async with asyncio.timeout(RECOVER_S_MAX):
            for symbol, trade_id in newest.items():
                start_ms = gap.lost_at_ms - 1000
                for _ in range(PAGES_MAX):
                    query = (
                        MyTrades(symbol=symbol, from_id=trade_id + 1, limit=PAGE)
                        if trade_id >= 0
                        else MyTrades(symbol=symbol, start_time=start_ms, limit=PAGE)
                    )
                    page = await ask(query, account)
                    trades += page
                    if len(page) < PAGE:
                        break
                    trade_id = page[-1].id
            orders = await ask(OpenOrdersStatus(), account)
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
