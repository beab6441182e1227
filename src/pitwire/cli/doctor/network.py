"""The way to the exchange: its name, TCP, TLS."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from urllib.parse import SplitResult

from pitwire.cli.doctor.findings import Finding, Verdict

STEP_S_MAX = 5.0
"""How long each of these may take."""
CERTIFICATE_DAYS_MIN = 7


async def network(url: SplitResult) -> AsyncIterator[Finding]:
    """Try to get there. What follows a FAIL is not tried."""
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "wss" else 80)
    found = await _name(host, port)
    yield found
    if found.verdict is Verdict.FAIL:
        return
    found = await _tcp(host, port)
    yield found
    if found.verdict is not Verdict.FAIL and url.scheme == "wss":
        yield await _tls(host, port)


async def _name(host: str, port: int) -> Finding:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(STEP_S_MAX):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError) as error:
        reason = str(error) or f"no answer within {STEP_S_MAX:g} s"
        return Finding(
            Verdict.FAIL, "name", f"{host}: {reason}", "check the host's name in --url, and this machine's DNS"
        )
    addresses = ", ".join(dict.fromkeys(str(each[4][0]) for each in found))
    return Finding(Verdict.PASS, "name", f"{host} is {addresses} ({_ms(start)})")


async def _tcp(host: str, port: int) -> Finding:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(STEP_S_MAX):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        remedy = "a firewall or a proxy may be in the way; is the port right?"
        if isinstance(error, ConnectionRefusedError):
            remedy = "nothing listens there: is the port right? `pitwire exchange` starts a local exchange"
        reason = str(error) or f"no answer within {STEP_S_MAX:g} s"
        return Finding(Verdict.FAIL, "TCP", f"{host}:{port}: {reason}", remedy)
    took = _ms(start)
    writer.close()
    return Finding(Verdict.PASS, "TCP", f"port {port} answers ({took})")


async def _tls(host: str, port: int) -> Finding:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(STEP_S_MAX):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return Finding(
            Verdict.FAIL,
            "TLS",
            error.verify_message,
            "if a company's proxy opens TLS, its certificate has to be in this machine's store; "
            "if the time is meant, set this machine's clock",
        )
    except (OSError, TimeoutError) as error:
        reason = str(error) or f"no answer within {STEP_S_MAX:g} s"
        return Finding(Verdict.FAIL, "TLS", reason, "does that port speak TLS? wss:// does, ws:// does not")
    took = _ms(start)
    connection = writer.get_extra_info("ssl_object")
    writer.close()
    days = (ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"]) - time.time()) / 86400
    text = f"{connection.version()}, the certificate is good for {days:.0f} days ({took})"
    if days < CERTIFICATE_DAYS_MIN:
        return Finding(Verdict.WARN, "TLS", text, "the exchange has to renew it; nothing for you to do yet")
    return Finding(Verdict.PASS, "TLS", text)


def _ms(start: float) -> str:
    return f"{(time.perf_counter() - start) * 1000:.1f} ms"
