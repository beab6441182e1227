"""What an exporter says at /metrics: a local exchange's, or that of a client in another process."""

from typing import Final
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from prometheus_client.parser import text_string_to_metric_families

BYTES_MAX: Final = 4 * 1024 * 1024
ANSWER_S_MAX: Final = 2.0

SHOWN: Final = (
    ("pitwire_connections", "connections"),
    ("pitwire_stream_receivers", "stream subscriptions"),
    ("pitwire_open_orders", "open orders"),
    ("pitwire_sequence_total", "records in the log"),
    ("pitwire_commands_waiting", "commands waiting"),
    ("pitwire_requests_total", "requests answered"),
    ("pitwire_requests_over_limit_total", "refused for a limit"),
    ("pitwire_halted", "halted"),
    ("pitwire_client_connected", "clients connected"),
    ("pitwire_client_requests_in_flight", "requests in flight"),
    ("pitwire_client_requests_waiting", "waiting for limits"),
    ("pitwire_client_request_seconds_count", "requests answered"),
    ("pitwire_client_failures_total", "requests failed"),
    ("pitwire_client_reconnects_total", "reconnects"),
    ("pitwire_client_events_total", "user data events"),
    ("pitwire_client_events_queued", "events queued"),
    ("pitwire_client_gaps_total", "gaps"),
    ("pitwire_client_outcomes_unknown", "outcomes unknown"),
    ("pitwire_streams_listened", "streams listened to"),
    ("pitwire_streams_reconnects_total", "reconnects of streams"),
    ("pitwire_streams_gaps_total", "gaps in streams"),
    ("pitwire_streams_dropped_total", "stream events dropped"),
    ("pitwire_streams_queued", "stream events queued"),
)
"""The samples that are shown, summed over their labels, and what they are called."""


def read(url: str) -> dict[str, float] | str:
    """The sums by name, or why there are none. Blocks for some seconds at most."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ANSWER_S_MAX) as response:
            text = response.read(BYTES_MAX).decode("utf-8", "replace")
        sums: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    except (URLError, OSError, ValueError) as error:
        return f"{getattr(error, 'reason', error)}"
    return {name: sums[name] for name, _ in SHOWN if name in sums}
