"""Moments and durations as the review tells them: UTC, and the time of the service's own people beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TwoClocks:
    """The local one is left out where it is UTC."""

    zone: tzinfo

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(UTC):%Y-%m-%d}"

    def time(self, at: datetime) -> str:
        """Of a line under its day: `08:04:12 (10:04 CEST)`, with the local day where that is another one."""
        utc, local = at.astimezone(UTC), at.astimezone(self.zone)
        shown = f"{utc:%H:%M:%S}"
        if local.utcoffset() == timedelta() and local.tzname() == "UTC":
            return shown
        other_day = f"{local:%Y-%m-%d} " if local.date() != utc.date() else ""
        return f"{shown} ({other_day}{local:%H:%M %Z})"

    def moment(self, at: datetime) -> str:
        return f"{self.day(at)} {self.time(at)}"


def spelled(took: float | None) -> str:
    """Of seconds; what is not known is said."""
    if took is None:
        return "not known"
    duration = timedelta(seconds=took)
    if duration < _MINUTE:
        return f"{took:.1f} s"
    if duration < _HOUR:
        return f"{duration // _MINUTE} min {(duration % _MINUTE).seconds:02} s"
    if duration < _DAY:
        return f"{duration // _HOUR} h {(duration % _HOUR) // _MINUTE:02} min"
    return f"{duration // _DAY} d {(duration % _DAY) // _HOUR} h"
