"""What is known of an incident's launch, as the command line and the intake show it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field, ValidationError, computed_field

from worker.domain.alert_summary import AlertSummary
from worker.domain.event import Event
from worker.domain.page import Page
from worker.domain.states import LaunchState, StepState
from worker.incidents.response import ShownEntry, ShownResponse


class StepHistory(BaseModel, frozen=True):
    """One step, or one part of a fan (`assign:ada-contoso-example`)."""

    name: str
    state: StepState
    attempt: int = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    result: dict[str, Any] | None = None
    made: str = Field(default="", description="What it made, in a few words for people.")
    error: str | None = None
    permanent: bool = Field(default=False, description="Trying again does not mend its error.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds(self) -> float | None:
        if self.begun_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.begun_at) / timedelta(seconds=1), 3)


class Told(Page, frozen=True):
    """One person by one way, and when the way answered."""

    at: datetime | None = None


class AttemptOutcome(StrEnum):
    """What an attempt came to, and so what was done with its message."""

    LAUNCHED = "launched"  # completed
    AGAIN = "again"  # kept, or sent anew for later
    FAILED = "failed"  # dead-lettered


class Attempt(BaseModel, frozen=True):
    """One attempt at the launch that came to its end; one that was killed leaves none."""

    number: int
    worker: str
    began_at: datetime
    ended_at: datetime
    outcome: AttemptOutcome
    because: str = ""


class Acknowledged(BaseModel, frozen=True):
    """Somebody who was told and says that they have it."""

    by: str
    at: datetime


class History(BaseModel, frozen=True):
    """One incident: what came in, how far its launch is, and what each step made."""

    incident_id: str
    key: str
    state: LaunchState
    event: Event
    received_at: datetime
    first_attempt_at: datetime
    launched_at: datetime | None = None
    told_at: datetime | None = Field(default=None, description="When the first person was told.")
    attempts: int = 1
    failure: str | None = None
    next_try_at: datetime | None = Field(default=None, description="Where the launch waits to be tried again.")
    steps: tuple[StepHistory, ...] = ()
    alerts: AlertSummary | None = Field(default=None, description="All of them, where there are more than the first.")
    acknowledged: tuple[Acknowledged, ...] = Field(default=(), description="Who says that they have it, and when.")
    response: ShownResponse | None = Field(default=None, description="How the response stands, once it has begun.")
    entries: tuple[ShownEntry, ...] = Field(default=(), description="What happened to it, as it was recorded.")
    later_steps: tuple[StepHistory, ...] = Field(default=(), exclude=True, description="Of what follows from entries.")

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the launch is tried any more, unless somebody replays it."""
        return self.launched_at is not None or self.state in {LaunchState.LAUNCHED, LaunchState.FAILED}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def told(self) -> tuple[Told, ...]:
        """Who was to be told by which way, and what the way answered, in the order in which they did."""
        pages = {
            (page.person, page.by, page.why): page
            for step in (*self.steps, *self.later_steps)
            for page in _pages_of(step)
        }
        return tuple(sorted(pages.values(), key=lambda page: (page.at is None, page.at)))

    def step(self, name: str) -> StepHistory:
        return next((step for step in self.steps if step.name == name), StepHistory(name=name, state=StepState.WAITING))


def _pages_of(step: StepHistory) -> Iterator[Told]:
    result = step.result or {}
    for page in result.get("pages", (result,)):
        try:
            yield Told.model_validate({**page, "at": step.ended_at})
        except ValidationError:
            continue  # what another kind of step came to
