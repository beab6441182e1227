"""The command `pitwire`: its subcommands, and how an error leaves it."""

import sys

import typer

from pitwire.cli import call, control, demo, doctor, exchange, keys, listen, record, top
from pitwire.cli.failures import explain

app = typer.Typer(
    name="pitwire",
    help="Both ends of Binance's WebSocket API: a client to trade with, and a local exchange that answers it.\n\n"
    "New here? [bold]pitwire demo[/bold] shows a market and a trader, live. Then, in two terminals:\n\n"
    "    pitwire exchange --ephemeral\n\n"
    "    pitwire call order.place symbol=BTCUSDT side=BUY type=MARKET quantity=0.01",
    epilog="Nothing here talks to Binance unless --url says so.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("exchange")(exchange.command)
app.command("keys")(keys.command)
app.command("call")(call.command)
app.command("listen")(listen.command)
app.command("record")(record.command)
app.command("demo")(demo.command)
app.command("top")(top.command)
app.command("doctor")(doctor.command)
app.add_typer(control.app, name="control")


def main() -> None:
    """Run the command line and exit: 0 done, 1 it could not be done, 2 it was asked for wrongly.

    What a user can cause and mend is told in a sentence; anything else is a bug, and keeps its traceback.
    """
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone (`pitwire listen | head`): nobody is left to tell.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        typer.secho(f"pitwire: {sentence}", err=True, fg=typer.colors.RED if sys.stderr.isatty() else None)
        sys.exit(1)
