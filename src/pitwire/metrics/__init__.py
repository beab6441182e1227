"""What is measured while it runs: latencies, counts, and when they are worth a word. No I/O but the exporter's.

`pitwire.metrics.serve(client)` exports them for Prometheus; the ready rules for alerts are in `pitwire.metrics.rules`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pitwire.metrics.exporter import ClientCollector as ClientCollector
    from pitwire.metrics.exporter import serve as serve

_EXPORTED: Final = frozenset({"ClientCollector", "serve"})


def __getattr__(name: str) -> object:
    if name not in _EXPORTED:
        raise AttributeError(f"module 'pitwire.metrics' has no attribute {name!r}")
    return getattr(import_module("pitwire.metrics.exporter"), name)
