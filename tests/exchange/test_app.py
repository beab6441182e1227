"""The exchange put together: what it starts with, what survives a restart, what it refuses."""

import asyncio
import sqlite3
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.configuration import Configuration, ConfigurationInvalid
from pitwire.exchange.defaults import AccountTerms
from pitwire.exchange.gateway.websocket import PublishedKeysExposed
from pitwire.exchange.history.archive import HistoryFailed
from pitwire.exchange.log.snapshots import Snapshots
from pitwire.exchange.messages import CancelOpenOrders, OrderOpened, Outcome, PlaceOrder, TradeMatched
from pitwire.exchange.projections import gathering
from pitwire.exchange.projections.archive import TRADES, AccountTrade, Page
from pitwire.exchange.sequencer import Halted
from pitwire.market.enums import OrderType, Side, TimeUnit
from pitwire.market.numbers import SCALE, Price, Quantity


def settings(**others: Any) -> Settings:
    return Settings(ws_port=0, **others)


def order(client_order_id: str, *, account: int = 1) -> PlaceOrder:
    return PlaceOrder(
        account=account,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        client_order_id=client_order_id,
        price=Price(50_000 * SCALE),
        quantity=Quantity(SCALE // 1_000),
    )


def open_ids(exchange: Exchange, account: int = 1) -> list[str]:
    return [
        each["clientOrderId"] for each in exchange.projections.orders.open(account, "BTCUSDT", TimeUnit.MILLISECOND)
    ]


def remove_snapshots(data_dir: Path) -> None:
    for snapshot in data_dir.glob("*.snapshot"):
        snapshot.unlink()


async def test_without_a_configuration_it_lists_binances_symbols_and_funds_alice_bob_and_carol() -> None:
    async with Exchange.start(settings()) as exchange:
        assert exchange.projections.symbols.names() == ["BTCUSDT", "ETHUSDT", "BNBUSDT", "ETHBTC", "BNBBTC", "BTCUSDC"]
        status = exchange.projections.accounts.status(1, True, TimeUnit.MILLISECOND)
        assert {balance["asset"]: balance["free"] for balance in status["balances"]} == {
            "BNB": "10000.00000000",
            "BTC": "100.00000000",
            "ETH": "1000.00000000",
            "USDC": "10000000.00000000",
            "USDT": "10000000.00000000",
        }
        assert [exchange.engine.venue.accounts[number].name for number in (1, 2, 3)] == ["alice", "bob", "carol"]


async def test_every_default_symbol_takes_an_order() -> None:
    async with Exchange.start(settings()) as exchange:
        for symbol, price in [("BTCUSDT", 60_000), ("ETHUSDT", 2_500), ("BNBUSDT", 600), ("BTCUSDC", 60_000)]:
            command = PlaceOrder(
                account=1,
                symbol=symbol,
                side=Side.BUY,
                type=OrderType.LIMIT,
                client_order_id="x",
                price=Price(price * SCALE),
                quantity=Quantity(SCALE // 10),
            )
            outcome = await exchange.sequencer.execute(command)
            assert isinstance(outcome.events[0], OrderOpened), symbol


@pytest.mark.parametrize("snapshot_every", [1, 3, 1_000_000])
async def test_a_restart_goes_on_where_it_stopped(tmp_path: Path, snapshot_every: int) -> None:
    kept = settings(data_dir=tmp_path, snapshot_every=snapshot_every)
    async with Exchange.start(kept) as exchange:
        for number in range(10):
            await exchange.sequencer.execute(order(f"order {number}"))
        before = exchange.engine.snapshot(), exchange.projections.snapshot()
    async with Exchange.start(kept) as exchange:
        assert (exchange.engine.snapshot(), exchange.projections.snapshot()) == before
        outcome = await exchange.sequencer.execute(order("after the restart"))
        assert isinstance(outcome.events[0], OrderOpened)
        assert outcome.events[0].order.order_id == 11
        assert len(open_ids(exchange)) == 11


async def test_a_clean_stop_leaves_a_snapshot_from_which_the_next_start_replays_nothing(tmp_path: Path) -> None:
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        await exchange.sequencer.execute(order("x"))
        assert exchange.recovered.replayed == 0
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert exchange.recovered.replayed == 0
        assert open_ids(exchange) == ["x"]
    remove_snapshots(tmp_path)
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert exchange.recovered.replayed == exchange.recovered.sequence > 1
        assert open_ids(exchange) == ["x"]


@pytest.mark.parametrize("lost", ["nothing", "the history", "the snapshot", "both"])
async def test_what_has_finished_is_answered_after_a_restart(tmp_path: Path, lost: str) -> None:
    def finished(exchange: Exchange) -> list[dict[str, Any]]:
        return exchange.projections.orders.all(1, "BTCUSDT", None, None, None, None, TimeUnit.MILLISECOND)

    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        for number in range(5):
            await exchange.sequencer.execute(order(f"order {number}"))
        await exchange.sequencer.execute(CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id="c"))
        await exchange.sequencer.execute(order("open"))
        before = finished(exchange)
        sequence = exchange.sequencer.last_sequence
    assert [each["status"] for each in before] == ["CANCELED"] * 5 + ["NEW"]
    if lost in ("the history", "both"):
        (tmp_path / "history.sqlite").unlink()
    if lost in ("the snapshot", "both"):
        remove_snapshots(tmp_path)
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert exchange.recovered.replayed == (0 if lost == "nothing" else sequence)
        assert finished(exchange) == before


async def test_a_history_that_cannot_be_written_stops_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        monkeypatch.setattr("pitwire.exchange.history.database.Database.write", full)
        exchange.projections.archive.write(
            [Page.of(TRADES, 1, "BTCUSDT", 1, [AccountTrade(1, 1, 1, 1, 1, 1, 0, "BTC", True, True)])]
        )
        with pytest.raises(HistoryFailed):
            exchange.projections.archive.settle(1)
        monkeypatch.setattr(gathering, "UNSEALED_MAX", 1)
        await exchange.sequencer.execute(order("x"))
        with pytest.raises(Halted, match="disk is full"):
            await exchange.sequencer.execute(CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id="c"))
        assert exchange.failed.is_set()


