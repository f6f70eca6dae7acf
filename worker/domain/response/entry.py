"""One line of an incident's log: what happened, when, who, from where, what follows; never overwritten."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

from worker.domain.response.act import Act
from worker.domain.response.actor import Actor, Source


class TellKind(StrEnum):
    PAGE = "page"  # that they are needed, by the ways of the severity
    NOTICE = "notice"  # that something is so, quietly


class Tell(BaseModel, frozen=True):
    """One person to be told because of an entry, as they were known then: a retry tells the same ones.

    `person` is what the definitions call them, else their address. `why` is a sentence for them. `phone` and `paging`
    are as they were typed. `by`: one way alone, as `sms` or `webhook:pager`; empty for the person's own.
    """

    person: str
    name: str
    kind: TellKind = TellKind.PAGE
    why: str
    level: int | Literal["last-resort"] | None = None
    round: int = 0
    email: str = ""
    object_id: str | None = None
    phone: str = ""
    paging: str = ""
    by: str = ""


class Say(BaseModel, frozen=True):
    """A short message in the channel because of an entry. `text` is plain; `mentions` are called by it, behind it.

    `to_mentioned`: what is said to them alone, behind the text; not where the entry calls them there by itself.
    `topic`: a message of this topic that stands already is edited instead of being followed by another one.
    `urgent`: it is a notification that stands out. `question`: the act that answers it, for a button.
    """

    text: str
    mentions: tuple[Tell, ...] = ()
    to_mentioned: str = ""
    topic: str = ""
    urgent: bool = False
    question: str = ""
    audience: str = "internal"


class Onward(BaseModel, frozen=True):
    """What another incident is to know because of an entry: an act of workers on it."""

    incident_id: str
    act: Act


class Entry(BaseModel, frozen=True):
    """`at`: when it happened; `recorded_at`: when it was written, by the broker's clock. `text` is one sentence.

    `sets` are the fields of the state that it changes, as JSON: the state is the fold of all entries.
    `tells`, `says`, `comments` are what follows from it: people told, messages in the channel, a comment on the work
    item. `joins`: who is to be in the team because of it. `does`: other effects by name, as `archive` or `snapshot`.
    `onward`: what is recorded of it at other incidents.
    `severity`, `state`: how it stood behind the entry, so that its effects say the same in every attempt.
    """

    seq: int = Field(ge=1)
    at: datetime
    recorded_at: datetime
    kind: str
    actor: Actor
    source: Source
    text: str
    data: dict[str, Any] = Field(default_factory=dict)
    act_id: str = ""
    sets: dict[str, Any] = Field(default_factory=dict)
    tells: tuple[Tell, ...] = ()
    says: tuple[Say, ...] = ()
    comments: tuple[str, ...] = ()
    joins: tuple[Tell, ...] = ()
    does: tuple[str, ...] = ()
    onward: tuple[Onward, ...] = ()
    severity: int | None = None
    state: str = ""
