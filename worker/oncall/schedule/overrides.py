"""Exceptions for a time: one person covers, stands in for another, or is added; a swap is two that belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.oncall.schedule.moments import Moment


class Kind(StrEnum):
    COVER = "cover"
    REPLACE = "replace"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Override:
    """`replaces` is whom a REPLACE stands in for. `swap` is the name that both halves of a swap share, `id` their own.

    `key` is the row it stands in, empty for one of a file; `created_at` is an instant in ISO 8601, for people.
    """

    kind: Kind
    person: str
    start: Moment
    end: Moment
    replaces: str = ""
    swap: str = ""
    reason: str = ""
    created_by: str = ""
    created_at: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One person on call, and what put them there: a layer's turn, or an override, the last one that touched it."""

    person: str
    layer: int = -1
    behind: int = 0
    began: int | None = None
    override: Override | None = None


def apply(override: Override, places: Sequence[Place]) -> list[Place]:
    """Whoever stands there already is named once, at the better place."""
    placed = Place(override.person, override=override)
    match override.kind:
        case Kind.COVER:
            return [placed]
        case Kind.ADD:
            return each_once([*places, placed])
        case Kind.REPLACE:
            return each_once([placed if place.person == override.replaces else place for place in places])


def each_once(places: Sequence[Place]) -> list[Place]:
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.person, place)
    return list(first.values())
