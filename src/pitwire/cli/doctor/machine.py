"""What the machine itself has to offer: the event loop, and a place for the journal."""

import platform
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pitwire.cli.doctor.findings import Finding, Verdict


def machine(journal: Path | None) -> Iterator[Finding]:
    """The event loop, and the journal where there is to be one."""
    name = f"Python {platform.python_version()}"
    if find_spec("uvloop") is None:
        yield Finding(Verdict.WARN, "event loop", f"{name} without uvloop", 'pip install "pitwire[fast]" is faster')
    else:
        yield Finding(Verdict.PASS, "event loop", f"{name} with uvloop")
    if journal is not None:
        yield _journal(journal)


def _journal(journal: Path) -> Finding:
    if journal.is_dir():
        return Finding(Verdict.FAIL, "journal", f"{journal} is a directory", "name a file in it")
    try:
        with tempfile.NamedTemporaryFile(dir=journal.parent, prefix=".pitwire-doctor-"):
            pass
        if journal.exists():
            with journal.open("r+b"):
                pass
    except OSError as error:
        remedy = "make the directory, or let this user write there"
        return Finding(Verdict.FAIL, "journal", f"{journal}: {error.strerror}", remedy)
    return Finding(Verdict.PASS, "journal", f"{journal.parent} can be written to")
