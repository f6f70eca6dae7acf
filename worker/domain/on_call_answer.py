"""The answer to who is on call as programs read it, by command and over HTTP; fields may be added."""

from pydantic import BaseModel, ConfigDict, Field

_INSTANT = "An instant in UTC, to the minute."


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    person: str = Field(description="What the definitions call them, or their address.")
    name: str
    email: str | None = Field(description="Null of whom nothing says how to reach them.")


class PersonOnCall(_Named):
    """Somebody who is on call, the first is primary."""

    role: str = Field(default="", description="Of their row of the on-call table.")
    schedule: str = Field(default="", description="By which they are; empty of a row of the on-call table.")
    why: str
    until: str | None = Field(description=f"{_INSTANT} Null where no end is seen for a year.")


class PersonNext(_Named):
    """Somebody who is on call next, when the list changes and names somebody."""

    since: str = Field(alias="from", description=_INSTANT)


class OnCallAnswer(BaseModel, frozen=True):
    """Who answers for a service at an instant, who does next, and what whoever asks should know."""

    service: str
    at: str = Field(description=_INSTANT)
    on_call: tuple[PersonOnCall, ...]
    next: tuple[PersonNext, ...]
    from_default: bool = Field(description="Whether nobody is on call for the service itself.")
    note: str
