"""Times as monitoring systems write them: seven digits of a second, seconds or milliseconds since 1970, no zone."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter, WrapValidator

from worker.alerts.fields import else_nothing
from worker.domain.event import Moment

_ANY_DATETIME: TypeAdapter[datetime] = TypeAdapter(datetime)


def _in_utc(value: object) -> object:
    """These systems keep their time in UTC, also where they do not say so."""
    if not isinstance(value, str):
        return value
    moment = _ANY_DATETIME.validate_python(value.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# Nothing where it makes no sense; the year 1, by which Go's programs say that there is none, makes none either.
AlertMoment = Annotated[Moment | None, BeforeValidator(_in_utc), WrapValidator(else_nothing)]
_ALERT_MOMENT: TypeAdapter[datetime | None] = TypeAdapter(AlertMoment)


def moment(value: object) -> datetime | None:
    return _ALERT_MOMENT.validate_python(value)
