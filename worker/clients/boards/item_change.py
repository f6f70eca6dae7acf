"""One thing that somebody changed on a work item, read out of an update of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from worker.clients.boards.items import Identity
from worker.domain.markup import plain
from worker.domain.text import clean, shortened

_STATE, _REASON, _COMMENT = "System.State", "System.Reason", "System.History"
_CHANGED = "System.ChangedDate"
_VALUE_LIMIT = 1_000
_TEXT_LIMIT = 8_000
_LAST_YEAR = 9_999  # the service's word for "not yet"

# What the service counts, stamps and derives by itself whenever anything else changes.
_OF_THE_SYSTEM = """
    Id Rev Watermark AuthorizedDate AuthorizedAs ChangedDate RevisedDate PersonId ChangedBy Reason CommentCount
    HyperLinkCount RelatedLinkCount ExternalLinkCount RemoteLinkCount AttachedFileCount Parent NodeName AreaId
    IterationId BoardColumn BoardColumnDone BoardLane
"""
_OF_PROCESSES = """
    StateChangeDate ActivatedDate ActivatedBy ResolvedDate ResolvedBy ClosedDate ClosedBy StackRank BacklogPriority
"""
_DERIVED = frozenset(
    {
        *(f"System.{name}" for name in _OF_THE_SYSTEM.split()),
        *(f"Microsoft.VSTS.Common.{name}" for name in _OF_PROCESSES.split()),
    }
)
_DERIVED_PREFIXES = ("WEF_", "System.AreaLevel", "System.IterationLevel")


class ChangeKind(StrEnum):
    STATE = "state"
    ASSIGNEE = "assignee"
    COMMENT = "comment"
    TITLE = "title"
    LINK = "link"
    FIELD = "field"


_KINDS = {
    _STATE: ChangeKind.STATE,
    "System.AssignedTo": ChangeKind.ASSIGNEE,
    "System.Title": ChangeKind.TITLE,
    _COMMENT: ChangeKind.COMMENT,
}


@dataclass(frozen=True, slots=True)
class ItemChange:
    """`old` and `new` are words for people, empty where there was or is nothing; a link's are addresses.

    `field` is the reference name of the field, or the kind of link. `text` is what somebody wrote: a comment, the
    reason for a state, what is noted on a link. `revision` is 0 where the service does not tell it.
    """

    at: datetime
    by: Identity
    kind: ChangeKind
    field: str
    old: str
    new: str
    text: str
    revision: int
    ours: bool


@dataclass(frozen=True, slots=True)
class Update:
    """What one revision changed, or one link made from its other end, with when and by whom."""

    number: int
    revision: int
    at: datetime
    by: Identity
    fields: Mapping[str, tuple[Any, Any]]
    added: tuple[tuple[str, str, str], ...]
    removed: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, update: Any, *, not_before: datetime) -> "Update":
        """From the SDK's model; `not_before` is the time of the update before it, for one that has none of its own."""
        fields = {name: (each.old_value, each.new_value) for name, each in (update.fields or {}).items()}
        return cls(
            number=update.id or 0,
            revision=update.rev or 0,
            at=_moment(fields, update) or not_before,
            by=Identity.of_reference(update.revised_by) or Identity("", ""),
            fields=fields,
            added=tuple(_links(update.relations and update.relations.added)),
            removed=tuple(_links(update.relations and update.relations.removed)),
        )

    def changes(self, *, ours: bool) -> Iterator[ItemChange]:
        for name, (old, new) in self.fields.items():
            if name in _DERIVED or name.startswith(_DERIVED_PREFIXES):
                continue
            kind = _KINDS.get(name, ChangeKind.FIELD)
            if kind is ChangeKind.COMMENT:
                if new:
                    yield self._change(kind, name, text=comment_text(new), ours=ours)
            elif _shown(old) != _shown(new):
                yield self._change(kind, name, _shown(old), _shown(new), self._reason(kind), ours=ours)
        for link, url, note in self.added:
            yield self._change(ChangeKind.LINK, link, new=url, text=note, ours=ours)
        for link, url, note in self.removed:
            yield self._change(ChangeKind.LINK, link, old=url, text=note, ours=ours)

    def _change(
        self, kind: ChangeKind, name: str, old: str = "", new: str = "", text: str = "", *, ours: bool
    ) -> ItemChange:
        return ItemChange(self.at, self.by, kind, name, old, new, text, self.revision, ours)

    def _reason(self, kind: ChangeKind) -> str:
        return _shown(self.fields.get(_REASON, ("", ""))[1]) if kind is ChangeKind.STATE else ""


def comment_text(html: object) -> str:
    return shortened(clean(plain(str(html))), _TEXT_LIMIT)


def _moment(fields: Mapping[str, tuple[Any, Any]], update: Any) -> datetime | None:
    """Of a revision its ChangedDate: `revised_date` is when the next one followed. A link alone has no other."""
    if _CHANGED in fields:
        return _read_moment(fields[_CHANGED][1])
    revised = update.revised_date
    return _in_utc(revised) if isinstance(revised, datetime) and revised.year < _LAST_YEAR else None


def _read_moment(value: object) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _links(relations: Any) -> Iterator[tuple[str, str, str]]:
    for each in relations or ():
        note = (each.attributes or {}).get("comment") or ""
        yield str(each.rel), shortened(clean(str(each.url)), _VALUE_LIMIT), shortened(clean(str(note)), _VALUE_LIMIT)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        person = Identity.of(value)
        return clean(person.name or person.unique_name) if person else ""
    return shortened(clean(plain(str(value))), _VALUE_LIMIT)
