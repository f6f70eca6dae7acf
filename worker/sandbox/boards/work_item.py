"""One work item: its fields, its links, its comments and every update it has seen."""

import copy
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from worker.sandbox.boards.links import HYPERLINK, PARENT, Link

HISTORY = "System.History"


def moment(at: datetime) -> str:
    """Write a time as Azure DevOps does: UTC, to the millisecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class Edit:
    """The latest change of a comment, which began as version 1."""

    version: int
    by: dict[str, Any]
    at: str
    rev: int


@dataclass(frozen=True)
class Comment:
    id: int
    text: str
    by: dict[str, Any]
    at: str
    rev: int
    edit: Edit | None = None

    @property
    def latest(self) -> Edit:
        return self.edit or Edit(version=1, by=self.by, at=self.at, rev=self.rev)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        edit = state.get("edit")
        return cls(**{**state, "edit": Edit(**edit) if edit else None})


@dataclass(frozen=True)
class Update:
    """One entry of the history; a link made from its other end is an update without a new revision."""

    id: int
    rev: int
    by: dict[str, Any]
    at: str
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    added: list[Link] = field(default_factory=list)
    removed: list[Link] = field(default_factory=list)
    edited_comment: int | None = None


@dataclass
class WorkItem:
    id: int
    type: str
    created: str
    rev: int = 0
    deleted: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)

    @property
    def project(self) -> str:
        return str(self.fields["System.TeamProject"])

    @property
    def parent(self) -> int | None:
        return next((link.target for link in self.links if link.rel == PARENT), None)

    @property
    def comment_of_this_revision(self) -> Comment | None:
        return next((comment for comment in self.comments if comment.latest.rev == self.rev), None)

    def draft(self) -> "WorkItem":
        """Give a copy that may be changed and thrown away; what is never changed in place is shared."""
        return replace(
            self,
            fields=copy.copy(self.fields),
            links=list(self.links),
            comments=list(self.comments),
            updates=list(self.updates),
        )

    def count_links(self) -> None:
        self._set_or_drop("System.Parent", self.parent)
        self._set_or_drop("System.HyperLinkCount", sum(link.rel == HYPERLINK for link in self.links))

    def _set_or_drop(self, name: str, value: int | None) -> None:
        self.fields.pop(name, None)
        if value:
            self.fields[name] = value

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        return cls(
            **{
                **state,
                "links": [Link(**link) for link in state["links"]],
                "comments": [Comment.from_json(comment) for comment in state["comments"]],
                "updates": [
                    Update(
                        **{**u, "added": [Link(**a) for a in u["added"]], "removed": [Link(**r) for r in u["removed"]]}
                    )
                    for u in state["updates"]
                ],
            }
        )
