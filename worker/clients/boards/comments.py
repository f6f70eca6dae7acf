"""Comments on work items as they are read, page by page."""

from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import DeserializationError

from worker.clients.boards.items import Identity


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    text: str
    created_by: Identity | None

    @classmethod
    def of(cls, comment: Any) -> "Comment":
        """From the SDK's model, all of whose attributes are None when the answer was something else."""
        if comment is None or comment.id is None:
            raise DeserializationError("The answer is no comment.")
        author = comment.created_by
        names = {"displayName": author.display_name, "uniqueName": author.unique_name} if author else None
        return cls(comment.id, comment.text or "", Identity.of(names))


@dataclass(frozen=True, slots=True)
class Page:
    comments: tuple[Comment, ...]
    following: str | None

    @classmethod
    def of(cls, listing: Any) -> "Page":
        # Taken for "no comments", an answer in another form would be answered with a second note.
        if listing is None or listing.comments is None:
            raise DeserializationError("The answer is no list of comments.")
        return cls(tuple(map(Comment.of, listing.comments)), listing.continuation_token or None)
