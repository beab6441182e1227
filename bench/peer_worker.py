"""The process of one client under measurement: does what it is told on stdin, a JSON object a line, and answers.

    python -m bench.peer_worker CLIENT

A process of its own, so that what `getrusage` says is what this client costs, its threads included. What a client
prints goes to stderr.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

from bench.peer_clients import PEERS, Peer

IN_FLIGHT = 64
PHASE_S_MAX = 120.0


def cpu_us() -> float:
    """User and system CPU of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e6


class Stream:
    """How far the application has got in one stream."""

    def __init__(self) -> None:
        self.events = 0
        self.target = sys.maxsize
        self.reached = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def on_update(self, update_id: int) -> None:
        """An event came, maybe in a thread of the client's."""
        self.events += 1
        if update_id >= self.target:
            self.target = sys.maxsize
            self._loop.call_soon_threadsafe(self.reached.set)

    def until(self, update_id: int) -> None:
        self.events = 0
        self.reached.clear()
        self.target = update_id


async def round_trips(call: Callable[[], Awaitable[Any]], requests: int) -> dict[str, float]:
    """One request at a time: the median."""
    took = []
    for _ in range(requests):
        start = time.perf_counter_ns()
        await call()
        took.append(time.perf_counter_ns() - start)
    return {"p50_us": sorted(took)[len(took) // 2] / 1e3}


async def pipelined(call: Callable[[], Awaitable[Any]], requests: int) -> dict[str, float]:
    """Many in flight."""

    async def lane(count: int) -> None:
        for _ in range(count):
            await call()

    each = requests // IN_FLIGHT
    start_s, start_us = time.perf_counter(), cpu_us()
    await asyncio.gather(*(lane(each) for _ in range(IN_FLIGHT)))
    used_us, took_s = cpu_us() - start_us, time.perf_counter() - start_s
    return {"per_second": each * IN_FLIGHT / took_s, "cpu_us": used_us / (each * IN_FLIGHT)}


class Worker:
    """The client, and what it listens to."""

    def __init__(self, peer: type[Peer], answer: Callable[[Any], None]) -> None:
        self._type = peer
        self._peer: Peer
        self._answer = answer
        self._streams: dict[str, Stream] = {}

    async def obey(self, what: str, **terms: Any) -> Any:
        """Do one thing, and say how it went."""
        return await getattr(self, f"do_{what}")(**terms)

    async def do_open(self, world: dict[str, Any]) -> Any:
        self._peer = self._type(world)
        await self._peer.open()
        return {
            "version": self._peer.version,
            "request": self._peer.REQUEST,
            "order": self._peer.ORDER,
            "kinds": self._peer.KINDS,
            "python": sys.version.split()[0],
        }

    async def do_listen(self, kind: str) -> Any:
        stream = self._streams[kind] = Stream()
        await self._peer.listen(kind, stream.on_update)
        return {}

    async def do_round_trips(self, call: str, requests: int) -> Any:
        return await round_trips(getattr(self._peer, call), requests)

    async def do_pipelined(self, call: str, requests: int) -> Any:
        return await pipelined(getattr(self._peer, call), requests)

    async def do_take(self, kind: str, first_id: int, count: int) -> Any:
        """Take so many messages, which are sent once this has said that it is ready."""
        stream = self._streams[kind]
        stream.until(first_id + count - 1)
        start_s, start_us = time.perf_counter(), cpu_us()
        self._answer("ready")
        await stream.reached.wait()
        used_us, took_s = cpu_us() - start_us, time.perf_counter() - start_s
        return {"per_second": count / took_s, "cpu_us": used_us / count, "events": stream.events}


async def main(peer: type[Peer], out: TextIO) -> None:
    def answer(what: Any) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    loop = asyncio.get_running_loop()
    worker = Worker(peer, answer)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            async with asyncio.timeout(PHASE_S_MAX):
                answer({"done": await worker.obey(**json.loads(line))})
        except TimeoutError:
            answer({"failed": f"not done within {PHASE_S_MAX:.0f} s"})
        except Exception as error:
            answer({"failed": repr(error)})


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(PEERS[sys.argv[1]], answers))
    os._exit(0)  # some clients have threads that never end
