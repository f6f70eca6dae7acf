"""Keep the work item as current as the response: one patch, and nothing that a person has changed is changed back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pydantic import BaseModel

from handlers.how_it_stands import how_it_stands
from handlers.launch.assign import Assign
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.newest import Newest
from handlers.response.concerning import changes_what_is_shown
from handlers.response.following import outcome, result_of
from handlers.response.item_block import LeftBehind, with_block
from handlers.response.waiting import not_announced_yet
from handlers.response_facts import severity_of
from handlers.restricted import response_for_everybody
from worker.clients.boards.client import Boards
from worker.clients.boards.errors import RefusedByRule, UnknownIdentity
from worker.clients.boards.fields import FieldMap
from worker.clients.boards.items import DUPLICATE_OF, Item, Operation, add_relation, add_tag, set_field
from worker.clients.boards.state_map import StateMap
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Rejected
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Lookup

_DESCRIPTION, _STATE, _ASSIGNED = "System.Description", "System.State", "System.AssignedTo"
_DECLINED = "declined"
# In this order what may have been refused is left out.
_STATES, _PEOPLE, _OTHERS = "state", "owner", "severity, links and tags"


def work_item(boards: Boards, newest: Newest) -> Lane:
    return Lane(
        name="work-item",
        order=LaneOrder.NEWEST,
        concerns=changes_what_is_shown,
        playbook=lambda entry, _: (ShowOnItem(boards, newest, entry),),
        follow=say_what_was_not_done,
        stands_for_all=last_turn,
    )


def last_turn(entries: Sequence[Entry]) -> Entry:
    """Whatever came behind it: who reads why the item was moved is to read of what has moved it."""
    return next((entry for entry in reversed(entries) if _is_turn(entry)), entries[-1])


def _is_turn(entry: Entry) -> bool:
    """Whether it has changed the state."""
    return "state" in entry.sets


class Patched(BaseModel, frozen=True):
    """`about` tells the state of which it is, each time that the incident had it.

    `refused`: what Azure Boards said of what it did not take; `moved_to`: the state that a person gave the item.
    """

    about: str
    state: str = ""
    refused: str = ""
    moved_to: str = ""
    unknown_owner: str = ""


class ShowOnItem(Lookup[Patched]):
    """Each patch holds only at the revision that it was decided on: deciding again is finding."""

    name = "show-on-item"
    result = Patched

    def describe(self, result: Patched) -> str:
        return f"{result.state}; {result.refused}" if result.refused else result.state

    def __init__(self, boards: Boards, newest: Newest, entry: Entry) -> None:
        self._boards = boards
        self._newest = newest
        self._entry = entry

    async def run(self, incident: Incident, done: Done) -> Patched:
        del done
        launched = await self._newest.launched(incident.id)
        response = await self._newest.response(incident.id)
        item = launched.wanted(CreateWorkItem)
        if item is None or response is None:
            raise not_announced_yet(incident, self._entry)
        boards = item.place.boards(self._boards)
        wanted = Wanted(
            incident=incident,
            response=response,
            entry=self._entry,
            states=await boards.types.state_map(),
            fields=await boards.types.field_map(),
            assigned=_assigned(launched),
            duplicate_of=await self._duplicate_of(response),
        )
        return await self._patch(boards, item, wanted)

    async def _duplicate_of(self, response: Response) -> tuple[int, str] | None:
        if response.state is not ResponseState.MERGED or not response.merged_into:
            return None
        other: WorkItem | None = (await self._newest.launched(response.merged_into)).wanted(CreateWorkItem)
        return (other.id, self._boards.api_url(other.id)) if other else None

    async def _patch(self, boards: Boards, item: WorkItem, wanted: "Wanted") -> Patched:
        about = f"{wanted.response.state}-{wanted.response.reopened}"
        without: set[str] = set()
        refused = unknown = ""
        while True:
            decision = Decision(wanted, frozenset(without))
            try:
                left = await boards.amend(item.id, decision)
            except UnknownIdentity as error:
                if _PEOPLE in without:
                    raise
                without.add(_PEOPLE)
                unknown = str(error)
            except Rejected as error:
                # A rule that refuses one thing refuses the whole patch: the rest stands without it.
                left_out = next((part for part in (_STATES, _PEOPLE, _OTHERS) if part not in without), None)
                if left_out is None:
                    raise
                without.add(left_out)
                refused = refused or _said(error)
            else:
                return Patched(
                    about=about,
                    state=left.state,
                    refused=refused and f"refused: {refused}",
                    moved_to=decision.moved_to,
                    unknown_owner=unknown,
                )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the item is to show. `assigned`: to whom the launch gave it; `duplicate_of`: an id and an address."""

    incident: Incident
    response: Response
    entry: Entry
    states: StateMap
    fields: FieldMap
    assigned: tuple[str, ...]
    duplicate_of: tuple[int, str] | None


