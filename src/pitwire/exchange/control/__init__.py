"""What an operator does to a running exchange, over HTTP: `/control`. All but faults are commands in the log."""

from pitwire.exchange.control import accounts, faults, keys, snapshots, symbols

__all__ = ["accounts", "faults", "keys", "snapshots", "symbols"]
