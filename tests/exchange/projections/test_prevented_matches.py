"""`myPreventedMatches` from pages; the shapes and the combinations of parameters are among the scenarios."""

import pytest

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.messages import MatchPrevented
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import SelfTradePrevention, TimeUnit
from tests.exchange.projections.examples import results
from tests.exchange.projections.trading import ALICE, BOB, CAROL, Floor

MS = TimeUnit.MILLISECOND


@pytest.fixture(params=["in memory", "in sqlite"])
def projections(request):
    archive = MemoryArchive() if request.param == "in memory" else SqliteArchive(None, page_items=7)
    return Floor(archive=archive).projections


@pytest.fixture
def matches(projections):
    return projections.prevented_matches


def match(number, taker=ALICE, maker=ALICE):
    return MatchPrevented(
        symbol="BTCUSDT",
        prevented_match_id=number,
        taker_account=taker,
        taker_order_id=5,
        maker_account=maker,
        maker_order_id=3,
        trade_group=1,
        mode=SelfTradePrevention.EXPIRE_MAKER,
        price=110_000_000,
        taker_prevented=None,
        maker_prevented=130_000_000,
    )


def ids(matches, account, match_id=None, order_id=None, from_id=None, limit=None):
    found = matches.query(account, "BTCUSDT", match_id, order_id, from_id, limit, MS)
    return [row["preventedMatchId"] for row in found]


def test_the_shape_is_that_of_the_documentation(matches):
    matches.happened(match(1), 1_669_101_687_094_000)
    [example] = results("myPreventedMatches")[0]
    [row] = matches.query(ALICE, "BTCUSDT", 1, None, None, None, MS)
    assert list(row) == list(example)
    assert row == example | {"price": "1.10000000", "makerPreventedQuantity": "1.30000000"}


def test_a_match_between_two_accounts_belongs_to_both(matches):
    matches.happened(match(0, ALICE, BOB), 0)
    assert [ids(matches, account, order_id=5) for account in (ALICE, BOB, CAROL)] == [[0], [0], []]


def test_the_limit_is_500_by_default_and_1000_at_most(projections, matches):
    for number in range(1100):
        matches.happened(match(number), number)
        projections.gathering.seal()
    assert [len(ids(matches, ALICE, order_id=5, limit=limit)) for limit in (None, 7, 1000, 1001)] == [
        500,
        7,
        1000,
        1000,
    ]
    assert ids(matches, ALICE, order_id=5, from_id=1098) == [1098, 1099]


def test_a_symbol_that_is_not_listed_is_unknown(matches):
    with pytest.raises(UnknownSymbol):
        matches.query(ALICE, "NONE", None, 5, None, None, MS)
