"""Every request of `refusals` over the wire: its code and its message, and that it changed nothing."""

import msgspec
import pytest
import pytest_asyncio

from pitwire.exchange.messages import CommandRejected, Deposit, ListSymbol, PlaceOrder
from pitwire.market.enums import OrderType, SelfTradePrevention, Side, SymbolStatus
from pitwire.market.filters import (
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxNumOrders,
    Notional,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from tests.conformance.list_refusals import LIST_GOOD, LIST_REFUSALS
from tests.conformance.refusals import GOOD, REFUSALS, UNSIGNED, Refusal
from tests.exchange.gateway.venue import RULES, open_venue, units

FILTERS = (
    PriceFilter(min_price=units("0.01"), max_price=units("1000000"), tick_size=units("0.01")),
    PercentPriceBySide(
        bid_multiplier_up=units("5"),
        bid_multiplier_down=units("0.2"),
        ask_multiplier_up=units("5"),
        ask_multiplier_down=units("0.2"),
        average_price_minutes=0,
    ),
    LotSize(min_quantity=units("0.00001"), max_quantity=units("9000"), step_size=units("0.00001")),
    Notional(
        min_notional=units("5"),
        apply_min_to_market=True,
        max_notional=units("9000000"),
        apply_max_to_market=False,
        average_price_minutes=0,
    ),
    IcebergParts(limit=10),
    MarketLotSize(min_quantity=0, max_quantity=units("50"), step_size=0),
    MaxNumOrders(max_num_orders=200),
    TrailingDelta(
        min_trailing_above_delta=10,
        max_trailing_above_delta=2000,
        min_trailing_below_delta=10,
        max_trailing_below_delta=2000,
    ),
)
EVERYTHING = msgspec.structs.replace(
    RULES,
    order_types=tuple(OrderType),
    filters=FILTERS,
    trailing_stop_allowed=True,
    iceberg_allowed=True,
    peg_instructions_allowed=True,
    oco_allowed=True,
    oto_allowed=True,
    opo_allowed=True,
    allowed_self_trade_prevention=(SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_TAKER),
    default_self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER,
)


def named(symbol, **changes):
    return msgspec.structs.replace(EVERYTHING, symbol=symbol, base=symbol.removesuffix("USDT"), **changes)


SYMBOLS = (
    EVERYTHING,
    named("EMPTYUSDT"),
    named("NOLISTUSDT", oco_allowed=False, oto_allowed=False, opo_allowed=False),
    named("HALTUSDT", status=SymbolStatus.HALT),
    named("OTHERUSDT", permission_sets=(("TRD_GRP_004",),)),
    named(
        "PLAINUSDT",
        order_types=(OrderType.LIMIT,),
        trailing_stop_allowed=False,
        iceberg_allowed=False,
        peg_instructions_allowed=False,
        amend_allowed=False,
    ),
)
STANDING = (
    (2, "b1", Side.BUY, "50000", "0.01"),
    (3, "c1", Side.SELL, "50000", "0.01"),  # the last price is 50,000
    (2, "b2", Side.BUY, "49900", "1"),
    (2, "b3", Side.SELL, "50100", "1"),
    (1, "resting", Side.SELL, "60000", "0.5"),
    (1, "other", Side.SELL, "61000", "0.5"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing():
    """A market that stands, and alice in it: whatever is refused leaves it, to the byte, as it is."""
    async with open_venue() as venue, venue.connect("?returnRateLimits=false") as peer:
        commands = [ListSymbol(rules=rules) for rules in SYMBOLS]
        commands.append(Deposit(account=1, asset="USDT", amount=units("-9000000")))
        commands += [
            PlaceOrder(
                account=account,
                symbol="BTCUSDT",
                side=side,
                type=OrderType.LIMIT,
                client_order_id=name,
                price=units(price),
                quantity=units(quantity),
                self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER,
            )
            for account, name, side, price, quantity in STANDING
        ]
        for command in commands:
            outcome = await venue.sequencer.execute(command)
            assert type(outcome.events[0]) is not CommandRejected, outcome
        await peer.log_on("alice")
        yield venue, peer


ALL_REFUSALS = [*REFUSALS, *LIST_REFUSALS]
ALL_GOOD = {**GOOD, **LIST_GOOD}


def title(refusal):
    changes = ", ".join(f"{name}={str(value)[:24]}" for name, value in refusal.changes.items())
    return f"{refusal.method}({changes})"


def test_there_are_300_refusals_and_none_twice():
    titles = [title(refusal) for refusal in ALL_REFUSALS]
    assert len(ALL_REFUSALS) >= 300
    assert sorted({each for each in titles if titles.count(each) > 1}) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("refusal", ALL_REFUSALS, ids=title)
async def test_what_is_refused_changes_nothing(standing, refusal: Refusal):
    venue, peer = standing
    params = ALL_GOOD[refusal.method]
    if refusal.method not in UNSIGNED:
        params = peer.stamped(params)
    params = {name: value for name, value in {**params, **refusal.changes}.items() if value is not None}
    before = venue.state()
    answer = await peer.call(refusal.method, params)
    assert venue.state() == before
    assert (answer["status"], answer["error"]) == (refusal.status, {"code": refusal.code, "msg": refusal.message})
