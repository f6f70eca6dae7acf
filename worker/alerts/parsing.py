"""Read a payload as the alerts of its format, as many as one call or message may carry."""

from collections.abc import Sequence

from worker.alerts import alert_limit
from worker.alerts.detection import detect
from worker.alerts.fields import paragraphs
from worker.alerts.format import Ignored, LeftOut, NotThisFormat, up_to_limit
from worker.alerts.formats import known_formats, native
from worker.alerts.reading import Reading
from worker.alerts.unmeasured import LOW_CONFIDENCE
from worker.domain.event import LEFT_OUT_LIMIT, TEXT_LIMIT, Event
from worker.domain.text import cut
from worker.domain.validation import Fault


def read_alerts(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """As many as are read of one call, and if there are more, a LeftOut; raises NotThisFormat.

    Without a name, each is read as what it bears the mark of.
    """
    found = _read(format_name, payload, reading)
    count = sum(each.count for each in found if isinstance(each, LeftOut))
    if not count:
        return found
    left_out = LeftOut.of(count)
    return [*(_with_note(each, left_out) for each in found if not isinstance(each, LeftOut)), left_out]


def _read(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """A list is read part by part, but by formats that have lists of their own."""
    formats = known_formats(reading.house)
    name = format_name or detect(payload, formats)
    if not isinstance(payload, list) or not payload or (name and formats[name].mark.in_lists):
        return _read_one(name, payload, reading)
    words = formats[name or native.NAME].severity_words(reading.severities)
    parts, count = alert_limit.within_limit(payload, words.find)
    found = up_to_limit(lambda part, place: _part(name, part, place, reading), parts)
    return [*found, LeftOut.of(count)] if count else found


def _part(format_name: str | None, part: object, place: int, reading: Reading) -> Sequence[Event | Ignored]:
    try:
        return _read_one(format_name or detect(part, known_formats(reading.house)), part, reading)
    except NotThisFormat as refusal:
        faults = [Fault(f"{place}.{fault.field}", fault.message) for fault in refusal.faults]
        raise NotThisFormat(refusal.format_name, faults) from None


def _read_one(format_name: str | None, payload: object, reading: Reading) -> Sequence[Event | Ignored]:
    """What bears no mark of any format is refused with what an event of ours needs."""
    format_read = known_formats(reading.house)[format_name or native.NAME]
    found = format_read.read(payload, reading.severities, reading.service_labels)
    if format_name is None:
        raise NotThisFormat(native.NAME, [Fault("title", "is required")])
    return found


def _with_note(found: Event | Ignored, left_out: LeftOut) -> Event | Ignored:
    """Before what may be long and is cut on a card, and behind how far the alert can be believed."""
    if isinstance(found, Ignored):
        return found
    first, _, rest = found.description.partition("\n\n")
    note = left_out.reason
    said = (first, note, rest) if first.startswith(LOW_CONFIDENCE) else (note, found.description)
    count = min(found.left_out + left_out.count, LEFT_OUT_LIMIT)
    return found.model_copy(update={"description": cut(TEXT_LIMIT)(paragraphs(said)), "left_out": count})