async def test_a_snapshot_of_another_version_costs_time_and_nothing_else(tmp_path: Path) -> None:
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        await exchange.sequencer.execute(order("x"))
        sequence = exchange.sequencer.last_sequence
    Snapshots(tmp_path).save(sequence, b"state in words of tomorrow")
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert exchange.recovered.replayed == sequence
        assert open_ids(exchange) == ["x"]


async def test_what_was_submitted_before_a_stop_is_executed(tmp_path: Path) -> None:
    told: list[int] = []
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        for number in range(100):
            exchange.sequencer.submit(order(f"order {number}"), lambda outcome: told.append(outcome.record.sequence))
    assert len(told) == 100
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert len(open_ids(exchange)) == 100


async def test_a_configuration_replaces_the_defaults_and_is_remembered(tmp_path: Path) -> None:
    desk = AccountTerms(number=7, name="desk", balances={"USDT": Decimal(1000)})
    configured = Configuration(symbols=Configuration().symbols[:1], accounts=(desk,))
    async with Exchange.start(settings(data_dir=tmp_path, configuration=configured)) as exchange:
        assert exchange.projections.symbols.names() == ["BTCUSDT"]
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        assert exchange.projections.symbols.names() == ["BTCUSDT"]
        assert list(exchange.engine.venue.accounts) == [7]


async def test_a_changed_configuration_is_brought_in_and_balances_stay(tmp_path: Path) -> None:
    terms = {"number": 7, "name": "desk", "balances": {"USDT": Decimal(1000)}}
    first = Configuration(accounts=(AccountTerms(**terms),))  # type: ignore[arg-type]
    second = Configuration(accounts=(AccountTerms(**terms, maker_rate=Decimal("0.0002")),))  # type: ignore[arg-type]
    async with Exchange.start(settings(data_dir=tmp_path, configuration=first)) as exchange:
        before = exchange.sequencer.last_sequence
    async with Exchange.start(settings(data_dir=tmp_path, configuration=first)) as exchange:
        assert exchange.sequencer.last_sequence == before, "nothing was missing"
    async with Exchange.start(settings(data_dir=tmp_path, configuration=second)) as exchange:
        account = exchange.engine.venue.accounts[7]
        assert (account.maker_rate, account.holdings["USDT"].free) == (20_000, 1000 * SCALE)
        assert exchange.sequencer.last_sequence == before + 1


