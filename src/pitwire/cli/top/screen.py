"""The screen of `pitwire top`: a picture of the state as it is. Nothing here waits or asks."""

from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import pitwire
from pitwire.cli.top.exported import SHOWN
from pitwire.cli.top.watch import Watch
from pitwire.metrics.snapshot import ClientSnapshot, Latencies

GOOD, BAD, DIM, FRAME = "green", "bold red", "grey62", "grey37"
WIDTH, HEIGHT = 110, 30
"""What the screen is drawn for; a smaller terminal cuts the lower rows of its panels."""
NEARLY_USED = 0.8


def draw(watch: Watch) -> RenderableType:
    """The whole screen."""
    snapshot = watch.client.metrics.snapshot()
    layout = Layout()
    layout.split_column(Layout(_headline(watch, snapshot), size=3), Layout(name="body"), Layout(_alerts(watch), size=4))
    layout["body"].split_row(Layout(name="left"), Layout(name="right"))
    layout["left"].split_column(
        Layout(_latencies(snapshot), ratio=3),
        Layout(_limits(snapshot), size=6),
        Layout(_connection(snapshot), ratio=3),
    )
    layout["right"].split_column(
        Layout(_market(watch), size=5),
        Layout(_streams(watch), size=5),
        Layout(_events(watch), ratio=5),
        Layout(_exporter(watch), ratio=8),
    )
    return layout


def line(watch: Watch) -> str:
    """The least of it, where there is no screen."""
    snapshot = watch.client.metrics.snapshot()
    ping = snapshot.requests.get("ping")
    p50 = f"{ping.p50_us / 1000:.2f} ms" if ping is not None else "-"
    return (
        f"{watch.elapsed_s:5.0f} s  {'connected' if snapshot.is_connected else 'NOT CONNECTED'}  ping p50 {p50}  "
        f"weight {snapshot.weight_share:.1%}  reconnects {snapshot.connections.reconnects}  "
        f"events {snapshot.user_data.events}"
    )


def _headline(watch: Watch, snapshot: ClientSnapshot) -> RenderableType:
    state = ("● connected", GOOD) if snapshot.is_connected else ("● not connected", BAD)
    row = Table.grid(expand=True)
    row.add_column()
    row.add_column(justify="right")
    row.add_row(Text.assemble(state, "  ", (snapshot.url, DIM)), Text(f"{watch.elapsed_s:.0f} s, Ctrl-C ends", DIM))
    return Panel(row, title="[bold]pitwire top", title_align="left", border_style="cyan")


def _latencies(snapshot: ClientSnapshot) -> RenderableType:
    table = _table(4, 7)
    table.add_row(*(Text(title, DIM) for title in ("round trips, ms", "count", "p50", "p99", "max")))
    for method, each in sorted(snapshot.requests.items()):
        table.add_row(method, *_figures(each))
    if snapshot.event_delays.count:
        table.add_row(Text("events to handler", DIM), *_figures(snapshot.event_delays))
    return Panel(table, title="latency", title_align="left", border_style=FRAME)


def _figures(latencies: Latencies) -> list[str]:
    percentiles = (latencies.p50_us, latencies.p99_us, latencies.max_us)
    return [f"{latencies.count:,}", *(f"{us / 1000:.2f}" for us in percentiles)]


def _limits(snapshot: ClientSnapshot) -> RenderableType:
    table = _table(1)
    for each in snapshot.limits:
        name = "weight" if each.type == "REQUEST_WEIGHT" else "orders"
        used = f"{each.used:,} of {each.limit:,}  {each.share:6.1%}"
        table.add_row(f"{name} in {each.interval_s:,} s", Text(used, BAD if each.share > NEARLY_USED else GOOD))
    if not snapshot.limits:
        table.add_row(Text("not known yet", DIM))
    return Panel(table, title="limits", title_align="left", border_style=FRAME)


def _connection(snapshot: ClientSnapshot) -> RenderableType:
    connections, clock, data = snapshot.connections, snapshot.clock, snapshot.user_data
    table = _table(1)
    table.add_row("connections", f"{connections.ready} of {connections.wanted}")
    table.add_row("reconnects, renewals", f"{connections.reconnects}, {connections.rotations}")
    table.add_row("gaps in user data", f"{data.gaps} ({data.gap_ms / 1000:.1f} s)")
    table.add_row("requests in flight", f"{connections.in_flight}")
    table.add_row("events queued", f"{data.queued}")
    table.add_row("outcomes unknown", f"{snapshot.unknown.open}")
    offset = f"{clock.offset_us / 1000:+.2f} ± {clock.error_us / 1000:.2f} ms" if clock.is_measured else "not known"
    table.add_row("the server's clock", offset)
    return Panel(table, title="connection", title_align="left", border_style=FRAME)


