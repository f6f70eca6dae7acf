"""Times as Graph writes them: UTC, milliseconds, a Z at the end."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)
