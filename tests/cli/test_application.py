"""The command `pitwire` as a whole: its help, and how errors leave it."""

import subprocess
import sys

import pytest

from pitwire.cli import application
from tests.processes import pitwire

COMMANDS = ("exchange", "keys", "call", "listen", "demo")


def test_help_names_every_command() -> None:
    result = pitwire("--help")
    assert result.returncode == 0
    for command in COMMANDS:
        assert command in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    result = pitwire(command, "--help")
    assert result.returncode == 0
    assert len(result.stdout) > 500


def test_help_loads_nothing_that_only_a_running_command_needs() -> None:
    code = (
        "import sys; sys.argv = ['pitwire', '--help']\n"
        "from pitwire.cli import main\n"
        "heavy = {'msgspec', 'picows', 'cryptography', 'nacl', 'structlog'}\n"
        "try: main()\n"
        "except SystemExit: print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("[]\n")


def test_an_exchange_that_is_not_there_is_told_in_a_sentence() -> None:
    result = pitwire("call", "ping", url="ws://127.0.0.1:1/ws-api/v3")
    assert result.returncode == 1
    assert "ws://127.0.0.1:1/ws-api/v3" in result.stderr
    assert "pitwire exchange" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("url", ["nowhere", "http://127.0.0.1:9443"])
def test_a_url_that_is_none_is_told_in_a_sentence(url: str) -> None:
    result = pitwire("call", "ping", url=url)
    assert result.returncode == 2
    assert url in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(application, "app", broken)
    with pytest.raises(ZeroDivisionError):
        application.main()
