"""The wire's filters become those that orders are checked by, and are described as they came."""

import msgspec
import pytest

from pitwire.exchange.projections.filters import described
from pitwire.protocol.filters import filter_of
from pitwire.protocol.results import FilterRules
from tests.conformance import spec

SAME_NUMBERS_OTHER_ZEROS = {"PERCENT_PRICE_BY_SIDE"}


@pytest.mark.parametrize("documented", spec.FILTERS, ids=lambda row: row["filterType"])
def test_a_documented_filter_survives_the_way_there_and_back(documented):
    rule = filter_of(msgspec.convert(documented, FilterRules, strict=False))
    assert rule is not None
    back = described(rule)
    assert list(back) == list(documented) or set(back) == set(documented)
    for name, value in documented.items():
        if isinstance(value, str) and value.replace(".", "").isdigit():
            assert float(back[name]) == float(value), name
        else:
            assert back[name] == value, name


def test_a_filter_of_tomorrow_is_passed_over():
    assert filter_of(FilterRules(filter_type="T_PLUS_SELL")) is None


def test_a_filter_that_lacks_a_field_is_passed_over():
    assert filter_of(FilterRules(filter_type="PRICE_FILTER")) is None
