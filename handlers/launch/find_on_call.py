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
from worker.oncall.lookup import OnCallLookup
from worker.oncall.on_call import OnCall, Person
from worker.oncall.rows import DEFAULT_SERVICE, NOBODY

# Whoever is paged for want of people is paged after it; and a mention is worth no longer wait.
_PATIENCE = timedelta(seconds=5)
_PEOPLE_LOOKED_UP = 10  # each costs a request; who stands further down is still named


class FindOnCall(Lookup[OnCall]):
    """Look up who is on call, as of the incident: its checkpoint keeps them through a change of shift.

    People whom neither Teams nor Boards knows, and who have no telephone, are as good as an empty row: the default
    ones stand in for them.
    """

    name = "find-on-call"
    result = OnCall

    def describe(self, result: OnCall) -> str:
        return ", ".join(_beside(person) for person in result.people) or NOBODY

    def __init__(self, on_call: OnCallLookup, teams: Teams, boards: Boards) -> None:
        self._on_call = on_call
        self._teams = teams
        self._boards = boards

    async def run(self, incident: Incident, done: Done) -> OnCall:
        found = await self._look_up(routed(done).service_of(incident.event))
        if not found.people or found.from_default or await self._reaches_anybody(found):
            return found
        default = await self._look_up(DEFAULT_SERVICE)
        strangers = ", ".join(f"{person.name} ({person.email})" for person in found.people)
        note = f"Neither Teams nor Azure Boards knows {strangers}, on call for {found.service!r}: mend the roster."
        who = f"These are the people of {DEFAULT_SERVICE!r}." if default.people else "NOBODY IS ON CALL by default."
        told = " ".join(filter(None, (note, who, found.note)))
        return found.model_copy(update={"people": default.people, "from_default": True, "note": told})

    async def _look_up(self, service: str) -> OnCall:
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                found = await self._on_call.on_call(service)
        except TimeoutError:
            raise Transient(
                f"Tried to read who is on call; the table did not answer in {_PATIENCE.seconds} s. It is tried again."
            ) from None
        first, rest = found.people[:_PEOPLE_LOOKED_UP], found.people[_PEOPLE_LOOKED_UP:]
        known = await asyncio.gather(*(self._with_object_id(person) for person in first))
        return found.model_copy(update={"people": (*known, *rest)})

    async def _with_object_id(self, person: Person) -> Person:
        """The person, mentionable if Teams knows the address; a person it does not know is on call all the same."""
        if person.object_id:
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
