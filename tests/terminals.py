"""A real terminal for tests: tmux, with a server of its own, and a screen that can be read."""

import os
import select
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

SHOWN_S_MAX = 40.0


class Terminal:
    """A command that runs in a terminal. `screen` is what it shows now."""

    def __init__(self, tmux: list[str], output: int) -> None:
        self._tmux = tmux
        self._output = output

    def screen(self) -> str:
        return self._run("capture-pane", "-p")

    def press(self, key: str) -> None:
        self._run("send-keys", key)

    def wait_for(self, *texts: str) -> str:
        """The screen, once it shows all of `texts`."""
        return self.wait_until(lambda screen: all(text in screen for text in texts), f"{texts} did not appear")

    def wait_until(self, is_shown: Callable[[str], bool], complaint: str) -> str:
        until_s = time.monotonic() + SHOWN_S_MAX
        while not is_shown(screen := self.screen()):
            if not select.select([self._output], [], [], max(0.0, until_s - time.monotonic()))[0]:
                pytest.fail(f"{complaint}:\n{screen}")
            os.read(self._output, 1 << 16)
        return screen

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True).stdout


@contextmanager
def terminal(*command: str, width: int = 110, height: int = 32) -> Iterator[Terminal]:
    """`command` in a terminal; what it ends with is shown as `exit CODE`. Skips where there is no tmux."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here: apt install tmux")
    with tempfile.TemporaryDirectory(prefix="tmux-") as folder:  # a socket's path has to be short
        tmux = ["tmux", "-S", f"{folder}/socket", "-f", os.devnull]
        pipe = f"{folder}/output"
        os.mkfifo(pipe)
        output = os.open(pipe, os.O_RDWR)  # never at its end, whoever writes to it
        script = f"trap : INT; {shlex.join(command)}; echo exit $?; exec cat"
        environment = os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        for name in ("COLUMNS", "LINES"):  # of whoever runs the tests; the terminal has a size of its own
            environment.pop(name, None)
        start = [*tmux, "-u", "new-session", "-d", "-x", str(width), "-y", str(height), f"sh -c {shlex.quote(script)}"]
        try:
            subprocess.run(start, check=True, env=environment)
            subprocess.run([*tmux, "pipe-pane", f"cat > {shlex.quote(pipe)}"], check=True)
            yield Terminal(tmux, output)
        finally:
            subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)
            os.close(output)
