"""A fixed piece of plain Python, to compare runs by: a machine's speed varies, and more so when others use it."""

import time


def reference_us(rounds: int = 100_000) -> float:
    """Microseconds of CPU for a round of plain Python: an object made, found again and let go."""
    found: dict[int, list[int]] = {}
    begin = time.process_time()
    for number in range(rounds):
        key = number & 1023
        kept = found.get(key)
        found[key] = [number, number * 3 // 7] if kept is None or kept[0] & 1 else [kept[1], number]
    return (time.process_time() - begin) / rounds * 1e6
