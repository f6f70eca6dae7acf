"""Read a payload as the alerts of its format, as many as one call or message may carry."""

from collections.abc import Mapping, Sequence

from worker.alerts.format import Format, Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.alerts.severities import Severities
from worker.domain.event import Event
from worker.domain.validation import Fault

# Ten times what anybody groups; a megabyte of empty alerts would keep a process busy for minutes.
ALERTS_LIMIT = 2_000


def read_alerts(
    format_name: str, payload: object, severities: Severities, formats: Mapping[str, Format] = FORMATS
) -> Sequence[Event | Ignored]:
    """Raises NotThisFormat, naming the field."""
    many = payload.get("alerts") if isinstance(payload, Mapping) else payload
    if isinstance(many, list) and len(many) > ALERTS_LIMIT:
        fault = Fault("body" if many is payload else "alerts", f"has more than {ALERTS_LIMIT:,} alerts")
        raise NotThisFormat(format_name, [fault])
    return formats[format_name].read(payload, severities)
