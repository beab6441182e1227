"""The demo's screen: a picture of the state as it is, drawn anew a few times a second. Nothing here waits or asks."""

from decimal import Decimal

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pitwire.cli.demo.session import Session
from pitwire.market.enums import Side
from pitwire.protocol.results import PriceLevel

BUY, SELL = "green", "red"
DIM, FRAME = "grey62", "grey37"
BAR_CELLS = 14
WIDTH, HEIGHT = 110, 36
"""What the screen is drawn for; a smaller terminal cuts the lower rows of its panels."""


def draw(session: Session) -> RenderableType:
    """The whole screen."""
    layout = Layout()
    layout.split_column(Layout(_headline(session), size=3), Layout(name="body"), Layout(_footer(session), size=1))
    layout["body"].split_row(Layout(name="left", ratio=5), Layout(name="right", ratio=6))
    layout["left"].split_column(Layout(_book(session), size=2 * 10 + 3), Layout(_balances(session)))
    layout["right"].split_column(
        Layout(_orders(session), size=6),
        Layout(_fills(session), ratio=1),
        Layout(_trades(session), ratio=1),
        Layout(_latencies(session), size=9),
    )
    return layout


def plain(value: Decimal, places: int = 2) -> str:
    """With thousands separators and `places` decimals: `61,234.50`."""
    return f"{value:,.{places}f}"


def milliseconds(us: int) -> str:
    """`0.42 ms`."""
    return f"{us / 1000:.2f} ms"


def _headline(session: Session) -> RenderableType:
    mid = plain(session.mid) if session.mid is not None else "no price yet"
    left = Text.assemble((session.symbol, "bold"), "  ", (mid, "bold yellow"), "   ", (session.market_name, DIM))
    ends = f" of {session.duration_s:g} s" if session.duration_s is not None else ", Ctrl-C ends"
    row = Table.grid(expand=True)
    row.add_column()
    row.add_column(justify="right")
    row.add_row(left, Text(f"{session.elapsed_s:.0f} s{ends}", DIM))
    return Panel(row, title="[bold]pitwire demo", title_align="left", border_style="cyan")


def _book(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column(width=BAR_CELLS, no_wrap=True)
    book = session.watcher.book
    if book is None:
        return Panel(Text("waiting for the book", DIM), title="book", border_style=FRAME)
    shown = [*book.asks[:10], *book.bids[:10]]
    largest = max((level.quantity for level in shown), default=Decimal(1))
    ours = {order.price for order in session.trader.orders.values()}
    for level in reversed(book.asks[:10]):
        table.add_row(*_level(level, SELL, largest, level.price in ours))
    spread = plain(book.asks[0].price - book.bids[0].price) if book.asks and book.bids else "-"
    table.add_row(Text(f"spread {spread}", DIM), "", "")
    for level in book.bids[:10]:
        table.add_row(*_level(level, BUY, largest, level.price in ours))
    return Panel(table, title="book", title_align="left", border_style=FRAME)


def _level(level: PriceLevel, color: str, largest: Decimal, ours: bool) -> tuple[Text, Text, Text]:
    cells = max(1, int(BAR_CELLS * level.quantity / largest))
    price = Text(plain(level.price), f"bold {color}" if ours else color)
    if ours:
        price = Text.assemble(("● ", "yellow"), price)
    return price, Text(plain(level.quantity, 5)), Text("━" * cells, color)


def _orders(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    for order in list(session.trader.orders.values())[:4]:
        color = BUY if order.side is Side.BUY else SELL
        quantity = plain(session.plan.quantity, 5)
        table.add_row(Text(order.side.value, color), plain(order.price), quantity, Text(order.client_order_id, DIM))
    if not session.trader.orders:
        table.add_row(Text("none open at the moment", DIM))
    return Panel(table, title="the trader's orders", title_align="left", border_style="yellow")


def _fills(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    for fill in reversed(list(session.trader.fills)[-8:]):
        color = BUY if fill.side is Side.BUY else SELL
        table.add_row(
            Text(f"{fill.side.value} filled", color),
            plain(fill.last_price),
            plain(fill.last_executed, 5),
            Text(f"trade {fill.trade_id}", DIM),
        )
    if not session.trader.fills:
        table.add_row(Text("none yet: the queue is served in order of arrival", DIM))
    return Panel(table, title="the trader's fills", title_align="left", border_style="yellow")


def _trades(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    for trade in reversed(session.watcher.trades[-8:]):
        # The buyer was the maker: a seller took.
        color = SELL if trade.is_buyer_maker else BUY
        table.add_row(Text(plain(trade.price), color), plain(trade.qty, 5), Text(f"trade {trade.id}", DIM))
    if not session.watcher.trades:
        table.add_row(Text("none yet", DIM))
    return Panel(table, title="trades of the market", title_align="left", border_style=FRAME)


def _balances(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    account = session.watcher.balances
    table.add_row(Text("asset", DIM), Text("free", DIM), Text("in orders", DIM))
    for balance in account.balances if account is not None else ():
        if balance.asset in session.assets:
            table.add_row(balance.asset, plain(balance.free, 5), plain(balance.locked, 5))
    if session.mid is not None:
        profit = session.trader.tally.profit(session.mid)
        position = session.trader.tally.position
        table.add_row("bought - sold", plain(position, 5), Text(session.assets[0], DIM))
        table.add_row("profit", Text(plain(profit, 4), BUY if profit >= 0 else SELL), Text(session.assets[1], DIM))
    return Panel(table, title="balances of alice", title_align="left", border_style="yellow")


def _latencies(session: Session) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column()
    for _ in range(3):
        table.add_column(justify="right")
    table.add_row(*(Text(title, DIM) for title in ("request", "answered", "p50", "p99")))
    for method, latencies in sorted(session.trader.tally.latencies.items()):
        p50, p99 = latencies.percentile_us(50), latencies.percentile_us(99)
        table.add_row(method, f"{latencies.count:,}", milliseconds(p50), milliseconds(p99))
    return Panel(Group(table), title="round trips", title_align="left", border_style="cyan")


def _footer(session: Session) -> RenderableType:
    tally = session.trader.tally
    return Text(
        f" {tally.placed} placed · {tally.canceled} canceled · {tally.fills} fills · {tally.refused} refused · "
        f"{tally.answered + tally.refused} of {tally.answered + tally.refused + tally.unknown} requests matched",
        DIM,
    )
