"""Times as monitoring systems write them: seven digits of a second, any unit of it since 1970, no zone."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter, WrapValidator

from worker.alerts.fields import else_nothing
from worker.domain.moment import Moment

# Seconds and milliseconds are told apart by whoever reads a date; these are of the years 1973 to 5138.
_UNITS = ((10**17, 10**9), (10**14, 10**6))
_DIGITS = re.compile(r"[0-9]{15,19}")
_ANY_DATETIME: TypeAdapter[datetime] = TypeAdapter(datetime)


def _in_utc(value: object) -> object:
    """These systems keep their time in UTC, also where they do not say so."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, int | float):
        return next((value / unit for least, unit in _UNITS if value >= least), value)
    if not isinstance(value, str):
        return value
    moment = _ANY_DATETIME.validate_python(value.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# Nothing where it makes no sense; the year 1, by which Go's programs say that there is none, makes none either.
AlertMoment = Annotated[Moment | None, BeforeValidator(_in_utc), WrapValidator(else_nothing)]
_ALERT_MOMENT: TypeAdapter[datetime | None] = TypeAdapter(AlertMoment)


def moment(value: object) -> datetime | None:
    return _ALERT_MOMENT.validate_python(value)
