"""Read a payload as the alerts of its format, as many as one call or message may carry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from worker.alerts.detection import detect
from worker.alerts.fields import paragraphs
from worker.alerts.format import Format, Ignored, NotThisFormat
from worker.alerts.formats import FORMATS, native
from worker.alerts.reading import Reading
from worker.domain.event import TEXT_LIMIT, Event, Severity
from worker.domain.validation import Fault

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


def read_alerts(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """Of more alerts than are read, those that fire and are the worst, and a LeftOut; raises NotThisFormat.

    Without a name, each is read as what it bears the mark of.
    """
    many = payload.get("alerts") if isinstance(payload, Mapping) else payload
    if not isinstance(many, list) or len(many) <= ALERTS_LIMIT:
        return _read(format_name, payload, reading)
    kept = _most_important(many, FORMATS[format_name or native.NAME], reading)
    part = {**payload, "alerts": kept} if isinstance(payload, Mapping) else kept
    left_out = _left_out(len(many) - len(kept))
    return [*(_with_note(each, left_out.reason) for each in _read(format_name, part, reading)), left_out]


def _read(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """A list is read part by part, but by formats that have lists of their own."""
    name = format_name or detect(payload)
    if not isinstance(payload, list) or not payload or (name and FORMATS[name].mark.in_lists):
        return _read_one(name, payload, reading)
    return list(chain.from_iterable(_part(name, part, place, reading) for place, part in enumerate(payload)))


def _part(format_name: str | None, part: object, place: int, reading: Reading) -> Sequence[Event | Ignored]:
    try:
        return _read_one(format_name or detect(part), part, reading)
    except NotThisFormat as refusal:
        faults = [Fault(f"{place}.{fault.field}", fault.message) for fault in refusal.faults]
        raise NotThisFormat(refusal.format_name, faults) from None


def _read_one(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """What bears no mark of any format is refused with what an event of ours needs."""
    found = FORMATS[format_name or native.NAME].read(payload, reading.severities, reading.service_labels)
    if format_name is None:
        raise NotThisFormat(native.NAME, [Fault("title", "is required")])
    return found


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
