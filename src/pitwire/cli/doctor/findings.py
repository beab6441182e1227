"""What the doctor has found, and how it is told."""

from enum import StrEnum

from msgspec import Struct
from rich.table import Table
from rich.text import Text


class Verdict(StrEnum):
    """How it stands with one thing."""

    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"


class Finding(Struct, frozen=True):
    """One thing that was tried. `remedy` says what to mend where there is something to."""

    verdict: Verdict
    name: str
    text: str
    remedy: str = ""


COLORS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red", Verdict.SKIP: "grey62"}


def line(finding: Finding) -> Table:
    """The finding, on a line, and its remedy below it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=4)
    table.add_column(width=15)
    table.add_column(overflow="fold")
    table.add_row(Text(finding.verdict.value, COLORS[finding.verdict]), Text(finding.name), Text(finding.text))
    if finding.remedy:
        table.add_row("", "", Text(f"→ {finding.remedy}", "yellow"))
    return table


def summary(findings: list[Finding]) -> Text:
    """How many there are of each verdict."""
    counts = [(verdict, sum(each.verdict is verdict for each in findings)) for verdict in Verdict]
    words = [(f"{count} {verdict.value}", COLORS[verdict]) for verdict, count in counts if count]
    return Text("  ").join(Text(*each) for each in words)
