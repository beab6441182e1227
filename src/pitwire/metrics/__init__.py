"""What is measured while it runs: latencies, counts, and when they are worth a word. No I/O but the exporter's."""
