"""A moment at which something is to happen to an incident, unless it was overtaken."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class TimerKind(StrEnum):
    ESCALATION = "escalation"  # the next level, or the time to answer has passed
    ANSWER = "answer"  # a third of the time to give a sign of life is left
    LAUNCH = "launch"  # whether the launch has told those whom it looked up
    UPDATE = "update"  # a promised update is due soon, or overdue
    ROLE = "role"  # somebody was given a role and has not confirmed it
    IMPACT = "impact"  # nobody has said whom it hurts
    SCRIBE = "scribe"  # nobody writes down what happens
    SHIFT = "shift"  # the shift of somebody with a role ends
    REVIEW = "review"  # the review is to be written
    ARCHIVE = "archive"  # the channel of a closed incident is archived
    EFFECTS = "effects"  # effects that failed for now are tried again


class Timer(BaseModel, frozen=True):
    """In the state of an incident: `epoch` rises whenever this kind is set or taken back, so an older one is known.

    `due_at` by the broker's clock; None while nothing is awaited. `about` says which of several, as a role's key.
    """

    epoch: int = 0
    due_at: datetime | None = None
    about: str = ""


class Due(BaseModel, frozen=True):
    """In a message: what falls due, as it was known when the message was scheduled."""

    kind: TimerKind
    epoch: int = Field(ge=0)
    due_at: datetime
