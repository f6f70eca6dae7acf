"""How long something took, as a person reads it."""

from datetime import timedelta

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def spell(duration: timedelta) -> str:
    """A duration as people say it, precise while it is short."""
    if duration < _MINUTE:
        return f"{duration.total_seconds():.2f} s"
    if duration < _HOUR:
        return f"{duration // _MINUTE} min {(duration % _MINUTE).seconds:02} s"
    return f"{duration // _HOUR} h {(duration % _HOUR) // _MINUTE:02} min"
