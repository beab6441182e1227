"""Where the tests find what does not belong into the repository: the API's specification as data, and recordings.

Each is looked for at an environment variable's path, then in a folder beside the checkout. A test that needs one
asks for it here, and is skipped, with a message that says what to set, where it is absent:

    spec = spec_dir()                                     # inside a test, or at the top of a module
    recording = recordings_dir() / "btcusdt_20240808.gz"
"""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def spec_dir() -> Path:
    """The folder with `ws_api_methods.json`, `errors.json` and the rest of the specification."""
    return _folder_or_skip("PITWIRE_SPEC", REPOSITORY.parent / "shared" / "spec", "the API specification")


def recordings_dir() -> Path:
    """The folder with raw recordings of Binance Spot streams (`<symbol>_<date>.gz`)."""
    return _folder_or_skip(
        "PITWIRE_RECORDINGS", REPOSITORY.parent / "shared" / "data" / "binance-spot", "recordings of Binance Spot"
    )


def spec_found() -> bool:
    """Whether `spec_dir` would return: for `pytest.mark.skipif` and for tables that are built at collection."""
    return _found("PITWIRE_SPEC", REPOSITORY.parent / "shared" / "spec") is not None


def recordings_found() -> bool:
    """Whether `recordings_dir` would return."""
    return _found("PITWIRE_RECORDINGS", REPOSITORY.parent / "shared" / "data" / "binance-spot") is not None


def _found(variable: str, beside: Path) -> Path | None:
    if named := os.environ.get(variable):
        folder = Path(named)
        if not folder.is_dir():
            raise pytest.UsageError(f"{variable} names {named}, which is not a folder")
        return folder
    return beside if beside.is_dir() else None


def _folder_or_skip(variable: str, beside: Path, what: str) -> Path:
    folder = _found(variable, beside)
    if folder is None:
        pytest.skip(f"{what} not found: set {variable}, or put a folder at {beside}", allow_module_level=True)
    return folder
