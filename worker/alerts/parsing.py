"""Read a payload as the alerts of its format, as many as one call or message may carry."""

from collections.abc import Mapping, Sequence
from itertools import chain

from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS, native
from worker.alerts.severities import Severities
from worker.domain.event import Event
from worker.domain.validation import Fault

# Ten times what anybody groups; a megabyte of empty alerts would keep a process busy for minutes.
ALERTS_LIMIT = 2_000


def read_alerts(format_name: str | None, payload: object, severities: Severities) -> Sequence[Event | Ignored]:
    """A list is read part by part, also where each part is of a format of its own; without a name, by their marks.

    Raises NotThisFormat, naming the field.
    """
    many = payload.get("alerts") if isinstance(payload, Mapping) else payload
    if isinstance(many, list) and len(many) > ALERTS_LIMIT:
        fault = Fault("body" if many is payload else "alerts", f"has more than {ALERTS_LIMIT:,} alerts")
        raise NotThisFormat(format_name or native.NAME, [fault])
    if isinstance(payload, list) and payload and not (format_name and FORMATS[format_name].mark.in_lists):
        parts = (_part(format_name, part, place, severities) for place, part in enumerate(payload))
        return list(chain.from_iterable(parts))
    return _read(format_name, payload, severities)


def _part(format_name: str | None, part: object, place: int, severities: Severities) -> Sequence[Event | Ignored]:
    try:
        return _read(format_name, part, severities)
    except NotThisFormat as refusal:
        faults = [Fault(f"{place}.{fault.field}", fault.message) for fault in refusal.faults]
        raise NotThisFormat(refusal.format_name, faults) from None


def _read(format_name: str | None, payload: object, severities: Severities) -> Sequence[Event | Ignored]:
    """What bears no mark of any format is refused with what an event of ours needs."""
    if name := format_name or detect(payload):
        return FORMATS[name].read(payload, severities)
    FORMATS[native.NAME].read(payload, severities)
    raise NotThisFormat(native.NAME, [Fault("title", "is required")])
