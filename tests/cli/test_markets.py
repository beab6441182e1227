"""The option `--market`."""

from pathlib import Path

import pytest
import typer

from pitwire.cli.markets import checked, found_recordings, recorded_or_synthetic


@pytest.mark.parametrize("market", ["none", "synthetic"])
def test_a_market_without_files_is_taken_as_it_is(market: str) -> None:
    assert checked(market) == market


def test_every_recording_must_be_there(tmp_path: Path) -> None:
    recording = tmp_path / "btcusdt.gz"
    recording.touch()
    assert checked(f"recorded:{recording}") == f"recorded:{recording}"
    with pytest.raises(typer.BadParameter, match="there is no recording"):
        checked(f"recorded:{recording},{tmp_path / 'absent.gz'}")


@pytest.mark.parametrize("market", ["", "recorded", "recorded:", "synthetic:x", "real"])
def test_what_is_no_market_is_refused(market: str) -> None:
    with pytest.raises(typer.BadParameter):
        checked(market)


def test_recordings_are_found_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PITWIRE_RECORDINGS", str(tmp_path))
    assert found_recordings() == []
    assert recorded_or_synthetic() == "synthetic"
    for name in ("b.gz", "a.gz", "notes.txt"):
        (tmp_path / name).touch()
    assert recorded_or_synthetic() == f"recorded:{tmp_path / 'a.gz'},{tmp_path / 'b.gz'}"
