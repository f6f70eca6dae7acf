"""Look up who is on call, as of the incident."""

import asyncio
from datetime import timedelta

from handlers.launch.route import routed
from worker.clients.boards.client import Boards
from worker.clients.boards.errors import UnknownIdentity
from worker.clients.boards.items import set_field
from worker.clients.teams.client import Teams
from worker.domain.errors import TocsinError, Transient
from worker.domain.incident import Incident
from worker.engine.step import Done, Lookup
from worker.oncall.first_level import FirstLevel, OpeningRules
from worker.oncall.lookup import KnownOnCall, OnCallLookup
from worker.oncall.on_call import OnCall, Person
from worker.oncall.rows import DEFAULT_SERVICE, NOBODY
from worker.oncall.schedule.wall_clock import Minute

# Whoever is paged for want of people is paged after it; and a mention is worth no longer wait.
_PATIENCE = timedelta(seconds=5)
_PEOPLE_LOOKED_UP = 10  # each costs a request; who stands further down is still named
_AS_USUAL = OpeningRules()


class FindOnCall(Lookup[OnCall]):
    """Look up who is on call, as of the incident: its checkpoint keeps them through a change of shift.

    Where a policy covers it these are the people of its first level, who are followed by those of the next. Else they
    are those of the list: whom of them neither Teams nor Boards knows, and who have no telephone, are as good as an
    empty row, and the default ones stand in for them.
    """

    name = "find-on-call"
    result = OnCall

    def describe(self, result: OnCall) -> str:
        return ", ".join(_beside(person) for person in result.people) or NOBODY

    def __init__(self, on_call: OnCallLookup, teams: Teams, boards: Boards, rules: OpeningRules = _AS_USUAL) -> None:
        self._on_call = on_call
        self._teams = teams
        self._boards = boards
        self._rules = rules

    async def run(self, incident: Incident, done: Done) -> OnCall:
        service, severity = routed(done).service_of(incident.event), incident.event.severity.value
        known = await self._known()
        level_1 = FirstLevel(known, service, severity, self._rules.instant(incident), self._rules)
        if (found := level_1.by_policy()) is not None:
            return await self._with_object_ids(found)
        return level_1.by_list(await self._by_list(known, service, level_1.instant))

    async def _by_list(self, known: KnownOnCall, service: str, instant: Minute) -> OnCall:
        found = await self._with_object_ids(known.answer(service, instant))
        if not found.people or found.from_default or await self._reaches_anybody(found):
            return found
        default = await self._with_object_ids(known.answer(DEFAULT_SERVICE, instant))
        strangers = ", ".join(f"{person.name} ({person.email})" for person in found.people)
        note = f"Neither Teams nor Azure Boards knows {strangers}, on call for {found.service!r}: mend the roster."
        who = f"These are the people of {DEFAULT_SERVICE!r}." if default.people else "NOBODY IS ON CALL by default."
        told = " ".join(filter(None, (note, who, found.note)))
        return found.model_copy(update={"people": default.people, "from_default": True, "note": told})

    async def _known(self) -> KnownOnCall:
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                return await self._on_call.known()
        except TimeoutError:
            raise Transient(
                f"Tried to read who is on call; the table did not answer in {_PATIENCE.seconds} s. It is tried again."
            ) from None

    async def _with_object_ids(self, found: OnCall) -> OnCall:
        first, rest = found.people[:_PEOPLE_LOOKED_UP], found.people[_PEOPLE_LOOKED_UP:]
        known = await asyncio.gather(*(self._with_object_id(person) for person in first))
        return found.model_copy(update={"people": (*known, *rest)})

    async def _with_object_id(self, person: Person) -> Person:
        """The person, mentionable if Teams knows the address; a person it does not know is on call all the same."""
        if person.object_id or not person.email:
            return person
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                object_id = await self._teams.object_id(person.email)
        except (TocsinError, TimeoutError):
            return person
        return person.model_copy(update={"object_id": object_id, "in_directory": object_id is not None})

    async def _reaches_anybody(self, found: OnCall) -> bool:
        if any(person.in_directory is not False or person.phone or person.paging for person in found.people):
            return True
        known = await asyncio.gather(*(self._is_known_to_boards(person) for person in found.people))
        return any(known)

    async def _is_known_to_boards(self, person: Person) -> bool:
        """In doubt yes: whoever is named by the roster is not passed over because Boards cannot be asked."""
        assigning = set_field("System.AssignedTo", person.boards_identity or person.email)
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                await self._boards.validate((set_field("System.Title", "Is this person known?"), assigning))
        except UnknownIdentity:
            return False
        except (TocsinError, TimeoutError):
            return True
        return True


def _beside(person: Person) -> str:
    return f"{person.name} ({person.shift})" if person.shift else person.name
