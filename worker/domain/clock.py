"""This machine's clock, beside the one that an answer tells by its `Date` header."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Signatures and tokens of another time are refused from five minutes on; the header counts whole seconds.
_DOUBTFUL_FROM = timedelta(minutes=4)


def lead(headers: Mapping[str, str]) -> timedelta | None:
    """How far whoever answered just now is ahead of this machine; None where the header is not there, or no date."""
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)


def doubt(headers: Mapping[str, str]) -> str:
    """To be added to the sentence of a refusal, with a space before it, where the clock alone may be its reason."""
    ahead = lead(headers)
    if ahead is None or abs(ahead) < _DOUBTFUL_FROM:
        return ""
    return f" {wrong_by(ahead)}, and for that alone signatures and tokens are refused: synchronise it first."


def wrong_by(ahead: timedelta) -> str:
    which = "behind" if ahead > timedelta() else "ahead of"
    return f"This machine's clock is {abs(ahead).total_seconds():.0f} s {which} that of the service"
