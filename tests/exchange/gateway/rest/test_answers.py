"""Errors, limits and pages as they leave the REST API."""

import json

import pytest

from pitwire.exchange.gateway.limits import REQUEST_WEIGHT, Exceeded
from pitwire.exchange.gateway.responses import too_much
from pitwire.exchange.gateway.rest.answers import limit_headers, not_found, refused, succeeded
from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import Code, wire_error

NOW_US = 1_499_827_319_559_000


@pytest.mark.parametrize("unit", TimeUnit)
@pytest.mark.parametrize(("wait_us", "seconds"), [(1, 1), (1_000_000, 1), (1_000_001, 2), (59_999_000, 60)])
def test_the_wait_is_told_in_whole_seconds_and_never_too_short(unit, wait_us, seconds):
    if unit is TimeUnit.MILLISECOND:
        wait_us = -(-wait_us // 1000) * 1000
    error = too_much(Exceeded(REQUEST_WEIGHT, NOW_US + wait_us), NOW_US, unit)
    answer = refused(error, [])
    assert dict(answer.headers)[b"retry-after"] == str(seconds).encode()
    assert set(json.loads(answer.body)) == {"code", "msg"}


def test_other_errors_keep_their_data_and_name_no_time():
    error = wire_error(Code.CANCEL_REPLACE_FAILED, data={"cancelResult": "FAILURE"})
    answer = refused(error, [])
    assert json.loads(answer.body)["data"] == {"cancelResult": "FAILURE"}
    assert b"retry-after" not in dict(answer.headers)


def test_lengths_are_bytes():
    body = '{"symbol":"１２３４５６"}'.encode()
    assert dict(succeeded(body, []).headers)[b"content-length"] == str(len(body)).encode()


def test_the_intervals_are_in_the_names():
    assert limit_headers(7, (1, 2)) == [
        (b"x-mbx-used-weight", b"7"),
        (b"x-mbx-used-weight-1m", b"7"),
        (b"x-mbx-order-count-10s", b"1"),
        (b"x-mbx-order-count-1d", b"2"),
    ]


def test_a_page_quotes_the_path_without_its_markup():
    page = not_found("GET", "/<script>").body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
