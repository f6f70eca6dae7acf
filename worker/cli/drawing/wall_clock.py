"""Moments as people are told them: by this machine's clock, or in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class WallClock:
    utc: bool = False

    def told(self, moment: datetime) -> str:
        """With the zone, since who reads it may sit in another one."""
        return moment.astimezone(UTC if self.utc else None).strftime("%Y-%m-%d %H:%M:%S %Z")

    def time_of_day(self, moment: datetime) -> str:
        return moment.astimezone(UTC if self.utc else None).strftime("%H:%M:%S %Z")


LOCAL = WallClock()


def ago(duration: timedelta) -> str:
    """As roughly as people say it: `3 min`, `5 h`, `12 d`."""
    for name, unit in _UNITS:
        if duration >= unit:
            return f"{duration // unit} {name}"
    return f"{max(duration, timedelta()) // timedelta(seconds=1)} s"
