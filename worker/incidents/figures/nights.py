"""Whom incidents woke: pages by the hour of each person's own day."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo

from pydantic import BaseModel, Field

# From ten in the evening to seven in the morning.
_NIGHT_BEGINS, _NIGHT_ENDS = 22, 7
_HOURS = 24


class Nights(BaseModel, frozen=True):
    """`by_hour`: how many pages came in each hour of whoever was told, from midnight on.

    `interrupted`: nights of one person in which at least one came, of which each counts once.
    """

    interrupted: int
    people: int = Field(description="How many different people those nights were.")
    pages: int
    by_hour: tuple[int, ...]
    in_utc: int = Field(description="Pages of people of whom no zone is known: their hours are those of UTC.")


def nights_of(pages: Iterable[tuple[str, datetime]], zone_of: Callable[[str], tzinfo | None], utc: tzinfo) -> Nights:
    """`pages`: who was told when; the same person at the same moment by several ways is one."""
    distinct = dict.fromkeys(pages)
    zones = {person: zone_of(person) for person, _ in distinct}
    shown = [(person, at.astimezone(zones[person] or utc)) for person, at in distinct]
    hours = Counter(at.hour for _, at in shown)
    nights = {(person, night) for person, at in shown if (night := _night(at)) is not None}
    return Nights(
        interrupted=len(nights),
        people=len({person for person, _ in nights}),
        pages=len(shown),
        by_hour=tuple(hours[hour] for hour in range(_HOURS)),
        in_utc=sum(zones[person] is None for person, _ in shown),
    )


def _night(at: datetime) -> str | None:
    """By the day on which it began; None of a page by day."""
    if _NIGHT_ENDS <= at.hour < _NIGHT_BEGINS:
        return None
    began = at if at.hour >= _NIGHT_BEGINS else at - timedelta(days=1)
    return f"{began:%Y-%m-%d}"
