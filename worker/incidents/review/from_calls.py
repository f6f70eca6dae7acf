"""Who was told when, at which level, by which way, and why them."""

from collections.abc import Iterator

from worker.domain.page import LAST_RESORT
from worker.domain.response.entry import Entry
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.history import Told
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

_CALLS = TimelineSource.CALLS
# Entries that say whom an escalation told, or passed over.
CALLS = frozenset({"level-told", "level-skipped"})
_PAGES_FROM = 100_000


def call_events(known: KnownIncident) -> Iterator[TimelineEvent]:
    """The levels as they were told, then what each way answered."""
    yield from (_of_level(entry) for entry in known.entries if entry.kind in CALLS)
    for number, page in enumerate(known.pages):
        if page.at is not None:
            yield _of_page(_PAGES_FROM + number, page)


def _of_level(entry: Entry) -> TimelineEvent:
    level = entry.data.get("level")
    return TimelineEvent(
        at=entry.at,
        recorded_at=entry.recorded_at,
        source=_CALLS,
        seq=entry.seq,
        kind=entry.kind,
        actor=entry.actor.spoken,
        text=entry.text,
        data=entry.data,
        key=entry.kind == "level-told" and level not in {None, 1},
    )


def _of_page(number: int, page: Told) -> TimelineEvent:
    verb = "was told" if page.told else "could NOT be told"
    return TimelineEvent.model_validate(
        {
            "at": page.at,
            "recorded_at": page.at,
            "source": _CALLS,
            "seq": number,
            "kind": "told" if page.told else "not-told",
            "actor": "Tocsin",
            "text": f"{page.name} {verb} by {page.by}{spoken_level(page.level)}: {page.answer}. Why: {page.why}",
            "data": page.model_dump(mode="json", exclude={"at", "message"}),
        }
    )


def spoken_level(level: int | str) -> str:
    return ", as the last resort" if level == LAST_RESORT else f" (level {level})"
