"""How many new incidents a sender may open in a time, as `30/10m`."""

import re
from dataclasses import dataclass
from datetime import timedelta

from worker.domain.text import quoted

_RATE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,3})?([smhd])")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class SenderRate:
    count: int
    per: timedelta

    def __str__(self) -> str:
        return f"{self.count} in {self.per}"


def read_rate(text: str) -> SenderRate:
    """Raises ValueError."""
    if not (read := _RATE.fullmatch("".join(text.casefold().split()))):
        raise ValueError(f"must be a number in a time, as 30/10m or 500/h (s, m, h, d); not so: {quoted(text)!r}")
    return SenderRate(int(read[1]), int(read[2] or 1) * _UNITS[read[3]])
