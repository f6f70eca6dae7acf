"""Our own event."""

from collections.abc import Sequence

from pydantic import ValidationError

from worker.alert_format import Ignored, NotThisFormat
from worker.alert_severities import UNCHANGED, Severities
from worker.incident import Event

NAME = "native"


def parse(payload: object, severities: Severities = UNCHANGED) -> Sequence[Event | Ignored]:  # noqa: ARG001
    try:
        return [Event.model_validate(payload)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None
