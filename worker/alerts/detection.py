"""Which format a payload is of, by the marks that its senders never leave out."""

from worker.alerts.format import recognised
from worker.alerts.formats import FORMATS

_MARKS = (f"{each.mark.looked_for} ({each.name})" for each in FORMATS.values())
LOOKED_FOR = f"Looked for {', '.join(_MARKS)}."


def detect(payload: object) -> str | None:
    """The name of the format; None for one that bears none of the marks in LOOKED_FOR."""
    found = recognised(payload, FORMATS.values())
    return found.name if found else None
