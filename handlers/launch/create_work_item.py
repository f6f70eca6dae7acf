"""Open the work item, the authoritative place of the incident."""

from typing import Self

from pydantic import BaseModel

from handlers.launch.route import Routed, routed
from handlers.launch.work_item_description import description, title
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item, set_field
from worker.clients.boards.place import WorkItemPlace
from worker.domain.errors import Misconfigured, Permanent
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class WorkItem(BaseModel, frozen=True):
    """`url` is the page for people; `rev` is the revision it had when this step ended.

    `project`, its type and its paths are empty where they are the settings' and the project's own. `note` says what the
    catalogue wishes and Azure Boards refused.
    """

    id: int
    url: str
    rev: int
    project: str = ""
    work_item_type: str = ""
    area_path: str = ""
    iteration_path: str = ""
    note: str = ""

    @classmethod
    def of(cls, item: Item, boards: Boards, note: str = "") -> Self:
        """`boards`: those of the settings."""
        return cls(
            id=item.id,
            url=item.page,
            rev=item.revision,
            project=_other(item.project, boards.project),
            work_item_type=_other(item.kind, boards.work_item_type),
            area_path=_other(item.area_path, item.project),
            iteration_path=_other(item.iteration_path, item.project),
            note=note,
        )

    @property
    def place(self) -> WorkItemPlace:
        return WorkItemPlace(self.project, self.work_item_type, self.area_path, self.iteration_path)


class CreateWorkItem(Step[WorkItem]):
    """Open the work item, the authoritative place of the incident, where its route says.

    Whatever of the route Azure Boards refuses is left out, up to all of it, and said.
    """

    name = "create-work-item"
    result = WorkItem

    def describe(self, result: WorkItem) -> str:
        return f"work item {result.id}" + (f"; {result.note}" if result.note else "")

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def find(self, incident: Incident, done: Done) -> WorkItem | None:
        hidden: list[Permanent] = []
        for boards in boards_of(self._boards, routed(done)):
            try:
                item = await boards.find(incident)
            except Permanent as error:
                # A project that is not there holds nothing.
                hidden += [] if isinstance(error, Misconfigured) and boards is not self._boards else [error]
                continue
            if item:
                return WorkItem.of(item, self._boards)
        if hidden:
            raise hidden[0]
        return None

    async def run(self, incident: Incident, done: Done) -> WorkItem:
        route = routed(done)
        wished = WorkItemPlace.of(route)
        place, first, note = wished, None, ""
        while True:
            try:
                item = await self._create(incident, route, place, note)
            except Permanent as error:
                first = first or error
                if (other := place.without(error)) is None:
                    raise
                place, note = other, f"refused: {wished.lost(other)}"
            else:
                return WorkItem.of(item, self._boards, note and f"{note}. {first}")

    async def _create(self, incident: Incident, route: Routed, place: WorkItemPlace, note: str) -> Item:
        boards = place.boards(self._boards)
        fields = await boards.types.field_map()
        patch = (
            set_field("System.Title", title(incident)),
            set_field("System.Description", description(incident, route, note)),
            *place.fields(),
            *fields.urgency(incident.event.severity),
            *fields.key(incident),
        )
        return await boards.create(patch)


def boards_of(boards: Boards, route: Routed) -> tuple[Boards, ...]:
    """The projects in which the work item may stand: the route's, and the settings' where that refused it."""
    there = boards.at(route.project)
    return (there,) if there is boards else (there, boards)


def _other(given: str, usual: str) -> str:
    return "" if given.casefold() == usual.casefold() else given
