"""The pytest plugin: an exchange of its own for each test, faults on purpose, and time that jumps.

It is there as soon as pitwire is installed beside pytest and pytest-asyncio (`pip install pitwire[testing]`). The
fixtures are asynchronous; what they need is imported when a test asks for them.

    exchange            a running exchange, empty, for this test alone
    exchange_faults     what is to go wrong in it
    exchange_clock      makes the test's event loop, the exchange and pitwire's clients run in virtual time
    exchange_settings   what the exchange is started with: override it to have something else
"""

import sys
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import pitwire
    from pitwire.exchange.app import Exchange, Settings
    from pitwire.exchange.gateway.faults import Faults
    from pitwire.testing.virtual_time import VirtualTime

try:
    from pytest_asyncio import fixture as _fixture
except ImportError:

    def _fixture(asynchronous: Callable[..., Any]) -> Any:  # type: ignore[no-redef]  # the two stand in for each other
        """The fixture, for whoever asks for it where it cannot be had: it says what is missing."""

        @pytest.fixture(name=asynchronous.__name__)
        def missing() -> None:
            pytest.fail(
                f"the fixture {asynchronous.__name__} needs pytest-asyncio: pip install pitwire[testing]", pytrace=False
            )

        return missing


class LocalExchange:
    """The exchange of one test. `running` is the exchange itself, for whoever wants to look inside."""

    def __init__(self, running: "Exchange") -> None:
        self.running = running
        self.ws_url = running.ws_url
        """Where the WebSocket API is: `ws://127.0.0.1:54321/ws-api/v3`."""
        self.http_url = running.http_url
        """Where HTTP is: `http://127.0.0.1:54322`."""

    def key(self, account: str, kind: str = "ED25519") -> "pitwire.Key":
        """A key of alice, bob or carol: `kind` is ED25519, HMAC or RSA. Raises `LookupError` for another."""
        from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

        for key in DEVELOPMENT_KEYS:
            if (key.name, key.kind) == (account, kind):
                return key.signing_key()
        raise LookupError(f"{account} has no {kind} key: there are ED25519, HMAC and RSA keys of alice, bob and carol")

    def connect(self, account: str, **options: Any) -> "pitwire.Client":
        """A client of `account`, for `async with`. `options` are those of `pitwire.connect`."""
        import pitwire

        return pitwire.connect(self.ws_url, key=self.key(account), **options)


class ExchangeFaults:
    """What goes wrong in the exchange, as `pitwire.exchange.gateway.faults` describes it.

    `exchange_faults.add("cut", phase="executed", method="order.place")` cuts the connection once, after the next order
    is executed and before it is answered.
    """

    def __init__(self, faults: "Faults") -> None:
        self._faults = faults

    def add(self, fault: str, **terms: Any) -> int:
        """Put a rule in force, its `terms` those of `Rule`; its number. Raises `ValueError` for one without sense."""
        import msgspec

        from pitwire.exchange.gateway.faults import Rule

        return self._faults.add(msgspec.convert({"fault": fault, **terms}, Rule))

    def remove(self, number: int) -> bool:
        """Take a rule out of force; whether it was."""
        return self._faults.remove(number)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def strikes(self, number: int) -> int:
        """How often a rule has struck."""
        return self._faults.strikes[number]


@pytest.fixture
def exchange_settings() -> "Settings":
    """What `exchange` is started with: free ports, a log in memory, no market, Binance's limits."""
    from pitwire.exchange.app import Settings

    return Settings(ws_port=0, http_port=0)


@_fixture
async def exchange_clock() -> AsyncIterator["VirtualTime"]:
    """The time of this test, which jumps to what happens next: `await exchange_clock.advance(hours=24)` is quick."""
    import asyncio

    from pitwire.testing.virtual_time import VirtualTime, virtual_time

    clock = VirtualTime()
    with virtual_time(asyncio.get_running_loop(), clock), pytest.MonkeyPatch.context() as patch:
        _have_clients_follow(clock, patch)
        yield clock


@pytest.fixture
def _exchange_clock_if_asked_for(request: pytest.FixtureRequest) -> "VirtualTime | None":
    asked_for = "exchange_clock" in request.fixturenames
    return request.getfixturevalue("exchange_clock") if asked_for else None


@_fixture
async def exchange(
    exchange_settings: "Settings", _exchange_clock_if_asked_for: "VirtualTime | None"
) -> AsyncIterator[LocalExchange]:
    """An exchange of this test's own, in its process and on its event loop."""
    from pitwire.exchange.app import Exchange

    async with Exchange.start(exchange_settings, _exchange_clock_if_asked_for) as running:
        yield LocalExchange(running)


@pytest.fixture
def exchange_faults(exchange: LocalExchange) -> ExchangeFaults:
    """What is to go wrong in this test's exchange: nothing, at first."""
    return ExchangeFaults(exchange.running.faults)


def _have_clients_follow(clock: "VirtualTime", patch: pytest.MonkeyPatch) -> None:
    """Give the clients that anybody connects from now on this clock, unless they are told another."""
    import pitwire

    patch.setattr(sys.modules[pitwire.connect.__module__], "steady_clock", lambda: clock.now_ns)
