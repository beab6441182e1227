"""The pytest plugin, as it serves a project that has nothing but pitwire, pytest and pytest-asyncio."""

import re
import statistics
import time
from importlib.metadata import requires

import pytest

pytest_plugins = ["pytester"]

AUTOMATIC = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
ORDER = 'symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity="0.01", price="50000"'


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project of a user's, run in a process of its own."""
    pytester.makeini(AUTOMATIC)
    return pytester


def run(project: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    project.makepyfile(code)
    return project.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=60)


def test_a_test_gets_an_exchange_and_clients_of_it(project: pytest.Pytester) -> None:
    result = run(
        project,
        f"""
        async def test_trade(exchange):
            async with exchange.connect("alice") as alice, exchange.connect("bob") as bob:
                await alice.order_place({ORDER.replace("BUY", "SELL")})
                assert (await bob.order_place({ORDER})).status == "FILLED"

        async def test_it_is_another_one(exchange):
            async with exchange.connect("alice") as alice:
                assert await alice.all_orders(symbol="BTCUSDT") == ()
                assert exchange.http_url.startswith("http://127.0.0.1:")
        """,
    )
    result.assert_outcomes(passed=2)


def test_it_is_ready_in_under_a_second(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        @pytest.mark.parametrize("number", range(20))
        async def test_ready(exchange, number):
            async with exchange.connect("alice") as alice:
                await alice.ping()
        """,
        "--durations=0",
        "-vv",
    )
    result.assert_outcomes(passed=20)
    setups = [float(seconds) for seconds in re.findall(r"([\d.]+)s setup", result.stdout.str())]
    print("seconds until an exchange is ready:", sorted(setups))
    assert len(setups) == 20
    assert statistics.median(setups) < 1  # the first imports what it needs, and others may be at work here


def test_a_day_and_a_week_take_a_moment(project: pytest.Pytester) -> None:
    begun_s = time.monotonic()
    result = run(
        project,
        """
        import pitwire
        from decimal import Decimal

        async def test_the_connection_is_there_after_24_hours(exchange, exchange_clock):
            async with exchange.connect("alice") as alice:
                for _ in range(3):
                    await exchange_clock.advance(hours=24)
                    await alice.wait_connected()
                    assert (await alice.session_status()).authorized_since

        async def test_a_daily_kline_closes(exchange_clock, exchange):
            # A client that a bot makes itself follows the clock as well.
            async with pitwire.connect(exchange.ws_url, key=exchange.key("alice")) as alice:
                await alice.order_place(ORDER)
                async with exchange.connect("bob") as bob:
                    await bob.order_place(SELL)
                await exchange_clock.advance(days=1)
                kline = (await alice.klines(symbol="BTCUSDT", interval="1d"))[0]
                assert kline.close_time < exchange_clock.now_us() // 1000
        """.replace("ORDER", ORDER).replace("SELL", ORDER.replace("BUY", "SELL")),
    )
    result.assert_outcomes(passed=2)
    print(f"all of it in {time.monotonic() - begun_s:.1f} s")


def test_what_goes_wrong_is_the_tests_to_say(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pitwire
        import pytest

        async def test_refused(exchange, exchange_faults):
            rule = exchange_faults.add("error", phase="received", method="ticker.price", code=-1121, count=2)
            async with exchange.connect("alice") as alice:
                with pytest.raises(pitwire.Rejected, match="Invalid symbol"):
                    await alice.ticker_price(symbol="BTCUSDT")
            assert exchange_faults.strikes(rule) == 1

        async def test_a_rule_without_sense(exchange_faults):
            with pytest.raises(ValueError, match="choose of"):
                exchange_faults.add("duplicate", phase="received")
            number = exchange_faults.add("drop")
            assert exchange_faults.remove(number) and not exchange_faults.remove(number)
            exchange_faults.clear()

        async def test_a_key_that_is_not_there(exchange):
            with pytest.raises(LookupError, match="keys of alice, bob and carol"):
                exchange.key("mallory")
        """,
    )
    result.assert_outcomes(passed=3)


def test_settings_are_a_fixture_to_override(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest
        from pitwire.exchange.app import Settings

        @pytest.fixture
        def exchange_settings():
            return Settings(ws_port=0, http_port=None, market="synthetic", seed=7)

        async def test_there_is_a_market(exchange):
            assert exchange.http_url == ""
            async with exchange.connect("alice") as alice:
                assert (await alice.ticker_book(symbol="BTCUSDT")).symbol == "BTCUSDT"
        """,
    )
    result.assert_outcomes(passed=1)


def test_it_works_in_the_strict_mode_of_pytest_asyncio_too(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.asyncio
        async def test_ping(exchange, exchange_clock):
            async with exchange.connect("alice") as alice:
                await alice.ping()
        """,
    )
    result.assert_outcomes(passed=1)


def test_without_pytest_asyncio_it_says_what_is_missing(project: pytest.Pytester) -> None:
    project.makeini("")
    project.makepyfile(pytest_asyncio="raise ImportError")
    result = run(project, "def test_it(exchange): pass", "-p", "no:asyncio")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the fixture exchange needs pytest-asyncio: pip install pitwire?testing?*"])


def test_pitwire_itself_needs_no_pytest() -> None:
    needed = [each for each in requires("pitwire") or () if "pytest" in each]
    assert needed
    assert all("extra == " in each and "testing" in each for each in needed)
