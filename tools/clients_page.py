"""Write docs/clients.md from what `make test-clients` found (build/clients.json).

It ends with code 1 where the page was another, so that a run shows whether the page that is checked in is current.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FOUND = REPOSITORY / "build" / "clients.json"
PAGE = REPOSITORY / "docs" / "clients.md"

HEAD = """# The clients that people have

`make test-clients` runs these clients, as PyPI has them and unmodified but for URLs and keys, through their own public
interfaces, against a `pitwire exchange` process with the WebSocket API, market streams and REST on loopback. It writes
this page, and fails where the page was another. Each method below was called by at least one test that passed; those
that sign, with HMAC, RSA and Ed25519 keys. Tests compare the methods of python-binance and binance-sdk-spot with
those that are called, so that none is left out; of ccxt the unified methods for a spot market are called.

| client | release | surface | methods |
|---|---|---|---|
"""

FLAWS = """
## What the clients do wrong themselves

Their code shows it, whatever answers. The exchange does not work round it.

| client | surface | method | what, and where |
|---|---|---|---|
"""

NOT_SERVED = """
## What is left out

* Listen keys (`stream_get_listen_key`, `user_data(listenKey)` and their like): Binance retired them on 2026-02-20.
* What is not of the Spot API: futures, options, margin, wallet and web site.
* binance-sdk-spot returns a refusal over the WebSocket API as data, as the table above says for `order_place`; it is
  so for each of its methods.
"""


def lines(found: dict[str, object], rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    """The page, piece by piece."""
    versions: dict[str, str] = found["versions"]  # type: ignore[assignment]
    yield HEAD
    for (client, surface), count in Counter((client, surface) for client, surface, _, _ in rows).items():
        yield f"| {client} | {versions[client]} | {surface} | {count} |\n"
    yield FLAWS
    for client, surface, method, flaw in rows:
        if flaw:
            yield f"| {client} | {surface} | `{method}` | {flaw} |\n"
    yield NOT_SERVED
    yield "\n## Each method\n\n| client | surface | method | |\n|---|---|---|---|\n"
    for client, surface, method, flaw in rows:
        yield f"| {client} | {surface} | `{method}` | {'its own flaw: see above' if flaw else 'passed'} |\n"


def main() -> int:
    """Write it; the exit code."""
    found = json.loads(FOUND.read_text())
    page = "".join(lines(found, [tuple(row) for row in found["rows"]]))
    if PAGE.exists() and PAGE.read_text() == page:
        return 0
    PAGE.write_text(page)
    print(f"{PAGE.relative_to(REPOSITORY)} was another: it is written now; look at it and commit it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
