"""The option `--market`: who trades when no user does, and where recordings of real markets are found."""

import os
from pathlib import Path

import typer

MARKET_HELP = (
    "Who trades besides you: [bold]synthetic[/bold], a seeded random market; [bold]recorded:FILE[,FILE][/bold], "
    "recordings of Binance Spot played as they happened; or [bold]none[/bold], an empty book."
)


def checked(market: str) -> str:
    """`market` as it is given to the exchange; raises `typer.BadParameter` when it names no market or no file."""
    kind, colon, files = market.partition(":")
    if kind in {"none", "synthetic"} and not colon:
        return market
    if kind != "recorded":
        raise typer.BadParameter(f"{market!r} is no market: say synthetic, recorded:FILE[,FILE] or none")
    if not files:
        raise typer.BadParameter("recorded needs a file: recorded:btcusdt_20240808.gz")
    for name in files.split(","):
        if not Path(name).is_file():
            raise typer.BadParameter(f"there is no recording {name!r} (in {Path.cwd()})")
    return market


def found_recordings() -> list[Path]:
    """The recordings in the folder PITWIRE_RECORDINGS, or else beside this checkout; empty where there are none."""
    named = os.environ.get("PITWIRE_RECORDINGS")
    checkout = Path(__file__).resolve().parents[3]
    folder = Path(named) if named else checkout.parent / "shared" / "data" / "binance-spot"
    return sorted(folder.glob("*.gz")) if folder.is_dir() else []


def recorded_or_synthetic() -> str:
    """The most real market that this machine can play."""
    recordings = found_recordings()
    return "recorded:" + ",".join(map(str, recordings)) if recordings else "synthetic"
