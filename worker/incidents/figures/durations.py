"""How long each part of an incident took: from which time to which, and what may be said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.domain.response.entry import Entry
from worker.domain.response.response import TimeValue
from worker.domain.response.state import ResponseState
from worker.incidents.figures.known_incident import KnownIncident


@dataclass(frozen=True, slots=True)
class Duration:
    """`measure` gives None where an end is not known, or where the two stand in the wrong order."""

    name: str
    title: str
    span: str
    caveat: str
    measure: Callable[[KnownIncident], timedelta | None]


def durations_of(known: KnownIncident) -> Mapping[str, timedelta | None]:
    """Of all that are measured, by name."""
    return {each.name: each.measure(known) for each in DURATIONS}


def acknowledgement(known: KnownIncident) -> Entry | None:
    """The first one, where a person made it: what alerts, programs or the clock did is no answer of anybody."""
    first = next((entry for at, state, entry in known.changes_of_state() if state is ResponseState.ACKNOWLEDGED), None)
    return first if first is not None and first.actor.is_human else None


def acknowledged_at_level(known: KnownIncident) -> int | str | None:
    """The last level that had been told by then; None where nobody acknowledged, or no level was told."""
    answer = acknowledgement(known)
    if answer is None:
        return None
    told = [entry for entry in known.entries if entry.kind == "level-told" and entry.seq < answer.seq]
    level = told[-1].data.get("level") if told else None
    return level if isinstance(level, int | str) else None


def _between(first: str, last: str) -> Callable[[KnownIncident], timedelta | None]:
    def measure(known: KnownIncident) -> timedelta | None:
        return _span(_time(known, first), _time(known, last))

    return measure


def _time_to_detect(known: KnownIncident) -> timedelta | None:
    return _span(_time(known, "occurred_at"), _time(known, "first_known_at"))


def _time_to_tell(known: KnownIncident) -> timedelta | None:
    return _span(known.history.received_at, known.told_at)


def _time_to_acknowledge(known: KnownIncident) -> timedelta | None:
    answer = acknowledgement(known)
    return _span(known.told_at, answer.at) if answer is not None else None


def _in_pain_until(last: str) -> Callable[[KnownIncident], timedelta | None]:
    """An incident that was reopened counts once, with all the time that it hurt: from each beginning to its end."""

    def measure(known: KnownIncident) -> timedelta | None:
        earlier, began = _spells(known)
        spell = _span(began, _time(known, last))
        return None if spell is None else earlier + spell

    return measure


def _spells(known: KnownIncident) -> tuple[timedelta, datetime]:
    """How long it hurt before it was last reopened, and when it began to hurt this time."""
    began = _time(known, "occurred_at") or known.history.received_at
    earlier, ended = timedelta(), None
    for at, state, entry in known.changes_of_state():
        if state is ResponseState.RESOLVED:
            ended = at
        elif state is ResponseState.OPEN and ended is not None:
            # It may have been corrected before it was reopened.
            earlier += max((_former(entry, "resolved_at") or ended) - began, timedelta())
            began, ended = at, None
    return earlier, began


def _former(entry: Entry, name: str) -> datetime | None:
    """A time of the end that the entry took back."""
    former = (entry.data.get("former") or {}).get(name)
    return TimeValue.model_validate(former).value if former else None


def _time(known: KnownIncident, name: str) -> datetime | None:
    found = known.times.get(name)
    return found.value if found is not None else None


def _span(first: datetime | None, last: datetime | None) -> timedelta | None:
    if first is None or last is None or last < first:
        return None
    return last - first


DURATIONS = (
    Duration(
        "time_to_detect",
        "time to detect",
        "occurred → first known",
        "only where somebody said when it began",
        _time_to_detect,
    ),
    Duration(
        "time_to_receive",
        "time to receive",
        "first known → received",
        "how long people hesitated, or systems were silent",
        _between("first_known_at", "received_at"),
    ),
    Duration("time_to_launch", "time to launch", "received → launched", "", _between("received_at", "launched_at")),
    Duration("time_to_tell", "time to tell", "received → first person told", "", _time_to_tell),
    Duration(
        "time_to_acknowledge",
        "time to acknowledge",
        "told → first acknowledgement",
        "by people alone",
        _time_to_acknowledge,
    ),
    Duration(
        "time_to_mitigate",
        "time to mitigate",
        "occurred, else received → mitigated",
        "what users feel; with the earlier times of what was reopened",
        _in_pain_until("mitigated_at"),
    ),
    Duration(
        "time_to_resolve",
        "time to resolve",
        "occurred, else received → resolved",
        "depends on when people say so; with the earlier times of what was reopened",
        _in_pain_until("resolved_at"),
    ),
)
