import pytest

from pitwire.exchange.messages import ReportBlockTrade
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.reference_price import ArithmeticMean
from pitwire.protocol.streams import FORMS, Form, Stream, StreamKind
from tests.exchange.projections.feeds.following import Following
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules, units


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.text)
def test_every_stream_tells_of_a_trade_but_block_trades_are_a_stream_of_their_own(form: Form) -> None:
    floor = Floor(rules(reference_price=ArithmeticMean(bucket_count=2, bucket_width_ms=1000)))
    following = Following(floor, Stream("" if form.whole_market else "btcusdt", form).name)
    following.place(ALICE, "SELL", 100, 3)
    following.place(BOB, "BUY", 100, 1)
    assert len(following.told()) == (form.kind is not StreamKind.BLOCK_TRADE)
    following.do(ReportBlockTrade(symbol="BTCUSDT", price=units("90"), quantity=units("5"), buyer_is_maker=True))
    assert [told["e"] for told in following.told() if form.kind in (StreamKind.BLOCK_TRADE, StreamKind.TRADE)] == (
        ["blockTrade"] if form.kind is StreamKind.BLOCK_TRADE else []
    )


@pytest.mark.parametrize("form", [form for form in FORMS.values() if not form.whole_market], ids=lambda form: form.text)
def test_a_symbol_that_is_not_listed_has_no_streams(form: Form) -> None:
    with pytest.raises(UnknownSymbol):
        Following(Floor(), Stream("xrpxrp", form).name)
