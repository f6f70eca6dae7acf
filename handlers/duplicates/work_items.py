"""A second work item of the incident: Azure Boards keeps no key unique, so two late requests can make two."""

from collections.abc import Sequence
from typing import Any, ClassVar

from handlers.duplicates.closing import Duplicates
from handlers.launch.create_work_item import CreateWorkItem
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate
from worker.engine.step import Done, Entry


class SecondWorkItems:
    """The one in our checkpoint stays: links, tasks and channel point there. Without a checkpoint the lowest id does.

    Was that one deleted by people, the lowest of the others takes its place, and is never closed.
    """

    step: ClassVar[type[Entry[Any]]] = CreateWorkItem

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def duplicates(self, incident: Incident, done: Done) -> Sequence[Duplicate]:
        items = [item async for item in self._boards.all_of(incident)]
        kept = await self._find_kept(items, done)
        return await Duplicates(self._boards, incident, kept, kind="work-item").find_among(items) if kept else ()

    async def _find_kept(self, items: Sequence[Item], done: Done) -> Item | None:
        lowest = items[0] if items else None
        if (made := done.wanted(CreateWorkItem)) is None:
            return lowest
        if listed := next((item for item in items if item.id == made.id), None):
            return listed
        try:
            # People may have given it a title by which no query finds it.
            return await self._boards.get(made.id)
        except Gone:
            return lowest
