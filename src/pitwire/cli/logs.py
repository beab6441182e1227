"""Where a command's log goes: to stderr, so that stdout keeps what was asked for."""

import logging
import sys
from typing import Any


def log_to_stderr(level: str) -> Any:
    """Log from `level` (debug, info, warning, error) on, one line an event; the logger."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=False),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger("pitwire")
