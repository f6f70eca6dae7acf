"""What each sender has told of one identity: a fingerprint, or a key, that several of them may use.

Whoever tells it first holds it under its own name; whoever else says the same has incidents of its own beside those.
All of it is one row, so that a firing of one and an end of another never miss each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from worker.domain.alert_ends import ends
from worker.domain.alert_record import AlertRecord
from worker.domain.sender_scope import Sender

# An alert that comes again only after so many further incidents is taken for a new one.
_KEYS_KEPT = 5
# No house has so many senders that say the same.
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Holding:
    """`sender`: None where nobody has told it yet, or it was not noted who did. `service`: as it was last told.

    `keys`: of its incidents, the current one first. `opener`: of a key, which telling of it opened the first of them;
    empty while none did.
    """

    sender: str | None = None
    service: str = ""
    keys: tuple[str, ...] = ()
    opener: str = ""

    def takes_from(self, sender: Sender) -> bool:
        """A right to end everything is none to add to it."""
        return self.sender is None or sender.is_told_by(self.sender) or sender.scope.covers(self.service)

    def pointing(self, alert: AlertRecord, key: str, opener: str) -> "Holding":
        known = list(dict.fromkeys((key, *self.keys)))
        opener = self.opener or opener
        # The first one of a key stays, or a late copy of what opened it would be taken for another firing.
        kept = [*known[: _KEYS_KEPT - 1], known[-1]] if opener and len(known) > _KEYS_KEPT else known[:_KEYS_KEPT]
        return Holding(self.sender if self.sender is not None else alert.sender, alert.service, tuple(kept), opener)


NOBODYS = Holding()


@dataclass(frozen=True, slots=True)
class Holdings:
    """`first` is held under the identity's own name, the `others` beside it.

    `ended`: the last resolve of each sender, for firings that it may have overtaken.
    """

    first: Holding = NOBODYS
    others: tuple[Holding, ...] = ()
    ended: tuple[AlertRecord, ...] = ()

    def __iter__(self) -> Iterator[Holding]:
        return iter((self.first, *self.others))

    def of(self, sender: Sender) -> Holding:
        """Where its firings belong: with what it told before, else with what it may join, else by themselves."""
        own = (each for each in self if each.sender == sender.name)
        joined = (each for each in self if each.takes_from(sender))
        return next(own, None) or next(joined, None) or Holding(sender=sender.name)

    def pointing(self, alert: AlertRecord, key: str, opener: str = "") -> "Holdings":
        """With the incident as the current one of the alert's sender."""
        before = self.of(alert.told_by)
        now = before.pointing(alert, key, opener)
        if before is self.first:
            return replace(self, first=now)
        others = (*(each for each in self.others if each is not before), now)
        return replace(self, others=others[-_KEPT:])

    def noting(self, end: AlertRecord) -> "Holdings | None":
        """With the end; None where one of the same sender reaches further."""
        if any(each.sender == end.sender and _reach(each) >= _reach(end) for each in self.ended):
            return None
        others = (each for each in self.ended if each.sender != end.sender)
        return replace(self, ended=(*others, end)[-_KEPT:])

    def ends_of(self, firing: AlertRecord) -> list[AlertRecord]:
        """Those that were told before, and reach it."""
        return [each for each in self.ended if each.may_end(firing) and ends(each, firing)]

    def endable(self, sender: Sender) -> tuple[str, ...]:
        """The keys of all incidents that it may end something of, its own first."""
        told = sorted(self, key=lambda each: each.sender != sender.name)
        keys = (key for each in told if sender.may_end(each.sender, each.service) for key in each.keys)
        return tuple(dict.fromkeys(keys))

    def is_told_by_others(self, sender: Sender) -> bool:
        """Whether somebody has told it whose incidents this sender may not end."""
        return any(each.keys and not sender.may_end(each.sender, each.service) for each in self)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for each in self for key in each.keys))


NOTHING_TOLD = Holdings()


def _reach(resolve: AlertRecord) -> tuple[datetime, datetime]:
    """What it ends, as far as it says: the later of two ends the more."""
    return resolve.ended or resolve.received_at, resolve.received_at
