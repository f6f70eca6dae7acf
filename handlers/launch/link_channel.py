"""Link the channel on the work item, and say there who is on it."""

from collections.abc import Iterator
from html import escape

from pydantic import BaseModel

from handlers.launch.assign import Assign, Assigned
from handlers.launch.create_channel import Channel, CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.clients.boards.client import Boards
from worker.clients.boards.items import HYPERLINK, Item, Operation, add_relation, set_field
from worker.domain.errors import Rejected
from worker.domain.incident import Incident
from worker.engine.step import Done, Step
from worker.oncall.on_call import OnCall

_SHIFTS_TOLD = 20


class Linked(BaseModel, frozen=True):
    work_item_id: int
    url: str


class LinkChannel(Step[Linked]):
    """Link the channel on the work item, and say there who is on it."""

    name = "link-channel"
    needs = (CreateWorkItem, CreateChannel)
    # The same work item: never two patches at once.
    wants = (FindOnCall, Assign)
    result = Linked

    def describe(self, result: Linked) -> str:
        return f"linked on work item {result.work_item_id}"

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    async def find(self, incident: Incident, done: Done) -> Linked | None:
        del incident
        item = await self._boards.get(done[CreateWorkItem].id)
        return _linked(done) if item.links_to(done[CreateChannel].url) else None

    async def run(self, incident: Incident, done: Done) -> Linked:
        try:
            await self._boards.amend(done[CreateWorkItem].id, lambda item: _patch(item, done))
        except Rejected:
            # Some servers refuse a second equal link: then it stands, whoever made it.
            if found := await self.find(incident, done):
                return found
            raise
        return _linked(done)


def _patch(item: Item, done: Done) -> tuple[Operation, ...]:
    channel = done[CreateChannel]
    if item.links_to(channel.url):
        return ()
    history = "<br>".join(_lines(channel, done.wanted(FindOnCall), done.wanted(Assign)))
    return add_relation(HYPERLINK, channel.url, "Incident channel"), set_field("System.History", history)


def _lines(channel: Channel, on_call: OnCall | None, assigned: Assigned | None) -> Iterator[str]:
    yield f'The channel of this incident: <a href="{escape(channel.url)}">{escape(channel.name)}</a>'
    if on_call is None:
        yield "<b>Who is on call could not be looked up. Somebody must take this work item by hand.</b>"
        return
    if not on_call.people:
        yield "<b>Nobody is on call. Somebody must take this work item by hand.</b>"
    if on_call.note:
        yield escape(on_call.note)
    if on_call.people and assigned is None:
        yield f"<b>Not everybody could be assigned. On call: {_names(person.name for person in on_call.people)}</b>"
    yield from _assignments(assigned or Assigned())
    if shifts := [f"{person.name} ({person.shift})" for person in on_call.people[:_SHIFTS_TOLD] if person.shift]:
        yield f"By the schedules: {_names(iter(shifts))}"


def _assignments(assigned: Assigned) -> Iterator[str]:
    if assigned.holder:
        yield f"Assigned to {escape(assigned.holder)}"
    if tasks := [each.name for each in assigned.people if each.outcome == "task"]:
        yield f"Also on call, with a task each: {_names(iter(tasks))}"
    for person in assigned.people:
        if person.outcome == "kept":
            yield f"{escape(person.name)} is on call; the work item stays with whom somebody gave it to"
    for person in assigned.unknown:
        who = f"{escape(person.name)} ({escape(person.email)})"
        yield f"<b>{who} is unknown to Azure DevOps and could not be assigned.</b>"


def _names(names: Iterator[str]) -> str:
    return ", ".join(escape(name) for name in names)


def _linked(done: Done) -> Linked:
    return Linked(work_item_id=done[CreateWorkItem].id, url=done[CreateChannel].url)