async def test_what_the_engine_refuses_of_a_configuration_is_named() -> None:
    symbol = Configuration().symbols[0]
    broken = Configuration(symbols=(msgspec.structs.replace(symbol, quote="BTC"),))
    with pytest.raises(ConfigurationInvalid, match="base and quote are both BTC"):
        async with Exchange.start(settings(configuration=broken)):
            pass


async def test_a_rejected_command_changes_nothing_that_a_restart_could_see(tmp_path: Path) -> None:
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        before = exchange.engine.snapshot()
        await exchange.sequencer.execute(CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id="x"))
        assert exchange.engine.snapshot() == before


async def test_the_synthetic_market_trades_and_a_stop_ends_it() -> None:
    async with Exchange.start(settings(market="synthetic", seed=7)) as exchange:
        traded = asyncio.get_running_loop().create_future()

        def listen(outcome: Outcome) -> None:
            if any(isinstance(event, TradeMatched) for event in outcome.events) and not traded.done():
                traded.set_result(outcome)

        exchange.sequencer.listen(listen)
        await asyncio.wait_for(traded, 10)
        assert not exchange.failed.is_set()


async def test_the_orders_of_a_market_do_not_outlive_it(tmp_path: Path) -> None:
    async with Exchange.start(settings(data_dir=tmp_path, market="synthetic")) as exchange:
        quoted = asyncio.Event()
        exchange.sequencer.listen(
            lambda outcome: quoted.set() if exchange.projections.market.depth("BTCUSDT")["bids"] else None
        )
        await asyncio.wait_for(quoted.wait(), 10)
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        depth = [exchange.projections.market.depth(symbol) for symbol in exchange.projections.symbols.names()]
        assert not any(each["bids"] or each["asks"] for each in depth)


@pytest.mark.parametrize(
    ("market", "says"),
    [
        ("chaos", "there is no market 'chaos': say none, synthetic, or recorded:FILE"),
        ("recorded:", "there is no market 'recorded:'"),
        ("recorded:nowhere.gz", "nowhere.gz"),
    ],
)
async def test_a_market_that_cannot_be_is_refused_at_the_start(market: str, says: str) -> None:
    with pytest.raises((ConfigurationInvalid, OSError), match=says):
        async with Exchange.start(settings(market=market)):
            pass


async def test_published_keys_are_not_served_beyond_this_machine() -> None:
    with pytest.raises(PublishedKeysExposed, match=r"refusing to listen on '0\.0\.0\.0'.*127\.0\.0\.1"):
        async with Exchange.start(settings(host="0.0.0.0")):
            pass


async def test_a_port_that_is_taken_is_an_error_and_the_data_is_let_go_of(tmp_path: Path) -> None:
    async with Exchange.start(settings()) as exchange:
        port = int(exchange.ws_url.rpartition(":")[2].partition("/")[0])
        with pytest.raises(OSError, match=str(port)):
            async with Exchange.start(Settings(ws_port=port, data_dir=tmp_path)):
                pass
    async with Exchange.start(settings(data_dir=tmp_path)):
        pass


async def test_a_clock_that_was_ahead_once_is_believed_once_it_is_right_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour_s = 3_600
    time_ns, ahead_ns = time.time_ns, [hour_s * 10**9]
    monkeypatch.setattr("pitwire.exchange.app.time.time_ns", lambda: time_ns() + ahead_ns[0])
    async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
        last_us = (await exchange.sequencer.execute(order("ahead"))).record.time_us
    ahead_ns[0] = 0
    with capture_logs() as logged:
        async with Exchange.start(settings(data_dir=tmp_path)) as exchange:
            assert exchange.clock.now_us() < last_us, "or every signed request would be refused with -1021"
            assert (await exchange.sequencer.execute(order("right"))).record.time_us == last_us, "records never go back"
    (ahead_s,) = (each["ahead_s"] for each in logged if "from the future" in each["event"])
    assert hour_s - 60 < ahead_s <= hour_s


async def test_a_start_with_a_right_clock_warns_of_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with capture_logs() as logged:
            async with Exchange.start(settings(data_dir=tmp_path)):
                pass
        assert [each["event"] for each in logged if each["log_level"] != "info"] == []
