"""All projections together: a snapshot in the middle changes nothing that comes after it."""

import msgspec
import pytest

from pitwire.exchange.messages import Deposit
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.klines import klines
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import KlineInterval, TimeUnit
from tests.exchange.projections.trading import ALICE, BOB, CAROL, START_US, STEP_US, Floor, random_commands, rules

US = TimeUnit.MICROSECOND
SYMBOLS = ("BTCUSDT", "ETHBTC", "BTCUSDC")
ROUTED = ("BTCUSDT", "BTCUSDC")


def everything(projections):
    """What every query answers, for every account and symbol."""
    answers = [projections.symbols.exchange_info([], 0, US)]
    for account in (ALICE, BOB, CAROL):
        answers += [projections.accounts.status(account, False, US), projections.orders.open(account, None, US)]
        lists = projections.order_lists
        answers += [lists.open(account, US), lists.all(account, None, None, None, 1000, US)]
        answers.append([lists.status(account, None, each["listClientOrderId"], US) for each in answers[-1]])
        for symbol in SYMBOLS:
            found = projections.orders.all(account, symbol, None, None, None, 1000, US)
            answers += [
                found,
                [projections.orders.status(account, symbol, None, order["clientOrderId"], US) for order in found],
                projections.orders.open(account, symbol, US),
                projections.orders.trades(account, symbol, None, None, None, None, 1000, US),
                projections.orders.allocations(account, symbol, None, None, None, None, 1000, US),
            ]
            for order in found:
                order_id = order["orderId"]
                answers += [
                    projections.amendments.of_order(account, symbol, order_id, None, 1000, US),
                    projections.prevented_matches.query(account, symbol, None, order_id, None, 1000, US),
                ]
    for symbol in SYMBOLS:
        market = projections.market
        answers += [market.depth(symbol, 5000), market.price_ticker(symbol), *in_public(projections, symbol)]
    return msgspec.json.encode(answers)


def in_public(projections, symbol):
    """What everybody can ask about a symbol's trades."""
    trades, candles, tickers = projections.trades, projections.candles, projections.tickers
    first_us, now_us = START_US, START_US + 1000 * STEP_US
    yield trades.historical(symbol, 1, 1000, US)
    yield trades.historical(symbol, None, 7, US)
    yield trades.aggregate(symbol, None, first_us, None, 1000, US)
    for interval in KlineInterval:
        yield klines(candles, symbol, interval, first_us, None, 20_700_000_000, 1000, US, now_us)
    yield tickers.day(symbol, now_us)
    yield tickers.day(symbol, first_us + 86_400_000_000 + 200 * STEP_US)
    yield tickers.window(symbol, 120_000_000, now_us)
    yield tickers.trading_day(symbol, 0, now_us)
    yield tickers.average_price(symbol, 5, now_us, US)


@pytest.mark.parametrize("seed", range(6))
def test_going_on_from_a_snapshot_equals_going_on_without_one(seed):
    floor = Floor(rules(), rules("ETHBTC", "ETH", "BTC"), rules("BTCUSDC", "BTC", "USDC"))
    for command in random_commands(seed, 400, SYMBOLS, ROUTED):
        floor.do(command)
    archive = MemoryArchive(page_items=5)
    first = Projections(archive)
    half = len(floor.outcomes) // 2
    for outcome in floor.outcomes[:half]:
        first.apply(outcome)
    payload = first.snapshot()
    first.seal_all()
    resumed = Projections.restore(payload, archive)
    assert resumed.snapshot() == payload, seed
    assert everything(resumed) == everything(first), seed
    for outcome in floor.outcomes[half:]:
        resumed.apply(outcome)
    assert everything(resumed) == everything(floor.projections), seed
    assert resumed.snapshot() == floor.projections.snapshot(), seed
    assert b'"allocationId"' in everything(resumed), seed


@pytest.mark.parametrize("seed", range(3))
def test_replaying_what_the_archive_has_already_changes_nothing(seed):
    floor = Floor(rules(), rules("ETHBTC", "ETH", "BTC"), rules("BTCUSDC", "BTC", "USDC"))
    for command in random_commands(seed, 400, SYMBOLS, ROUTED):
        floor.do(command)
    archive = MemoryArchive(page_items=5)
    for _ in range(2):
        projections = Projections(archive)
        for outcome in floor.outcomes:
            projections.apply(outcome)
        assert everything(projections) == everything(floor.projections), seed


def test_a_snapshot_is_not_changed_by_what_comes_after_it():
    floor = Floor()
    floor.place(ALICE, "BUY", 100, 1)
    payload = floor.projections.snapshot()
    resumed = Projections.restore(payload)
    floor.place(BOB, "SELL", 100, 1)
    assert resumed.snapshot() == payload


def test_empty_projections_have_a_snapshot():
    payload = Projections().snapshot()
    assert Projections.restore(payload).snapshot() == payload


def test_a_balance_beyond_64_bits_survives_a_snapshot():
    floor = Floor()
    floor.do(Deposit(account=ALICE, asset="PEPE", amount=10**12 * 10**8))
    resumed = Projections.restore(floor.projections.snapshot())
    balances = resumed.accounts.status(ALICE, True, US)["balances"]
    assert {"asset": "PEPE", "free": "1000000000000.00000000", "locked": "0.00000000"} in balances


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"[[],[],[],[[1]]]", b"\xff"])
def test_what_is_no_snapshot_is_refused(payload):
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        Projections.restore(payload)
