"""What every test may ask for."""

from pathlib import Path

import pytest

from tests import locations


@pytest.fixture(scope="session")
def spec_dir() -> Path:
    """The specification as data; the test is skipped where it is absent."""
    return locations.spec_dir()


@pytest.fixture(scope="session")
def recordings_dir() -> Path:
    """Recordings of Binance Spot; the test is skipped where they are absent."""
    return locations.recordings_dir()
