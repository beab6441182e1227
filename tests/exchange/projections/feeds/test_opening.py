import pytest

from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.reference_price import ArithmeticMean
from pitwire.protocol.streams import FORMS, Form, Stream, StreamKind
from tests.exchange.projections.feeds.following import Following
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.text)
def test_every_stream_tells_of_a_trade_and_there_are_no_block_trades(form: Form) -> None:
    floor = Floor(rules(reference_price=ArithmeticMean(bucket_count=2, bucket_width_ms=1000)))
    following = Following(floor, Stream("" if form.whole_market else "btcusdt", form).name)
    following.place(ALICE, "SELL", 100, 3)
    following.place(BOB, "BUY", 100, 1)
    assert len(following.told()) == (form.kind is not StreamKind.BLOCK_TRADE)


@pytest.mark.parametrize("form", [form for form in FORMS.values() if not form.whole_market], ids=lambda form: form.text)
def test_a_symbol_that_is_not_listed_has_no_streams(form: Form) -> None:
    with pytest.raises(UnknownSymbol):
        Following(Floor(), Stream("xrpxrp", form).name)
