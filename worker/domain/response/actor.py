"""Who did something to an incident, and by which door it came in."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from worker.domain.text import SHORT_LIMIT, clean_line, cut

Name = Annotated[str, AfterValidator(clean_line), AfterValidator(cut(SHORT_LIMIT))]


class ActorKind(StrEnum):
    PERSON = "person"
    OPERATOR = "operator"  # at a command line, known by the machine alone
    SENDER = "sender"  # a program with a key of its own
    ALERT = "alert"  # a monitoring system, by what it said of its alerts
    CLOCK = "clock"  # a timer


class Source(StrEnum):
    """By which door an act came in."""

    CLI = "cli"
    HTTP = "http"
    LINK = "link"
    TEAMS = "teams"
    BOARDS = "boards"
    CONSOLE = "console"
    ALERT = "alert"
    CLOCK = "clock"
    LAUNCH = "launch"
    QUEUE = "queue"


class Right(StrEnum):
    """What the door by which somebody came in knows of what they may do, whoever they are."""

    READER = "reader"  # a guest, another tenant's, a sender that may not act
    MEMBER = "member"  # one of the house
    LEAD = "lead"  # a sender that may act
    ADMIN = "admin"


class Actor(BaseModel, frozen=True):
    """`id`: of a person what the definitions call them, else their address or Entra object id; of a sender its name.

    `right` is of those who had to prove who they are: it is written by the door that asked them.
    """

    kind: ActorKind
    id: Name = ""
    name: Name = ""
    right: Right = Right.MEMBER

    @property
    def spoken(self) -> str:
        return self.name or self.id or self.kind.value

    @property
    def is_human(self) -> bool:
        return self.kind in {ActorKind.PERSON, ActorKind.OPERATOR}


CLOCK = Actor(kind=ActorKind.CLOCK, name="the clock")
