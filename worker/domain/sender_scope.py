"""What a sender may see, join and end: what it told itself, what is of its services, and more where a setting says so.

Rules of grouping are the operator's own, and none of this: they may put what several senders told into one incident.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydantic import BaseModel

from worker.domain.text import SHORT_LIMIT, clean_line


class SenderScope(BaseModel, frozen=True, extra="forbid"):
    """Beyond what a sender told itself. `services`: names or patterns (`*` and `?`), in any case of letters.

    `acts_own`: it may act on the incidents that it may end, `acts_all`: on every one.
    """

    services: tuple[str, ...] = ()
    reads_all: bool = False
    ends_all: bool = False
    acts_own: bool = False
    acts_all: bool = False

    def covers(self, service: str) -> bool:
        """What names no service is of none."""
        return bool(service) and any(_fits(service, pattern) for pattern in self.services)


NOTHING_MORE = SenderScope()
# How a person is called, by the Entra object id, where a sender is named: people see every incident that is not
# restricted.
OF_PERSONS = "person:"
OF_PEOPLE = SenderScope(reads_all=True)
# By an intake on loopback that asks nobody who they are.
NOBODY_ASKED = "loopback"


@dataclass(frozen=True, slots=True)
class Sender:
    """`name` is empty for what came by the queue alone, whose rights the operator gave."""

    name: str
    scope: SenderScope = NOTHING_MORE

    @property
    def is_trusted(self) -> bool:
        """Whether it may do everything: all that there is is one sender's own, or the operator gave the rights."""
        return self.name in {"", NOBODY_ASKED}

    @property
    def stamp(self) -> dict[str, object]:
        """What an event bears of it."""
        return {"sender": self.name, "sender_scope": self.scope if self.scope != NOTHING_MORE else None}

    def is_told_by(self, teller: str) -> bool:
        return self.is_trusted or self.name == teller

    def may_see(self, teller: str, service: str) -> bool:
        """What that sender told of that service; whoever may see an incident may add a report to it as well."""
        return self.is_told_by(teller) or self.scope.reads_all or self.scope.covers(service)

    def may_end(self, teller: str | None, service: str) -> bool:
        """No `teller` where something was told before it was noted by whom: as then, everybody ends it."""
        return teller is None or self.is_told_by(teller) or self.scope.ends_all or self.scope.covers(service)

    def may_act(self, teller: str, service: str) -> bool:
        """On an incident that this sender told of that service: acknowledge it, resolve it, and all the rest."""
        if self.is_trusted or self.scope.acts_all:
            return True
        return self.scope.acts_own and (self.is_told_by(teller) or self.scope.covers(service))


TRUSTED = Sender("")


def is_sender_name(text: str) -> bool:
    """Whether it stays as it is on its way through an event, and so is never another one's, or nobody's."""
    return len(text) <= SHORT_LIMIT and clean_line(text) == text and not Sender(text).is_trusted


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value.casefold(), pattern.casefold())
