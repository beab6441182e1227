"""The names of market streams: read, checked and written by one grammar, for both ends.

Source: web-socket-streams.md, Detailed Stream information. A name is `<symbol>@<form>`, with the symbol in lower case,
or one of the whole market, which starts with `!`. All forms there are stand in `FORMS`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from pitwire.market.enums import KlineInterval

DEPTH_LEVELS: Final = (5, 10, 20)
WINDOWS: Final = ("1h", "4h", "1d")
UTC_8: Final = "+08:00"
"""The one time zone offset in which there are candles besides UTC."""
SLOW_MS: Final = 1000
FAST_MS: Final = 100


class StreamKind(StrEnum):
    """What a stream tells; its payload is the struct of `market_events` of the same name."""

    REFERENCE_PRICE = "referencePrice"
    AGGREGATE_TRADE = "aggTrade"
    TRADE = "trade"
    BLOCK_TRADE = "blockTrade"
    KLINE = "kline"
    MINI_TICKER = "miniTicker"
    TICKER = "ticker"
    WINDOW_TICKER = "ticker_window"
    BOOK_TICKER = "bookTicker"
    AVERAGE_PRICE = "avgPrice"
    PARTIAL_DEPTH = "depth_levels"
    DEPTH = "depth"


class Form(Struct, frozen=True, kw_only=True):
    """A stream but for its symbol. What does not belong to its kind is empty or 0."""

    kind: StreamKind
    update_ms: int = 0
    """How often it tells; 0 is in real time."""
    interval: KlineInterval | None = None
    """Of a candle."""
    offset: str = ""
    """Of a candle's time zone: empty for UTC, or `UTC_8`."""
    window: str = ""
    """Of a rolling window: one of `WINDOWS`."""
    levels: int = 0
    """Of a partial depth: one of `DEPTH_LEVELS`."""
    whole_market: bool = False
    """Whether it is of all symbols, and each message is an array of those that changed."""

    @property
    def text(self) -> str:
        """What stands after the symbol's `@`; of the whole market the whole name."""
        fast = f"@{FAST_MS}ms" if self.update_ms == FAST_MS else ""
        match self.kind:
            case StreamKind.KLINE:
                text = f"kline_{self.interval}" + (f"@{self.offset}" if self.offset else "")
            case StreamKind.WINDOW_TICKER:
                text = f"ticker_{self.window}"
            case StreamKind.PARTIAL_DEPTH:
                text = f"depth{self.levels}{fast}"
            case StreamKind.DEPTH:
                text = f"depth{fast}"
            case _:
                text = str(self.kind)
        return f"!{text}@arr" if self.whole_market else text


class Stream(Struct, frozen=True):
    """A stream by its symbol, in lower case as in its name (empty for the whole market), and its form."""

    symbol: str
    form: Form

    @property
    def name(self) -> str:
        """As it stands in a URL, in `SUBSCRIBE` and in the envelope of a combined stream."""
        return self.form.text if self.form.whole_market else f"{self.symbol}@{self.form.text}"


def _forms() -> Iterator[Form]:
    for kind in (StreamKind.AGGREGATE_TRADE, StreamKind.TRADE, StreamKind.BLOCK_TRADE, StreamKind.BOOK_TICKER):
        yield Form(kind=kind)
    for kind in (
        StreamKind.REFERENCE_PRICE,
        StreamKind.AVERAGE_PRICE,
        StreamKind.MINI_TICKER,
        StreamKind.TICKER,
    ):
        yield Form(kind=kind, update_ms=SLOW_MS)
    yield Form(kind=StreamKind.MINI_TICKER, update_ms=SLOW_MS, whole_market=True)
    for window in WINDOWS:
        for whole in (False, True):
            yield Form(kind=StreamKind.WINDOW_TICKER, update_ms=SLOW_MS, window=window, whole_market=whole)
    for interval in KlineInterval:
        update_ms = SLOW_MS if interval is KlineInterval.S1 else 2 * SLOW_MS
        for offset in ("", UTC_8):
            yield Form(kind=StreamKind.KLINE, update_ms=update_ms, interval=interval, offset=offset)
    for update_ms in (SLOW_MS, FAST_MS):
        yield Form(kind=StreamKind.DEPTH, update_ms=update_ms)
        for levels in DEPTH_LEVELS:
            yield Form(kind=StreamKind.PARTIAL_DEPTH, update_ms=update_ms, levels=levels)


FORMS: Final[Mapping[str, Form]] = MappingProxyType({form.text: form for form in _forms()})
"""Every form there is, by its text."""
_SPOKEN_OUT: Final[Mapping[str, Form]] = MappingProxyType(
    {
        f"{form.text}@{SLOW_MS}ms": form
        for form in FORMS.values()
        if form.update_ms == SLOW_MS
        and (form.kind in (StreamKind.DEPTH, StreamKind.PARTIAL_DEPTH) or form.text == "!miniTicker@arr")
    }
)
"""What the documentation leaves out, and Binance takes: clients that others wrote ask for these."""


def parse_stream(name: str) -> Stream | None:
    """The stream of that name; `None` where there is none, as for a symbol in upper case."""
    symbol, _, text = ("", "", name) if name.startswith("!") else name.partition("@")
    form = FORMS.get(text) or _SPOKEN_OUT.get(text)
    if form is None or form.whole_market != name.startswith("!"):
        return None
    if not form.whole_market and (not symbol or symbol != symbol.lower()):
        return None
    return Stream(symbol, form)
