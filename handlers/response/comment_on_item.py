"""Comment on the work item what people are to be written to of: Boards mails its comments."""

from collections.abc import Sequence
from html import escape

from pydantic import BaseModel

from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.marks import COMMENT, mark
from handlers.newest import Newest
from handlers.response.waiting import not_announced_yet
from handlers.sanitizing import cut
from worker.clients.boards.client import Boards
from worker.domain.incident import Incident
from worker.domain.response.entry import Entry
from worker.domain.response.restriction import where_to_read
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Fan, Part

_TEXT_LIMIT = 8_000
_UNSAID = "Something was recorded of it."


def comments(boards: Boards, newest: Newest) -> Lane:
    return Lane(
        name="comments",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool(entry.comments),
        playbook=lambda entry, _: (CommentOnItem(boards, newest, entry),),
    )


class Commented(BaseModel, frozen=True):
    id: int


class AllCommented(BaseModel, frozen=True):
    ids: tuple[int, ...] = ()


class CommentOnItem(Fan[AllCommented]):
    contingent = True
    result = AllCommented

    def __init__(self, boards: Boards, newest: Newest, entry: Entry) -> None:
        self.name = f"comment-{entry.seq}"
        self._boards = boards
        self._newest = newest
        self._entry = entry

    def describe(self, result: AllCommented) -> str:
        del result
        return "commented on the work item"

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Commented]]:
        del incident, done
        return [
            OneComment(self._boards, self._newest, self._entry, number) for number in range(len(self._entry.comments))
        ]

    def gather(self, made: Sequence[Commented]) -> AllCommented:
        return AllCommented(ids=tuple(each.id for each in made))


class OneComment(Part[Commented]):
    result = Commented

    def __init__(self, boards: Boards, newest: Newest, entry: Entry, number: int) -> None:
        self.label = str(number)
        self._boards = boards
        self._newest = newest
        self._entry = entry
        self._text = cut(entry.comments[number], _TEXT_LIMIT)

    def describe(self, result: Commented) -> str:
        del result
        return "commented on the work item"

    async def find(self, incident: Incident, done: Done) -> Commented | None:
        del done
        item = await self._item(incident)
        found = await self._boards.at(item.project).comments.find(item.id, self._mark(incident))
        return Commented(id=found.id) if found else None

    async def run(self, incident: Incident, done: Done) -> Commented:
        del done
        item = await self._item(incident)
        # Whoever may read the project is mailed of it.
        said = f"{_UNSAID} {where_to_read(incident.id)}" if incident.event.restricted else self._text
        text = "<br>".join(escape(line) for line in said.splitlines())
        html = f"<p>{text}</p><p><small>{escape(self._mark(incident))}</small></p>"
        return Commented(id=await self._boards.at(item.project).comments.add(item.id, html))

    async def _item(self, incident: Incident) -> WorkItem:
        item = (await self._newest.launched(incident.id)).wanted(CreateWorkItem)
        if item is None:
            raise not_announced_yet(incident, self._entry)
        return item

    def _mark(self, incident: Incident) -> str:
        return f"{mark(incident, COMMENT)}/{self._entry.seq}-{self.label}."
