"""A second task for one person under the incident's work item."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar

from handlers.duplicates.closing import Duplicates
from handlers.launch.assign import Assign
from handlers.launch.create_work_item import CreateWorkItem
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item
from worker.clients.boards.search import title_mark
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate
from worker.engine.step import Done, Entry


class SecondTasks:
    """The task in the checkpoint stays, else the one with the lowest id; the title names incident and person."""

    step: ClassVar[type[Entry[Any]]] = Assign

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def duplicates(self, incident: Incident, done: Done) -> Sequence[Duplicate]:
        assigned = done.wanted(Assign)
        known = {person.task_id for person in assigned.people} if assigned else set()
        found: list[Duplicate] = []
        for tasks in (await self._find_by_title(incident, done)).values():
            kept = next((task for task in tasks if task.id in known), tasks[0])
            boards = self._boards.at(done[CreateWorkItem].project)
            found += await Duplicates(boards, incident, kept, kind="task").find_among(tasks)
        return found

    async def _find_by_title(self, incident: Incident, done: Done) -> dict[str, list[Item]]:
        tasks: dict[str, list[Item]] = defaultdict(list)
        for child in await self._read_children(done):
            try:
                task = await self._boards.get(child)
            except Gone:
                continue
            if task.title.startswith(f"On call for {title_mark(incident)}: "):
                tasks[task.title].append(task)
        return tasks

    async def _read_children(self, done: Done) -> Sequence[int]:
        """Two or more, since one alone cannot stand twice."""
        if (made := done.wanted(CreateWorkItem)) is None:
            return ()
        try:
            children = (await self._boards.get(made.id)).children
        except Gone:
            return ()
        return children if len(children) > 1 else ()
