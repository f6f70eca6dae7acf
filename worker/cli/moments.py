"""A moment or a duration as a person writes it on the command line."""

import re
from datetime import UTC, datetime, timedelta

import typer

# How it can be written, for the help of an option.
WAYS = "30m, 2h or 1d ago, or a moment such as 2026-03-02T09:05"

_DURATION = re.compile(r"(?P<number>\d{1,6})\s*(?P<unit>[smhdw])", re.IGNORECASE)
_AGO = re.compile(r"\s*ago$", re.IGNORECASE)
# No calendar reaches back for as long as six digits of weeks.
_LONGEST = timedelta(days=36_525)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_duration(text: str) -> timedelta:
    """`7d` is seven days; the units go from seconds to weeks. Raises typer.BadParameter, for an option's parser."""
    if (duration := _duration(text.strip())) is None:
        raise typer.BadParameter(f"{text!r} is no duration: write 30m, 24h or 7d")
    if duration > _LONGEST:
        raise typer.BadParameter(f"{text!r} is longer than a hundred years: write 30m, 24h or 7d")
    return duration


def read_minutes(text: str) -> int:
    """A duration of whole minutes, one at the least. Raises typer.BadParameter."""
    minutes = read_duration(text) // timedelta(minutes=1)
    if minutes < 1:
        raise typer.BadParameter(f"{text!r} is shorter than a minute: write 30m, 24h or 7d")
    return minutes


def read_length_or_none(text: str) -> int | None:
    """The minutes of a duration; None of what is none, such as a moment. Raises typer.BadParameter."""
    return None if _duration(text.strip()) is None else read_minutes(text)


def read_moment(text: str, now: datetime) -> datetime:
    """`2h` is two hours ago; else a moment in ISO 8601, by this machine's clock unless it names a zone.

    Raises ValueError with a sentence.
    """
    try:
        if (ago := _duration(_AGO.sub("", text.strip()))) is not None:
            return now - ago
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is neither a time ago such as 30m, 2h or 1d nor a moment such as 2026-03-02T09:05"
        ) from None


def read_moment_option(text: str | None, option: str) -> datetime | None:
    """None where the option is not given; what cannot be read is wrong use of it."""
    try:
        return None if text is None else read_moment(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[match["unit"].lower()]: int(match["number"])}) if match else None
