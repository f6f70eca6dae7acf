"""Look up who is on call, as of the incident."""

import asyncio
from datetime import timedelta

from worker.clients.teams.client import Teams
from worker.domain.errors import TocsinError
from worker.domain.incident import Incident
from worker.engine.step import Done, Lookup
from worker.oncall.rows import NOBODY
from worker.oncall.table import OnCall, OnCallTable, Person

# A mention is worth a short wait, and no more: the same people stand to be assigned.
_PATIENCE = timedelta(seconds=5)
_PEOPLE_MENTIONED = 10  # each costs a request; who stands further down is still named


class FindOnCall(Lookup[OnCall]):
    """Look up who is on call, as of the incident: its checkpoint keeps them through a change of shift."""

    name = "find-on-call"
    result = OnCall

    def describe(self, result: OnCall) -> str:
        return ", ".join(person.name for person in result.people) or NOBODY

    def __init__(self, on_call: OnCallTable, teams: Teams) -> None:
        self._on_call = on_call
        self._teams = teams

    async def run(self, incident: Incident, done: Done) -> OnCall:
        del done
        found = await self._on_call.on_call(incident.event.service)
        first, rest = found.people[:_PEOPLE_MENTIONED], found.people[_PEOPLE_MENTIONED:]
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
        return person.model_copy(update={"object_id": object_id})
