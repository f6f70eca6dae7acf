"""Give the incident to the people on call: one owns the work item, each other has a task under it."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from typing import Literal

from pydantic import BaseModel

from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.work_item_description import cut_title
from worker.clients.boards.client import Boards
from worker.clients.boards.errors import UnknownIdentity
from worker.clients.boards.items import PARENT, Identity, Item, Operation, add_relation, set_field
from worker.clients.boards.search import title_mark
from worker.domain.incident import Incident
from worker.engine.step import Done, Fan, Part
from worker.oncall.on_call import Person

_ASSIGNED_TO = "System.AssignedTo"
_TASK = "Task"


class Assignment(BaseModel, frozen=True):
    """What became of one person. `holder` is who stands in the work item, told by the owner's part alone."""

    name: str
    email: str
    outcome: Literal["assigned", "task", "kept", "unknown-identity"]
    holder: str = ""
    task_id: int | None = None

    @property
    def words(self) -> str:
        match self.outcome:
            case "assigned":
                return f"{self.name} owns the work item"
            case "task":
                return f"{self.name} has task {self.task_id}"
            case "kept":
                return f"left with {self.holder or 'whom somebody gave it to'}"
            case "unknown-identity":
                return f"{self.name} is unknown to Boards"


class Assigned(BaseModel, frozen=True):
    """The people in the order of the roster, the owner first; empty when nobody is on call."""

    people: tuple[Assignment, ...] = ()

    @property
    def holder(self) -> str:
        return next((each.holder for each in self.people if each.holder), "")

    @property
    def unknown(self) -> tuple[Assignment, ...]:
        return tuple(each for each in self.people if each.outcome == "unknown-identity")


class Assign(Fan[Assigned]):
    """Give the incident to the people on call: one owns the work item, each other has a task under it."""

    name = "assign"
    needs = (CreateWorkItem, FindOnCall)
    result = Assigned

    def describe(self, result: Assigned) -> str:
        tasks = sum(each.outcome == "task" for each in result.people)
        parts = [
            f"owned by {result.holder}" if result.holder else "owned by nobody",
            f"{tasks} task{'' if tasks == 1 else 's'}" if tasks else "",
            f"{len(result.unknown)} unknown to Boards" if result.unknown else "",
        ]
        return ", ".join(part for part in parts if part)

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Assignment]]:
        del incident
        people = _each_once(person for person in done[FindOnCall].people if person.email)
        if not people:
            return ()
        boards = self._boards.at(done[CreateWorkItem].project)
        return (Owner(boards, people), *(Responder(boards, person) for person in people[1:]))

    def gather(self, made: Sequence[Assignment]) -> Assigned:
        return Assigned(people=tuple(made))


class Owner(Part[Assignment]):
    """The first person whom Boards knows stands in AssignedTo; whoever a human put there stays."""

    label = "owner"
    result = Assignment

    def describe(self, result: Assignment) -> str:
        return result.words

    def __init__(self, boards: Boards, people: Sequence[Person]) -> None:
        self._boards = boards
        self._people = people

    async def find(self, incident: Incident, done: Done) -> Assignment | None:
        del incident
        item = await self._boards.get(done[CreateWorkItem].id)
        return self._as_it_stands(item) if item.assigned_to else None

    async def run(self, incident: Incident, done: Done) -> Assignment:
        del incident
        for person in self._people:
            try:
                item = await self._boards.amend(done[CreateWorkItem].id, partial(_assign, person))
            except UnknownIdentity:
                continue
            return self._as_it_stands(item, knows_first=person is self._people[0])
        return _unknown(self._people[0])

    def _as_it_stands(self, item: Item, *, knows_first: bool = True) -> Assignment:
        first, found = self._people[0], item.assigned_to
        holder = next((person for person in self._people if _is(person, found)), None)
        if holder is None:
            name = (found.name or found.unique_name) if found else ""
            return Assignment(name=first.name, email=first.email, outcome="kept", holder=name)
        if holder is first:
            return Assignment(name=first.name, email=first.email, outcome="assigned", holder=first.name)
        outcome: Literal["kept", "unknown-identity"] = "kept" if knows_first else "unknown-identity"
        return Assignment(name=first.name, email=first.email, outcome=outcome, holder=holder.name)


class Responder(Part[Assignment]):
    """A task under the work item, made together with its parent relation: the parent remembers it at once."""

    result = Assignment

    def describe(self, result: Assignment) -> str:
        return result.words

    def __init__(self, boards: Boards, person: Person) -> None:
        self._boards = boards
        self._person = person
        self.label = _label(person)

    async def find(self, incident: Incident, done: Done) -> Assignment | None:
        parent = await self._boards.get(done[CreateWorkItem].id)
        for child in parent.children:
            task = await self._boards.get(child)
            if self._is_mine(incident, task):
                return self._made(task)
        return None

    async def run(self, incident: Incident, done: Done) -> Assignment:
        try:
            return self._made(await self._boards.create(self._patch(incident, done), work_item_type=_TASK))
        except UnknownIdentity:
            return _unknown(self._person)

    def _patch(self, incident: Incident, done: Done) -> tuple[Operation, ...]:
        parent = done[CreateWorkItem]
        return (
            set_field("System.Title", self._title(incident)),
            set_field("System.Description", self._description(incident, parent)),
            set_field(_ASSIGNED_TO, _identity(self._person)),
            *parent.place.fields(),
            add_relation(PARENT, self._boards.api_url(parent.id), f"On call for {incident.id}"),
        )

    def _title(self, incident: Incident) -> str:
        # Not headed by the bare id as the work item itself is: a look-up by title must find only that one.
        return cut_title(f"On call for {title_mark(incident)}: {self._person.name} ({self._person.email})")

    def _description(self, incident: Incident, parent: WorkItem) -> str:
        place = f'<a href="{escape(parent.url)}">work item {parent.id}</a>'
        return f"<p>You are on call for <b>{escape(incident.event.shown_title)}</b>. Everything is in the {place}.</p>"

    def _is_mine(self, incident: Incident, task: Item) -> bool:
        if task.title == self._title(incident):
            return True
        return incident.id in task.title and _is(self._person, task.assigned_to)

    def _made(self, task: Item) -> Assignment:
        return Assignment(name=self._person.name, email=self._person.email, outcome="task", task_id=task.id)


def _assign(person: Person, item: Item) -> tuple[Operation, ...]:
    """Nothing to do where anybody stands already: it was us, or it was a human, whose decision holds."""
    return () if item.assigned_to else (set_field(_ASSIGNED_TO, _identity(person)),)


def _identity(person: Person) -> str:
    return person.boards_identity or person.email


def _is(person: Person, found: Identity | None) -> bool:
    """By any of the names we know: Boards answers with its own, which need not be the address we gave."""
    return found is not None and any(found.answers_to(each) for each in (_identity(person), person.email, person.name))


def _unknown(person: Person) -> Assignment:
    return Assignment(name=person.name, email=person.email, outcome="unknown-identity")


def _each_once(people: Iterable[Person]) -> tuple[Person, ...]:
    first: dict[str, Person] = {}
    for person in people:
        first.setdefault(person.email.casefold(), person)
    return tuple(first.values())


def _label(person: Person) -> str:
    """Readable for people, and by its digest the same for one address alone."""
    digest = hashlib.sha256(person.email.casefold().encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", person.name.lower()).strip("-")[:40]
    return f"{slug or 'person'}-{digest}"
