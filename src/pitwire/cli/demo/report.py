"""What the demo says in words: a line now and then where there is no screen, and a summary at the end."""

from rich.console import Console
from rich.table import Table

from pitwire.cli.demo.screen import milliseconds, plain
from pitwire.cli.demo.session import Session


def line(session: Session) -> str:
    """How it stands, in one line."""
    tally = session.trader.tally
    book = session.watcher.book
    touch = (
        f"{plain(book.bids[0].price)} / {plain(book.asks[0].price)}" if session.mid is not None and book else "no price"
    )
    place = tally.latencies.get("order.place")
    p50 = f", order.place p50 {milliseconds(place.percentile_us(50))}" if place is not None else ""
    return (
        f"{session.elapsed_s:5.0f} s  {session.symbol} {touch}, {session.watcher.last_trade_id} trades; "
        f"{tally.placed} orders placed, {tally.canceled} canceled, {tally.fills} fills{p50}"
    )


def as_dict(session: Session) -> dict[str, object]:
    """The summary for another program. Latencies in microseconds, money as text."""
    tally = session.trader.tally
    return {
        "symbol": session.symbol,
        "market": session.market_name,
        "durationSeconds": round(session.elapsed_s, 3),
        "marketTrades": session.watcher.last_trade_id,
        "requests": {"answered": tally.answered, "refused": tally.refused, "unknown": tally.unknown},
        "orders": {"placed": tally.placed, "canceled": tally.canceled, "fills": tally.fills},
        "volume": f"{tally.volume:f}",
        "position": f"{tally.position:f}",
        "profit": f"{tally.profit(session.mid):f}" if session.mid is not None else None,
        "latencies": {
            method: {"count": samples.count, "p50Us": samples.percentile_us(50), "p99Us": samples.percentile_us(99)}
            for method, samples in sorted(tally.latencies.items())
        },
    }


def summary(session: Session, console: Console) -> None:
    """Print what was done."""
    tally = session.trader.tally
    base, quote = session.assets
    answered = tally.answered + tally.refused
    console.print(f"\n[bold]{session.symbol}, {session.market_name}, {session.elapsed_s:.1f} s[/bold]")
    console.print(f"  market    {session.watcher.last_trade_id:,} trades")
    console.print(
        f"  orders    {tally.placed:,} placed, {tally.canceled:,} canceled, {tally.fills:,} fills "
        f"for {plain(tally.volume)} {quote}"
    )
    console.print(
        f"  requests  {answered:,} of {answered + tally.unknown:,} matched to their response, "
        f"{tally.refused:,} of them refused"
    )
    if session.mid is not None:
        console.print(
            f"  result    {plain(tally.profit(session.mid), 4)} {quote} after commission, "
            f"holding {plain(tally.position, 5)} {base}"
        )
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("round trips")
    for title in ("answered", "p50", "p99"):
        table.add_column(title, justify="right")
    for method, samples in sorted(tally.latencies.items()):
        percentiles = (milliseconds(samples.percentile_us(percent)) for percent in (50, 99))
        table.add_row(method, f"{samples.count:,}", *percentiles)
    console.print()
    console.print(table)
