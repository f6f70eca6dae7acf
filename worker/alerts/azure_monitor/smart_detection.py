"""Smart Detection: what rose or fell and by how much, in the fields that each detector has of its own."""

from collections.abc import Iterator, Mapping

from worker.alerts.azure_monitor.payload import Alert, squeezed
from worker.alerts.azure_monitor.spelling import lines, minute, name_of, nested, said
from worker.alerts.fields import scalars
from worker.domain.text import clean_line

_SUMMARY = "detectionsummary"
_OCCURRED = {"formattedoccurrencetime", "formattedoccurencetime"}  # Azure writes the second as well
_UNTOLD = {_SUMMARY, *_OCCURRED, "smartdetectorname", "analysistimestamp", "condition", "properties"}
# In the order in which a person asks: of what, how much, against what; the rest after it.
_FIRST = ("affecteditems", "operation", "request", "dependency", "detected", "normal", "failed", "affected")
_ITEMS = ("affecteditems", "operationname", "requestname", "dependencyname", "pagename")
_NAMED = 5


def affected_items(alert: Alert) -> list[str]:
    """Operations, pages and dependencies that the detector names."""
    if not alert.is_smart_detection:
        return []
    found = [_names(value) for name, value in (alert.context_as_sent or {}).items() if squeezed(name) in _ITEMS]
    return [name for names in found for name in names][:_NAMED]


def told_of_detection(alert: Alert) -> Iterator[str]:
    context = alert.context_as_sent or {}
    yield from (value for name, value in scalars(context).items() if squeezed(name) == _SUMMARY)
    ordered = dict(sorted(context.items(), key=lambda named: _place(squeezed(named[0]))))
    yield from lines(ordered, without=_UNTOLD)
    occurred = (minute(value) for name, value in scalars(context).items() if squeezed(name) in _OCCURRED)
    yield from (f"Occurred: {moment}" for moment in occurred if moment)


def _place(key: str) -> int:
    return next((place for place, begin in enumerate(_FIRST) if key.startswith(begin)), len(_FIRST))


def _names(value: object) -> list[str]:
    value = nested(value)
    values = value[:_NAMED] if isinstance(value, list) else [value]
    named = (name_of(each) if isinstance(each, Mapping) else said(each) for each in values)
    return [name for name in map(clean_line, named) if name]