class Decision:
    """From the item as it is read to what is changed of it; `moved_to`: where a person has moved it, if they have."""

    def __init__(self, wanted: Wanted, without: frozenset[str]) -> None:
        self._wanted = wanted
        self._without = without
        self.moved_to = ""

    def __call__(self, item: Item) -> Sequence[Operation]:
        wanted, response = self._wanted, self._wanted.response
        before = LeftBehind.of(_description(item))
        if before is not None and before.seq > response.seq:
            return ()  # somebody shows a newer one already
        state, owner = self._state(item, before), self._owner(item, before)
        changes = [
            *((set_field(_STATE, state),) if state else ()),
            *((set_field(_ASSIGNED, owner),) if owner else ()),
            *self._others(item, before),
        ]
        left = LeftBehind(
            seq=response.seq,
            severity=response.severity,
            state=state or item.state,
            owner=owner or (before.owner if before else ""),
        )
        text = with_block(_description(item), response, left)
        if text != _description(item):
            changes.append(set_field(_DESCRIPTION, text))
        if state and not (_is_turn(wanted.entry) and wanted.entry.comments):
            said = wanted.entry.text if _is_turn(wanted.entry) and not response.restricted else ""
            words = f"{how_it_stands(response_for_everybody(response))} {said}".strip()
            changes.append(set_field("System.History", escape(words)))
        return changes

    def _state(self, item: Item, before: LeftBehind | None) -> str:
        """Empty where it is to stay: it is so already, or a person has moved it since we left it."""
        self.moved_to = ""
        response, states = self._wanted.response, self._wanted.states
        state = states.state_for(response.state, owned=response.owner is not None)
        if state is None or item.state == state or _STATES in self._without:
            return ""
        if before is None:
            # As it was made; what the process makes it is right for what is open.
            return "" if response.state is ResponseState.OPEN and not response.reopened else state
        if item.state != before.state:
            by_alerts = response.alerts == "resolved" and item.state == states.state_for(
                ResponseState.RESOLVED, owned=True
            )
            self.moved_to = "" if by_alerts else item.state
            return ""
        return state

    def _owner(self, item: Item, before: LeftBehind | None) -> str:
        """Empty where it is to stay: nobody has it, they are assigned already, or a person gave it to somebody."""
        owner, holder = self._wanted.response.owner, item.assigned_to
        if owner is None or not owner.email or _PEOPLE in self._without:
            return ""
        if holder is None:
            return owner.email
        ours = {*self._wanted.assigned, before.owner if before else ""} - {""}
        if holder.answers_to(owner.email) or not any(holder.answers_to(each) for each in ours):
            return ""
        return owner.email

    def _others(self, item: Item, before: LeftBehind | None) -> Iterator[Operation]:
        if _OTHERS in self._without:
            return
        yield from self._severity(item, before)
        duplicate = self._wanted.duplicate_of
        if duplicate is not None and not item.is_duplicate_with(duplicate[0]):
            yield add_relation(DUPLICATE_OF, duplicate[1])
        if self._wanted.response.state is ResponseState.DECLINED and not item.has_tag(_DECLINED):
            yield add_tag(_DECLINED)

    def _severity(self, item: Item, before: LeftBehind | None) -> Iterator[Operation]:
        """Of each field that says what we left there."""
        wanted = self._wanted
        last = Severity(before.severity) if before else wanted.incident.event.severity
        ours = {each.path: str(each.value) for each in wanted.fields.urgency(last)}
        for each in wanted.fields.urgency(severity_of(wanted.response)):
            given = item.fields.get(each.path.removeprefix("/fields/"))
            if given is None or (str(given) != str(each.value) and str(given) == ours.get(each.path)):
                yield each


def say_what_was_not_done(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """Once for each state: that a rule refused it, that a person has moved the item, or that Boards knows no owner."""
    del entry
    patched = result_of(made, ShowOnItem.name, Patched)
    if patched is None:
        return
    if patched.refused:
        words = f"Azure Boards does not let the work item show it: {patched.refused}"
        yield outcome(f"item-refused:{patched.about}", words, refused=patched.refused)
    if patched.moved_to:
        words = f"Somebody has moved the work item to {patched.moved_to!r}: it is left there."
        yield outcome(f"item-moved:{patched.about}", words, moved_to=patched.moved_to)
    if patched.unknown_owner:
        words = f"The work item could not be assigned: {patched.unknown_owner}"
        yield outcome(f"item-owner:{patched.about}", words, unknown_owner=patched.unknown_owner)


def _assigned(launched: Done) -> tuple[str, ...]:
    assigned = launched.wanted(Assign)
    return tuple(each.email for each in assigned.people if each.outcome == "assigned") if assigned else ()


def _description(item: Item) -> str:
    return str(item.fields.get(_DESCRIPTION) or "")


def _said(error: Rejected) -> str:
    return (error.said if isinstance(error, RefusedByRule) else "") or str(error)
