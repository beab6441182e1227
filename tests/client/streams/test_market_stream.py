import pytest

from pitwire.client.streams.market_stream import MarketStream
from pitwire.protocol.streams import FORMS, StreamKind

MADE = [
    (MarketStream.trade("BTCUSDT"), "btcusdt@trade"),
    (MarketStream.agg_trade("BTCUSDT"), "btcusdt@aggTrade"),
    (MarketStream.block_trade("BTCUSDT"), "btcusdt@blockTrade"),
    (MarketStream.kline("btcusdt", "1m"), "btcusdt@kline_1m"),
    (MarketStream.kline("btcusdt", "1d", utc_8=True), "btcusdt@kline_1d@+08:00"),
    (MarketStream.mini_ticker("BTCUSDT"), "btcusdt@miniTicker"),
    (MarketStream.mini_tickers(), "!miniTicker@arr"),
    (MarketStream.ticker("BTCUSDT"), "btcusdt@ticker"),
    (MarketStream.window_ticker("BTCUSDT", "4h"), "btcusdt@ticker_4h"),
    (MarketStream.window_tickers("1d"), "!ticker_1d@arr"),
    (MarketStream.book_ticker("BTCUSDT"), "btcusdt@bookTicker"),
    (MarketStream.average_price("BTCUSDT"), "btcusdt@avgPrice"),
    (MarketStream.reference_price("BTCUSDT"), "btcusdt@referencePrice"),
    (MarketStream.partial_depth("BTCUSDT", 10), "btcusdt@depth10@100ms"),
    (MarketStream.partial_depth("BTCUSDT", 5, update_ms=1000), "btcusdt@depth5"),
    (MarketStream.depth("BTCUSDT"), "btcusdt@depth@100ms"),
    (MarketStream.depth("BTCUSDT", update_ms=1000), "btcusdt@depth"),
]


@pytest.mark.parametrize(("stream", "name"), MADE)
def test_each_kind_has_a_function(stream: MarketStream[object], name: str) -> None:
    assert stream.name == str(stream) == name
    assert MarketStream.of(name) == stream


def test_no_kind_was_forgotten() -> None:
    assert {stream.form.kind for stream, _ in MADE} == set(StreamKind)
    assert {stream.form.whole_market for stream, _ in MADE} == {form.whole_market for form in FORMS.values()}


def test_a_symbol_in_upper_case_is_told_what_to_write() -> None:
    with pytest.raises(ValueError, match="the symbol stands in lower case, 'btcusdt@trade'"):
        MarketStream.of("BTCUSDT@trade")


@pytest.mark.parametrize("name", ["", "btcusdt", "btcusdt@nothing", "!trade", "@trade"])
def test_what_is_no_stream_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no stream"):
        MarketStream.of(name)


def test_terms_that_no_stream_has_are_refused() -> None:
    with pytest.raises(ValueError, match="depth7"):
        MarketStream.partial_depth("BTCUSDT", 7)
    with pytest.raises(ValueError, match="'2m' is not a valid"):
        MarketStream.kline("BTCUSDT", "2m")
