"""An exchange behind a gateway, and one client of it."""

import pytest

from tests.exchange.gateway.venue import open_venue


@pytest.fixture
async def venue():
    async with open_venue() as opened:
        yield opened


@pytest.fixture
async def peer(venue):
    async with venue.connect() as connected:
        yield connected
