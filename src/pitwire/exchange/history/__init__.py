"""The history of finished orders and trades in an SQLite database, written beside the hot path."""
