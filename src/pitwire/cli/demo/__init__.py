"""`pitwire demo`: an exchange, a market, a trader and a screen to watch them, all in one process.

The trader and the screen are ordinary clients: they know the exchange by its URL alone.
"""

from pitwire.cli.demo.command import command

__all__ = ["command"]
