"""The discussion of a work item, in which one comment of ours is found by its marker and kept up to date."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from azure.core.exceptions import DeserializationError

from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind
from worker.clients.boards.items import Identity, Item, is_same
from worker.clients.boards.sdk import CommentCreate, CommentUpdate, HardenedClient
from worker.domain.errors import Gone

# As many comments as the service gives at once. Ours are among the first; nobody reads on for ever.
_IN_A_PAGE = 200
_PAGES = 10
MOST = _IN_A_PAGE * _PAGES


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is HTML, as it was last worded; `version` counts its wordings from 1."""

    id: int
    text: str
    created_by: Identity | None
    created_at: datetime | None = None
    changed_by: Identity | None = None
    changed_at: datetime | None = None
    version: int = 1

    @classmethod
    def of(cls, comment: Any) -> "Comment":
        """From the SDK's model, all of whose attributes are None when the answer was something else."""
        if comment is None or comment.id is None:
            raise DeserializationError("The answer is no comment.")
        return cls(
            comment.id,
            comment.text or "",
            Identity.of_reference(comment.created_by),
            comment.created_date,
            Identity.of_reference(comment.modified_by),
            comment.modified_date,
            comment.version or 1,
        )


@dataclass(frozen=True, slots=True)
class Page:
    comments: tuple[Comment, ...]
    following: str | None

    @classmethod
    def of(cls, listing: Any) -> "Page":
        # Taken for "no comments", an answer in another form would be answered with a second one of ours.
        if listing is None or listing.comments is None:
            raise DeserializationError("The answer is no list of comments.")
        return cls(tuple(map(Comment.of, listing.comments)), listing.continuation_token or None)


class Comments:
    """Every change of a comment is a revision of its item: whoever amends the item decides anew."""

    def __init__(self, connection: Connection, project: str, get_item: Callable[[int], Awaitable[Item]]) -> None:
        self._connection = connection
        self._project = project
        self._get_item = get_item

    async def upsert(self, item_id: int, marker: str, html: str, *, known: int | None = None) -> int:
        """Let our one comment that carries the marker say this, the marker included; answers its id.

        `known` saves the look for it.
        """
        if known is not None:
            with suppress(Gone):  # somebody deleted it, or the whole item, which the look tells
                return await self.update(item_id, known, html)
        found = await self.find(item_id, marker)
        if found is None:
            return await self.add(item_id, html)
        return found.id if found.text == html else await self.update(item_id, found.id, html)

    async def find(self, item_id: int, marker: str) -> Comment | None:
        """The first comment with the marker by whoever made the item; what a person quotes is none of ours."""
        author = (await self._get_item(item_id)).created_by
        async with aclosing(self.oldest_first(item_id)) as comments:
            async for comment in comments:
                if marker in comment.text and is_same(comment.created_by, author):
                    return comment
        return None

    async def add(self, item_id: int, html: str) -> int:
        """A second one if there is one already: the service keeps no marker unique."""
        call = Call(Kind.COMMENT, f"comment on work item {item_id}")
        new, place = CommentCreate(text=html), (self._project, item_id)
        made = await self._connection.call(call, lambda sdk: Comment.of(sdk.add_comment(new, *place)))
        return made.id

    async def update(self, item_id: int, comment_id: int, html: str) -> int:
        """Sent twice it says the same; raises Gone when the comment or its item was deleted."""
        call = Call(Kind.COMMENT, f"change the comment {comment_id} of work item {item_id}")
        new, place = CommentUpdate(text=html), (self._project, item_id, comment_id)
        changed = await self._connection.call(call, lambda sdk: Comment.of(sdk.update_comment(new, *place)))
        return changed.id

    async def oldest_first(self, item_id: int) -> AsyncGenerator[Comment, None]:
        """Up to MOST comments; deleted ones are not among them."""
        call = Call(Kind.GET, f"list the comments of work item {item_id}")
        following: str | None = None
        for _ in range(_PAGES):
            page = await self._connection.call(call, partial(self._read_page, item_id, following))
            for comment in page.comments:
                yield comment
            if (following := page.following) is None:
                return

    def _read_page(self, item_id: int, following: str | None, sdk: HardenedClient) -> Page:
        place = (self._project, item_id)
        return Page.of(sdk.get_comments(*place, top=_IN_A_PAGE, continuation_token=following, order="asc"))
