"""What has been changed on a work item, by whom and when: its updates, and the comments that were worded anew."""

from collections.abc import Container, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from azure.core.exceptions import DeserializationError

from worker.clients.boards.comments import MOST, Comment, Comments
from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind
from worker.clients.boards.item_change import ChangeKind, ItemChange, Update, comment_text
from worker.clients.boards.items import Identity, is_same
from worker.clients.boards.sdk import HardenedClient
from worker.domain.errors import TocsinError

# As many updates as the service gives at once, and more than an incident ever had.
_IN_A_PAGE = 200
_PAGES = 25
# A comment and the revision that it made are stamped apart.
_STAMPED_APART = timedelta(seconds=3)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_HISTORY = "System.History"


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """Changes in the order in which they were made; `gaps` are sentences about what could not be read."""

    changes: tuple[ItemChange, ...]
    gaps: tuple[str, ...] = ()

    @property
    def by_people(self) -> tuple[ItemChange, ...]:
        return tuple(change for change in self.changes if not change.ours)


class Changes:
    """Ours is what the identity did that made the item, since a launch makes it, and what left a revision of ours.

    Where Tocsin is signed in by a token of a person's, that person's own changes are taken for ours as well.
    """

    def __init__(self, connection: Connection, comments: Comments) -> None:
        self._connection = connection
        self._comments = comments

    async def read(
        self, item_id: int, *, since: datetime | None = None, our_revisions: Container[int] = ()
    ) -> ItemHistory:
        """What was changed at or after the moment, the making of the item left out; raises Gone when it was deleted."""
        updates, gaps = await self._read_updates(item_id)
        us, later = updates[0].by, updates[1:]
        found = [
            change
            for update in later
            for change in update.changes(ours=is_same(update.by, us) or update.revision in our_revisions)
        ]
        comments, missed = await self._read_comments(item_id)
        found += _of_comments(comments, updates, us)
        wanted = (change for change in found if change.at >= (since or _BEGINNING))
        return ItemHistory(tuple(sorted(wanted, key=lambda change: change.at)), (*gaps, *missed))

    async def _read_updates(self, item_id: int) -> tuple[list[Update], list[str]]:
        call = Call(Kind.GET, f"list the updates of work item {item_id}")
        updates: list[Update] = []
        for page in range(_PAGES):
            read = partial(_read_page, item_id, page * _IN_A_PAGE)
            listed = await self._connection.call(call, read)
            for each in listed:
                updates.append(Update.of(each, not_before=updates[-1].at if updates else _BEGINNING))
            if len(listed) < _IN_A_PAGE:
                return updates, []
        return updates, [f"Of work item {item_id} only the first {len(updates):,} updates were read."]

    async def _read_comments(self, item_id: int) -> tuple[list[Comment], list[str]]:
        try:
            async with aclosing(self._comments.oldest_first(item_id)) as listed:
                comments = [comment async for comment in listed]
        except TocsinError as error:
            return [], [
                f"The comments of work item {item_id} could not be read, so what they say now is left out: {error}"
            ]
        if len(comments) < MOST:
            return comments, []
        return comments, [f"Of work item {item_id} only the first {MOST:,} comments were read."]


def _read_page(item_id: int, skip: int, sdk: HardenedClient) -> list[Any]:
    try:
        listed = list(sdk.get_updates(item_id, top=_IN_A_PAGE, skip=skip))
    except (AttributeError, TypeError) as error:  # the SDK's own way to stumble over an answer that is no list
        raise DeserializationError("The answer is no list of updates.") from error
    if not listed and not skip:
        raise DeserializationError("The answer names no update, and the making of an item is one.")
    return listed


def _of_comments(comments: Iterable[Comment], updates: list[Update], us: Identity) -> Iterator[ItemChange]:
    """What the updates do not tell: comments that stand in none of them, and later wordings."""
    told = [update for update in updates if update.fields.get(_HISTORY, ("", ""))[1]]
    for comment in comments:
        if comment.created_at and not any(_is_of(update, comment) for update in told):
            yield _comment(comment, comment.created_at, comment.created_by, us)
        elif comment.changed_at and comment.version > 1:
            yield _comment(comment, comment.changed_at, comment.changed_by, us)


def _is_of(update: Update, comment: Comment) -> bool:
    near = comment.created_at is not None and abs(update.at - comment.created_at) <= _STAMPED_APART
    return near and is_same(update.by, comment.created_by)


def _comment(comment: Comment, at: datetime, by: Identity | None, us: Identity) -> ItemChange:
    text, nobody = comment_text(comment.text), Identity("", "")
    return ItemChange(at, by or nobody, ChangeKind.COMMENT, _HISTORY, "", "", text, 0, is_same(by, us))
