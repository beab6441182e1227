"""What the exchange sends and the documentation does not know: noticed, counted, and let pass.

Decoding passes over fields that it does not know, so nothing fails when Binance adds one. So that somebody hears of it,
the first message of each type, and one in many after that, is looked at whole. Pure.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

LOOK_EVERY: Final = 256
"""So many messages of a kind pass between two that are looked at, which costs some 2 us."""
FIELDS_MAX: Final = 1_000
"""So many fields are told apart; what comes beyond that is only decoded."""

_decode: Final = msgspec.json.Decoder().decode


class Drift:
    """The fields that came and that no struct has, by type, and how often they were seen in what was looked at.

    `tell` is called the first time that a field is seen, with the type's and the field's name.
    """

    def __init__(self, tell: Callable[[str, str], object]) -> None:
        self._tell = tell
        self._fields: dict[type[Any], frozenset[str]] = {}
        self.unknown: dict[tuple[str, str], int] = {}
        """How often, by the type's and the field's name."""

    def by_field(self) -> dict[str, int]:
        """The same, by names as `TradeUpdate.Z`."""
        return {f"{kind}.{field}": count for (kind, field), count in self.unknown.items()}

    def look(self, event: Any, message: Any) -> None:
        """`message` was decoded to `event`: look at it whole."""
        try:
            raw = _decode(message) if isinstance(message, bytes | memoryview | msgspec.Raw) else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if isinstance(raw, dict):
            for envelope in ("data", "event", "result"):
                if envelope in raw:
                    self._compare(event, raw[envelope])
                    return
            self._compare(event, raw)

    def _compare(self, known: Any, raw: Any) -> None:
        if isinstance(known, tuple | list) and isinstance(raw, list):
            for each, its_raw in zip(known, raw, strict=False):
                self._compare(each, its_raw)
        elif isinstance(known, Struct) and isinstance(raw, dict):
            kind = known.__class__
            for name in raw.keys() - self._names(kind):
                self._seen(kind.__name__, name)
            for field in msgspec.structs.fields(kind):
                if field.encode_name in raw:
                    self._compare(getattr(known, field.name), raw[field.encode_name])

    def _names(self, kind: type[Struct]) -> frozenset[str]:
        names = self._fields.get(kind)
        if names is None:
            names = frozenset(field.encode_name for field in msgspec.structs.fields(kind))
            tag = kind.__struct_config__.tag_field
            self._fields[kind] = names = names | {tag} if tag else names
        return names

    def _seen(self, kind: str, field: str) -> None:
        place = kind, field
        count = self.unknown.get(place)
        if count is None:
            if len(self.unknown) >= FIELDS_MAX:
                return
            self._tell(kind, field)
        self.unknown[place] = (count or 0) + 1
