"""Closing work items as duplicates of another: only our own, untouched and open, in one patch that cannot be halved."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from html import escape

from worker.clients.boards.client import Boards
from worker.clients.boards.items import DUPLICATE_OF, Item, Operation, add_relation, is_same, set_field
from worker.clients.boards.states import States
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate

_LINK_COMMENT = "Made twice by a launch that had lost an answer"


class Duplicates:
    """The duplicates of one work item or task among others that carry the same mark."""

    def __init__(self, boards: Boards, incident: Incident, kept: Item, *, kind: str) -> None:
        self._boards = boards
        self._incident = incident
        self._kept = kept
        self._kind = kind

    async def among(self, items: Iterable[Item]) -> list[Duplicate]:
        return [duplicate async for duplicate in self._duplicates(items)]

    async def _duplicates(self, items: Iterable[Item]) -> AsyncIterator[Duplicate]:
        for item in items:
            # A mark can be copied together with the item; who made it is written by the service itself.
            if item.id == self._kept.id or not is_same(item.created_by, self._kept.created_by):
                continue
            states = await self._boards.types.states(item.kind)
            if not self._is_settled(item, states):
                yield self._duplicate(item, states)

    def _duplicate(self, item: Item, states: States) -> Duplicate:
        ids = (str(item.id), str(self._kept.id))
        if not _is_untouched(item):
            why = "Somebody has worked on it: what is in it may be needed"
        elif states.closed is None:
            why = f"The type {item.kind!r} has no state that means completed"
        else:
            return Duplicate(self._kind, *ids, repair=partial(self._close, item.id, states.closed, states))
        return Duplicate(self._kind, *ids, because=f"{why}. Close it by hand as a duplicate of {self._kept.id}.")

    async def _close(self, item_id: int, closed: str, states: States) -> bool:
        """Whether this call closed it: somebody else may have been quicker, or have begun to work on it."""
        closing = False

        def decide(item: Item) -> tuple[Operation, ...]:
            nonlocal closing
            closing = _is_untouched(item) and not self._is_settled(item, states)
            return self._patch(closed) if closing else ()

        await self._boards.amend(item_id, decide)
        return closing

    def _is_settled(self, item: Item, states: States) -> bool:
        """A link says that the two are known to be one; opened again since, it was a person's wish."""
        return states.is_over(item.state) or item.is_duplicate_with(self._kept.id)

    def _patch(self, closed: str) -> tuple[Operation, ...]:
        kept = f'<a href="{escape(self._kept.page)}">{self._kept.id}</a>'
        what = self._kind.replace("-", " ")
        note = (
            f"{self._incident.id} has this {what} twice: a launch had lost an answer and made another one. "
            f"{kept} stays, this one is closed. Nobody had worked on it."
        )
        return (
            set_field("System.State", closed),
            set_field("System.History", note),
            add_relation(DUPLICATE_OF, self._boards.api_url(self._kept.id), _LINK_COMMENT),
        )


def _is_untouched(item: Item) -> bool:
    return is_same(item.changed_by, item.created_by)
