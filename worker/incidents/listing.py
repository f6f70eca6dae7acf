"""One incident as a list tells it."""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, computed_field

from worker.domain.event import Severity
from worker.domain.response.response import Response
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import History
from worker.incidents.response import ShownResponse, listed_response
from worker.incidents.step_rows import rows


class MissingStep(BaseModel, frozen=True):
    step: str
    state: StepState


class ListedIncident(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added; `missing` are the steps that are not done.

    `state` is the launch's; `response` says how that stands, and is null where none has begun.
    """

    incident_id: str
    key: str
    state: LaunchState
    title: str
    severity: Severity
    service: str
    received_at: datetime
    first_attempt_at: datetime
    launched_at: datetime | None
    attempts: int
    failure: str | None
    missing: tuple[MissingStep, ...]
    response: ShownResponse | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds(self) -> float | None:
        """From the receipt to the end of the launch."""
        took = self.took
        return None if took is None else round(took / timedelta(seconds=1), 3)

    @property
    def took(self) -> timedelta | None:
        return None if self.launched_at is None else max(self.launched_at - self.received_at, timedelta())


def listed(history: History, response: Response | None = None) -> ListedIncident:
    event = history.event
    return ListedIncident(
        incident_id=history.incident_id,
        key=history.key,
        state=history.state,
        title=event.shown_title,
        severity=event.severity,
        service=event.service,
        received_at=history.received_at,
        first_attempt_at=history.first_attempt_at,
        launched_at=history.launched_at,
        attempts=history.attempts,
        failure=history.failure,
        missing=_missing(history),
        response=listed_response(response, history.launched_at) if response is not None else None,
    )


def _missing(history: History) -> tuple[MissingStep, ...]:
    if history.launched_at is not None:
        return ()
    steps = (row for row in rows(history, datetime.now(UTC)) if not row.is_part)
    return tuple(MissingStep(step=row.name, state=row.state) for row in steps if row.state is not StepState.DONE)
