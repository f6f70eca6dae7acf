"""A moment that somebody from outside told us: within the years that every store and every clock of ours knows."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def _plausible(value: datetime) -> datetime:
    if value < _EARLIEST:
        raise ValueError(f"{value.isoformat()} lies before the year 2000")
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999, west of Greenwich
        raise ValueError(f"{value.isoformat()} lies after the year 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
