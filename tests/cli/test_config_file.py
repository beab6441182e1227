"""`--config FILE.toml`."""

from pathlib import Path

import pytest
import typer

from pitwire.cli.config_file import read
from pitwire.exchange.configuration import FILE_BYTES_MAX

OPTIONS = {"ws-port": "ws_port", "market": "market"}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "exchange.toml"
    path.write_text(text)
    return path


def test_keys_are_the_options_names(tmp_path: Path) -> None:
    path = written(tmp_path, 'ws-port = 9000\nmarket = "none"\n')
    assert read(path, OPTIONS) == {"ws_port": 9000, "market": "none"}


def test_the_tables_of_the_exchanges_own_configuration_may_stand_beside(tmp_path: Path) -> None:
    path = written(tmp_path, 'market = "none"\n[[accounts]]\nnumber = 7\nname = "desk"\nbalances = {}\n')
    assert read(path, OPTIONS) == {"market": "none"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wsport = 1", "there is no option 'wsport'; known: market, ws-port"),
        ("ws-port = ", "is no TOML"),
        ("#" * (FILE_BYTES_MAX + 1), "a configuration has at most"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        read(written(tmp_path, text), OPTIONS)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"cannot read .*absent\.toml: No such file"):
        read(tmp_path / "absent.toml", OPTIONS)
