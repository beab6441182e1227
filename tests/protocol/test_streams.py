import pytest

from pitwire.market.enums import KlineInterval
from pitwire.protocol.streams import FORMS, Form, Stream, StreamKind, parse_stream

# web-socket-streams.md, Detailed Stream information.
NAMES = {
    "bnbbtc@referencePrice": Form(kind=StreamKind.REFERENCE_PRICE, update_ms=1000),
    "bnbbtc@aggTrade": Form(kind=StreamKind.AGGREGATE_TRADE),
    "bnbbtc@trade": Form(kind=StreamKind.TRADE),
    "bnbbtc@blockTrade": Form(kind=StreamKind.BLOCK_TRADE),
    "bnbbtc@kline_1s": Form(kind=StreamKind.KLINE, interval=KlineInterval.S1, update_ms=1000),
    "bnbbtc@kline_1M": Form(kind=StreamKind.KLINE, interval=KlineInterval.MO1, update_ms=2000),
    "bnbbtc@kline_1m": Form(kind=StreamKind.KLINE, interval=KlineInterval.M1, update_ms=2000),
    "bnbbtc@kline_1d@+08:00": Form(kind=StreamKind.KLINE, interval=KlineInterval.D1, update_ms=2000, offset="+08:00"),
    "bnbbtc@miniTicker": Form(kind=StreamKind.MINI_TICKER, update_ms=1000),
    "!miniTicker@arr": Form(kind=StreamKind.MINI_TICKER, update_ms=1000, whole_market=True),
    "bnbbtc@ticker": Form(kind=StreamKind.TICKER, update_ms=1000),
    "bnbbtc@ticker_4h": Form(kind=StreamKind.WINDOW_TICKER, update_ms=1000, window="4h"),
    "!ticker_1d@arr": Form(kind=StreamKind.WINDOW_TICKER, update_ms=1000, window="1d", whole_market=True),
    "bnbbtc@bookTicker": Form(kind=StreamKind.BOOK_TICKER),
    "bnbbtc@avgPrice": Form(kind=StreamKind.AVERAGE_PRICE, update_ms=1000),
    "bnbbtc@depth5": Form(kind=StreamKind.PARTIAL_DEPTH, levels=5, update_ms=1000),
    "bnbbtc@depth20@100ms": Form(kind=StreamKind.PARTIAL_DEPTH, levels=20, update_ms=100),
    "bnbbtc@depth": Form(kind=StreamKind.DEPTH, update_ms=1000),
    "bnbbtc@depth@100ms": Form(kind=StreamKind.DEPTH, update_ms=100),
}


@pytest.mark.parametrize(("name", "form"), NAMES.items())
def test_a_name_is_read_and_written(name: str, form: Form) -> None:
    stream = Stream("" if form.whole_market else "bnbbtc", form)
    assert parse_stream(name) == stream
    assert stream.name == name


def test_every_form_there_is_is_read_as_it_is_written() -> None:
    assert len(FORMS) == 8 + 1 + 6 + 32 + 8  # plain ones, mini tickers, windows, candles, depths
    for form in FORMS.values():
        name = Stream("" if form.whole_market else "这是测试币456", form).name
        stream = parse_stream(name)
        assert stream is not None
        assert (stream.form, stream.name) == (form, name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@",
        "@trade",
        "bnbbtc",
        "BNBBTC@trade",
        "bnbbtc@trades",
        "bnbbtc@kline_2m",
        "bnbbtc@kline_1m@+09:00",
        "bnbbtc@depth7",
        "bnbbtc@depth@250ms",
        "bnbbtc@depth@100ms@1000ms",
        "bnbbtc@kline_1m@1000ms",
        "bnbbtc@ticker_2h",
        "bnbbtc@!miniTicker@arr",
        "!ticker@arr",
        "!miniTicker",
    ],
)
def test_what_is_no_stream_is_none(name: str) -> None:
    assert parse_stream(name) is None


@pytest.mark.parametrize("name", ["bnbbtc@depth@1000ms", "bnbbtc@depth10@1000ms", "!miniTicker@arr@1000ms"])
def test_the_slow_speed_may_be_spoken_out(name: str) -> None:
    assert parse_stream(name) == parse_stream(name.removesuffix("@1000ms"))
