"""What an operator does to a running exchange, over HTTP: `/control`. Every change is a command in the log."""

from pitwire.exchange.control import accounts, keys, snapshots, symbols

__all__ = ["accounts", "keys", "snapshots", "symbols"]