def _market(watch: Watch) -> RenderableType:
    table: RenderableType
    top = watch.top
    if watch.failure:
        table = Text(watch.failure, BAD)
    elif top is None:
        table = Text("waiting for the book", DIM)
    else:
        table = _table(2)
        table.add_row("ask", Text(_plain(top.ask_price), "red"), _plain(top.ask_qty))
        table.add_row("bid", Text(_plain(top.bid_price), "green"), _plain(top.bid_qty))
        if watch.open_orders is not None:
            table.add_row(Text("your open orders", DIM), str(watch.open_orders), "")
    return Panel(table, title=f"top of the book, {watch.symbol}", title_align="left", border_style=FRAME)


def _streams(watch: Watch) -> RenderableType:
    table: RenderableType
    if isinstance(watch.streams, str):
        table = Text(watch.streams, BAD)
    else:
        table = _table(1)
        snapshot = watch.streams.metrics.snapshot()
        connections, ages = snapshot.connections, snapshot.ages
        state = f"{connections.ready} of {connections.wanted}, {connections.reconnects}, {connections.rotations}"
        table.add_row("connections, reconnects, renewals", state)
        table.add_row("gaps, events dropped, queued", f"{snapshot.gaps:,}, {snapshot.dropped:,}, {snapshot.waiting:,}")
        age = f"{ages.p50_us / 1000:.1f}, {ages.p99_us / 1000:.1f} ms" if ages.count else "not known"
        table.add_row("how old events are, p50, p99", age)
    return Panel(table, title="market streams", title_align="left", border_style=FRAME)


def _events(watch: Watch) -> RenderableType:
    lines = [_event(each) for each in reversed(watch.events)]
    if not lines:
        words = "none yet" if watch.has_key else "none without a key: --key-file and --api-key"
        lines = [Text(words, DIM)]
    return Panel(Group(*lines), title="user data", title_align="left", border_style="yellow")


def _event(event: Any) -> Text:
    match event:
        case pitwire.ExecutionReport():
            traded = event.execution_type == "TRADE"
            quantity = _plain(event.last_executed if traded else event.quantity)
            price = event.last_price if traded else event.price
            at = f"@ {_plain(price)}" if price else "at the market"
            words = f"{event.side} {event.symbol} {event.execution_type} {quantity} {at}"
            return Text(words, "green" if event.side == "BUY" else "red", no_wrap=True)
        case pitwire.OutboundAccountPosition():
            held = ", ".join(f"{each.asset} {_plain(each.free)}" for each in event.balances)
            return Text(f"balance {held}", no_wrap=True)
        case pitwire.SubscriptionRestored():
            return Text(f"a gap of {event.gap_ms / 1000:.1f} s", BAD)
    return Text(type(event).__name__)


def _exporter(watch: Watch) -> RenderableType:
    table: RenderableType
    if watch.exporter is None:
        table = Text("none: name one with --metrics URL", DIM)
    elif isinstance(watch.metrics, str):
        table = Text(f"{watch.exporter}: {watch.metrics}", DIM)
    else:
        table = _table(1)
        for name, title in SHOWN:
            if name in watch.metrics:
                table.add_row(title, f"{watch.metrics[name]:,.0f}")
    return Panel(table, title="/metrics", title_align="left", border_style=FRAME)


def _alerts(watch: Watch) -> RenderableType:
    firing = watch.firing
    newest = [Text(str(alert), BAD if alert.is_firing else DIM) for alert in reversed(watch.alerts)]
    if not firing:
        newest.insert(0, Text("nothing to worry about", GOOD))
    return Panel(Group(*newest[:2]), title="alerts", title_align="left", border_style="red" if firing else FRAME)


def _table(figures: int, width: int | None = None) -> Table:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(ratio=1, no_wrap=True)
    for _ in range(figures):
        table.add_column(justify="right", no_wrap=True, width=width)
    return table


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"
