"""What all feeds have in common."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pitwire.market.enums import TimeUnit

Content = Callable[[TimeUnit], Any]
"""A payload in a time unit, to be made right away or never: it may read what it tells when it is called."""


class Feed:
    """What one stream tells, while somebody listens to it.

    It *observes* events of its symbol, and is asked to *take* what there is to tell: in real time after every record
    that had such an event, otherwise at the stream's update speed.
    """

    observes: ClassVar[tuple[type, ...]] = ()

    def observe(self, event: Any, time_us: int) -> None:
        """An event of a type in `observes`, of the stream's symbol, is being told; all projections have it already."""

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """What is to be told now, in order. `fresh`: somebody has begun to listen since the last time."""
        raise NotImplementedError

    def due_us(self, now_us: int) -> int | None:
        """When there may be something to tell at the earliest, if nothing is observed until then; `None`: never."""
        return now_us
