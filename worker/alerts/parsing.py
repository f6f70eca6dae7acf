"""Read a payload as the alerts of its format, as many as one call or message may carry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.alerts.fields import paragraphs
from worker.alerts.format import Format, Ignored
from worker.alerts.formats import FORMATS
from worker.alerts.reading import Reading
from worker.domain.event import TEXT_LIMIT, Event, Severity

# Ten times what anybody groups; a megabyte of empty alerts would keep a process busy for minutes.
ALERTS_LIMIT = 2_000
# Of more than these nobody looks for the worst: as many as the largest body holds of ordinary size.
_CONSIDERED = 20_000
_SEVERITY_FIELDS = ("severity", "priority", "urgency")
_STATE_FIELDS = ("status", "state", "type")


@dataclass(frozen=True, slots=True)
class LeftOut(Ignored):
    """So many alerts of one call or message are not read, since it carries too many."""

    count: int


def read_alerts(format_name: str, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """Of more alerts than are read, those that fire and are the worst, and a LeftOut; raises NotThisFormat."""
    format_read = FORMATS[format_name]
    many = payload.get("alerts") if isinstance(payload, Mapping) else payload
    if not isinstance(many, list) or len(many) <= ALERTS_LIMIT:
        return format_read.read(payload, reading.severities, reading.service_labels)
    kept = _most_important(many, format_read, reading)
    part = {**payload, "alerts": kept} if isinstance(payload, Mapping) else kept
    found = format_read.read(part, reading.severities, reading.service_labels)
    left_out = _left_out(len(many) - len(kept))
    return [*(_with_note(each, left_out.reason) for each in found), left_out]


def _left_out(count: int) -> LeftOut:
    more = "1 more alert of the same call was" if count == 1 else f"{count:,} more alerts of the same call were"
    look = "look at the sender for all of them, and let it send fewer at once (max_alerts)"
    return LeftOut(f"{more} left out by Tocsin, which reads {ALERTS_LIMIT:,} of one; {look}.", count)


def _with_note(found: Event | Ignored, note: str) -> Event | Ignored:
    if isinstance(found, Ignored):
        return found
    said = found.description[: TEXT_LIMIT - len(note) - 2]
    return found.model_copy(update={"description": paragraphs((said, note))})


def _most_important(alerts: Sequence[object], read_as: Format, reading: Reading) -> list[object]:
    """In the order in which they came."""
    words = read_as.severity_words(reading.severities)
    known: dict[str, Severity | None] = {}

    def rank(alert: object) -> tuple[bool, int]:
        for said in _said(alert, _SEVERITY_FIELDS):
            if (word := said[:100]) not in known:
                known[word] = words.find(word)
            if known[word] is not None:
                return _has_ended(alert), int(known[word] or 0)
        return _has_ended(alert), Severity.MEDIUM

    ranked = sorted((rank(alert), place) for place, alert in enumerate(alerts[:_CONSIDERED]))
    return [alerts[place] for place in sorted(place for _, place in ranked[:ALERTS_LIMIT])]


def _has_ended(alert: object) -> bool:
    return any(said[-20:].lower().endswith(("resolved", "resolve")) for said in _said(alert, _STATE_FIELDS))


def _said(alert: object, fields: Sequence[str]) -> Iterator[str]:
    """What stands in these fields, of the alert itself and of the parts in which formats keep them."""
    if not isinstance(alert, Mapping):
        return
    parts = (alert, *(alert.get(name) for name in ("labels", "annotations", "data", "payload")))
    for part in parts:
        if isinstance(part, Mapping):
            yield from (str(part[name]) for name in fields if isinstance(part.get(name), str | int))
