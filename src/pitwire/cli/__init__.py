"""The command line: `pitwire exchange`, `keys`, `call`, `listen` and `demo`, one module each.

A command's module imports at its top only what `pitwire --help` needs; what the command runs on is imported when
it runs.
"""

from pitwire.cli.application import main

__all__ = ["main"]
