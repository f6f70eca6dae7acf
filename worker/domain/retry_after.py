"""How long a server asks to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A server that asks for more patience than this is asked again then; nobody waits for days on one header.
_LONGEST_PATIENCE = timedelta(hours=1)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The patience the server asks for, in seconds or as a date; None when it asks for none that can be read."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        wait = _seconds(value) if value[0].isdigit() else _until(value)
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST_PATIENCE)


def _seconds(number: str) -> timedelta:
    return timedelta(seconds=min(float(number), _LONGEST_PATIENCE.total_seconds()))


def _until(date: str) -> timedelta:
    moment = parsedate_to_datetime(date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
