"""A second work item of the incident: Azure Boards keeps no key unique, so two late requests can make two."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, ClassVar

from handlers.duplicates.closing import Duplicates
from handlers.launch.create_work_item import CreateWorkItem, boards_of
from handlers.launch.route import routed
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item
from worker.domain.errors import Gone, Misconfigured
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
        places = boards_of(self._boards, routed(done))
        items = {boards: await self._all_in(boards, incident) for boards in places}
        kept = await self._find_kept(sorted(chain(*items.values()), key=lambda item: item.id), done)
        if kept is None:
            return ()
        found: list[Duplicate] = []
        for boards, there in items.items():
            found += await Duplicates(boards, incident, kept, kind="work-item").find_among(there)
        return found

    async def _all_in(self, boards: Boards, incident: Incident) -> list[Item]:
        try:
            return [item async for item in boards.all_of(incident)]
        except Misconfigured:
            if boards is self._boards:
                raise
            return []  # a project that is not there holds nothing

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
