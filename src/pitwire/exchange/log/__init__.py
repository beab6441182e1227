"""The command log's adapters: in memory, and in files."""
