"""The accounts that the market's own participants trade from."""

from collections.abc import Iterable
from typing import Final

from pitwire.exchange.messages import Command, Deposit, OpenAccount
from pitwire.market.numbers import SCALE, Amount

MAKER: Final = 1001
"""Its resting orders are the market's depth."""
TAKER: Final = 1002
"""It takes when the market trades."""

BALANCE: Final = Amount(10_000_000_000 * SCALE)
"""What each of the two has of every asset: more than any depth holds, and still a 64-bit integer."""


def opening(assets: Iterable[str]) -> list[Command]:
    """Open both accounts, free of commission, and fund them with `BALANCE` of each asset."""
    commands: list[Command] = []
    for account, name in ((MAKER, "market-maker"), (TAKER, "market-taker")):
        commands.append(OpenAccount(account=account, name=name, maker_rate=0, taker_rate=0, market_maker=True))
        commands += [Deposit(account=account, asset=asset, amount=BALANCE) for asset in assets]
    return commands
