"""Open the work item, the authoritative place of the incident."""

from typing import Self

from pydantic import BaseModel

from handlers.launch.work_item_description import description, title
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item, set_field
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class WorkItem(BaseModel, frozen=True):
    """`url` is the page for people; `rev` is the revision it had when this step ended."""

    id: int
    url: str
    rev: int

    @classmethod
    def of(cls, item: Item) -> Self:
        return cls(id=item.id, url=item.page, rev=item.revision)


class CreateWorkItem(Step[WorkItem]):
    """Open the work item, the authoritative place of the incident."""

    name = "create-work-item"
    result = WorkItem

    def describe(self, result: WorkItem) -> str:
        return f"work item {result.id}"

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def find(self, incident: Incident, done: Done) -> WorkItem | None:
        del done
        item = await self._boards.find(incident)
        return WorkItem.of(item) if item else None

    async def run(self, incident: Incident, done: Done) -> WorkItem:
        del done
        fields = await self._boards.types.field_map()
        patch = (
            set_field("System.Title", title(incident)),
            set_field("System.Description", description(incident)),
            *fields.urgency(incident.event.severity),
            *fields.key(incident),
        )
        return WorkItem.of(await self._boards.create(patch))
