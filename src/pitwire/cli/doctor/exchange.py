"""The exchange itself: does it answer, what time is it there, what does it let this address and this key do."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pitwire
from pitwire.cli.doctor.findings import Finding, Verdict
from pitwire.protocol.errors import InvalidSignature, InvalidTimestamp, RateLimited, Unauthorized
from pitwire.protocol.redaction import redacted

PINGS = 10
SLOW_MS = 500.0
CLOCK_OFF_MS = 1000.0
USED_SHARE = 0.8
API_KEY_CHARACTERS = 64


async def public(url: str, log: Any) -> AsyncIterator[Finding]:
    """What needs no key."""
    start = time.perf_counter()
    try:
        async with pitwire.connect(url, resolve=False, return_rate_limits=True, log=log) as client:
            took_ms = (time.perf_counter() - start) * 1000
            yield Finding(Verdict.PASS, "WebSocket", f"the handshake is done ({took_ms:.1f} ms)")
            yield await _round_trip(client)
            yield _clock(client)
            yield _limits(client)
    except pitwire.PitwireError as error:
        yield Finding(Verdict.FAIL, "WebSocket", redacted(str(error)), _connect_remedy(error))


async def streams(endpoint: str, log: Any) -> Finding:
    """Whether the market streams can be reached, which may have a server of their own."""
    try:
        async with pitwire.streams(endpoint, log=log):
            return Finding(Verdict.PASS, "market streams", "connected")
    except (pitwire.PitwireError, ValueError) as error:
        remedy = "market data needs them, orders do not: at Binance they have another host, which may be blocked"
        return Finding(Verdict.WARN, "market streams", redacted(str(error)), remedy)


async def account(url: str, key: pitwire.Key, log: Any) -> AsyncIterator[Finding]:
    """What the key may do."""
    yield _key(key)
    logs_on = key.kind is pitwire.KeyKind.ED25519
    name = "logon" if logs_on else "signature"
    try:
        async with pitwire.connect(url, key=key, resolve=False, log=log) as client:
            status = await client.account_status(omit_zero_balances=True)
            yield Finding(Verdict.PASS, name, "the exchange knows the key" + (" and logged it on" if logs_on else ""))
            yield _permissions(status.can_trade, status.permissions, len(status.balances))
            async with client.user_data():
                yield Finding(Verdict.PASS, "user data", "subscribed")
    except pitwire.PitwireError as error:
        yield Finding(Verdict.FAIL, name, redacted(str(error)), _key_remedy(error))


async def _round_trip(client: pitwire.Client) -> Finding:
    for _ in range(PINGS):
        await client.ping()
    ping = client.metrics.snapshot().requests["ping"]
    text = f"{PINGS} pings: half within {ping.p50_us / 1000:.2f} ms, the slowest {ping.max_us / 1000:.2f} ms"
    if ping.p50_us / 1000 > SLOW_MS:
        return Finding(
            Verdict.WARN, "round trip", text, "that is slow: run nearer to the exchange, or look for a proxy"
        )
    return Finding(Verdict.PASS, "round trip", text)


def _clock(client: pitwire.Client) -> Finding:
    clock = client.metrics.snapshot().clock
    if not clock.is_measured:
        return Finding(Verdict.WARN, "clock", "the exchange did not say what time it is", "try again")
    offset_ms, error_ms = clock.offset_us / 1000, clock.error_us / 1000
    text = (
        f"the server is {abs(offset_ms):.1f} ms {'ahead' if offset_ms > 0 else 'behind'}, give or take {error_ms:.1f}"
    )
    if abs(offset_ms) - error_ms > CLOCK_OFF_MS:
        remedy = "pitwire stamps by the server's clock, other programs do not: let NTP set this machine's (timedatectl)"
        return Finding(Verdict.WARN, "clock", text, remedy)
    return Finding(Verdict.PASS, "clock", text)


def _limits(client: pitwire.Client) -> Finding:
    counted = [each for each in client.rate_limits if isinstance(each.count, int)]
    if not counted:
        return Finding(Verdict.WARN, "limits", "the exchange did not say what is used", "try again")
    text = ", ".join(
        f"{each.rate_limit_type} {each.count} of {each.limit} in {each.interval_num} {str(each.interval).lower()}"
        for each in counted
    )
    if any(int(each.count or 0) > each.limit * USED_SHARE for each in counted):
        remedy = "other programs of this address use them up: share a budget (pitwire.Limits(share=...)), or slow down"
        return Finding(Verdict.WARN, "limits", text, remedy)
    return Finding(Verdict.PASS, "limits", text)


def _key(key: pitwire.Key) -> Finding:
    text = f"{key.kind.value}, an API key of {len(key.api_key)} characters"
    if len(key.api_key) != API_KEY_CHARACTERS or not key.api_key.isalnum():
        return Finding(
            Verdict.WARN, "key", text, f"Binance's have {API_KEY_CHARACTERS} letters and digits: is it whole?"
        )
    if key.kind is not pitwire.KeyKind.ED25519:
        return Finding(Verdict.PASS, "key", f"{text}; every request is signed (an Ed25519 key logs on once)")
    return Finding(Verdict.PASS, "key", text)


def _permissions(can_trade: bool, permissions: tuple[str, ...], assets: int) -> Finding:
    text = f"{'may' if can_trade else 'may not'} trade; {', '.join(permissions)}; {assets} assets with a balance"
    if not can_trade:
        return Finding(Verdict.FAIL, "permissions", text, "the account is not open for trading: ask the exchange why")
    return Finding(Verdict.PASS, "permissions", text)


def _connect_remedy(error: pitwire.PitwireError) -> str:
    match error:
        case RateLimited():
            return "this address is over a limit, or banned: stop everything that uses it, and wait as long as it says"
        case _ if "HTTP status 404" in str(error):
            return "the path is not the API's: leave it out of --url, or write /ws-api/v3"
        case _ if "HTTP status" in str(error):
            return "the server refuses WebSockets here: a proxy, a region that is blocked (451, 403), or too many (429)"
    return "something answers there, but not as an exchange does: check --url"


def _key_remedy(error: pitwire.PitwireError) -> str:
    match error:
        case Unauthorized():
            return "check the API key, the addresses it may be used from, and that it belongs to this exchange"
        case InvalidSignature():
            return "the private key is not the one of this API key: register its public half, or name the other file"
        case InvalidTimestamp():
            return "this machine's clock is off: let NTP set it"
        case RateLimited():
            return "this address or account is over a limit: wait as long as it says"
    return "see docs/how-to/handle-errors.md"
