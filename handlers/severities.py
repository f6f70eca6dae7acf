"""A severity in words, and that it is only assumed where the sender's own word for it could not be read."""

from handlers.sanitizing import cut, harmless
from worker.domain.event import Event, Severity


def spoken(severity: Severity) -> str:
    return f"{severity.value} ({severity.label})"


def explained(severity: Severity) -> str:
    """With what it is given for."""
    return f"{spoken(severity)}: {severity.meaning}"


def assumed(event: Event, limit: int) -> str:
    """Behind the severity; `limit`: how many characters of the sender's word are shown."""
    word = harmless(cut(event.unread_severity, limit))
    return f", assumed: nobody here knows “{word}”, which TOCSIN_SEVERITIES can explain" if word else ""
