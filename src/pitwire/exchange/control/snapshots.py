"""Taking a snapshot now, so that the next start replays nothing that came before."""

from typing import Any

from starlette.routing import Route

from pitwire.exchange.control.application import route
from pitwire.exchange.control.desk import CONFLICT, UNAVAILABLE, Desk, Refused
from pitwire.exchange.log.state import SnapshotSchedule
from pitwire.exchange.messages import Tick


def routes(desk: Desk, schedule: SnapshotSchedule | None) -> list[Route]:
    """The routes of this module. Without a `schedule` everything is kept in memory."""

    async def take() -> dict[str, Any]:
        if schedule is None:
            raise Refused(CONFLICT, "this exchange keeps everything in memory: start it with --data-dir for snapshots")
        try:
            # A tick ends a batch, and between two batches the state may be saved.
            return {"sequence": await schedule.take(lambda: desk.execute(Tick()))}
        except OSError as error:
            raise Refused(UNAVAILABLE, f"the snapshot cannot be written: {error}; the log has everything") from error

    return [route("POST", "/snapshots", take)]
