"""Why a level is told, as a clause for whoever is told."""

from collections.abc import Callable, Iterable

from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.state import Cause, Place, Why
from worker.oncall.schedule.wall_clock import DAY, Minute

NameOf = Callable[[str], str]
"""From a person as definitions name them to what people call them."""

_NAMED = 3
_HOUR = 60
_UNITS = (("day", DAY), ("hour", _HOUR), ("minute", 1))


def place_words(place: Place) -> str:
    if place.is_last_resort:
        return "last resort"
    return f"level {place.level}" if place.round == 1 else f"round {place.round}, level {place.level}"


def role_in_walk(place: Place) -> str:
    """What comes after `you are`, for whoever is told."""
    if place.is_last_resort:
        return "the last resort"
    return f"level {place.level}" if place.round == 1 else f"level {place.level}, in round {place.round},"


def because(told: Notification, name_of: NameOf) -> str:
    """What comes after `because`: "Ada has not answered for 5 minutes"."""
    clause = _clause(told.cause, told, name_of)
    return f"{clause}; it was held until the policy's hours began" if told.cause.was_held else clause


def _clause(cause: Cause, told: Notification, name_of: NameOf) -> str:
    people = listed(map(name_of, cause.people))
    has = "have" if len(cause.people) > 1 else "has"
    clauses = {
        Why.OPENED: "it was opened",
        Why.UNANSWERED: f"{people or 'nobody'} {has} not answered for {spoken(cause.minutes)}",
        Why.NOBODY_NAMED: "; ".join(told.vacancies) or "no level names anybody",
        Why.COVERED: "a level names somebody again",
        Why.ESCALATED: f"{people} escalated it" if people else "it was escalated by hand",
        Why.TIMED_OUT: f"{people or 'the owner'} {has} given no sign of life for {spoken(cause.minutes)}",
        Why.HANDED_BACK: f"{people} handed it back" if people else "it was handed back",
        Why.RELAPSED: f"{people} said that it is back" if people else "it is back",
        Why.REOPENED: f"{people} reopened it" if people else "it was reopened",
        Why.UNTOLD: f"{people or 'nobody of the level before'} could not be told",
        Why.WORSENED: f"{people} made it severity {told.severity}" if people else f"it is severity {told.severity} now",
    }
    return clauses[cause.why]


def listed(words: Iterable[str]) -> str:
    """`Ada, Ben and Cem`; of many the first three, and how many more."""
    all_words = list(words)
    shown = all_words[:_NAMED]
    if more := len(all_words) - len(shown):
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def spoken(minutes: Minute) -> str:
    """`5 minutes`, `2 hours`: in the largest unit that leaves nothing over."""
    name, unit = next((name, unit) for name, unit in _UNITS if minutes % unit == 0)
    count = minutes // unit
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
