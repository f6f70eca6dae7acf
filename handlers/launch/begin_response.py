"""Let the response begin once the people are known, however long the rest of the launch takes."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from handlers.launch.find_on_call import FindOnCall
from worker.domain.incident import Incident
from worker.engine.step import Done, Lookup
from worker.oncall.on_call import OnCall

Begin = Callable[[Incident, OnCall], Awaitable[None]]


class Begun(BaseModel, frozen=True):
    """That it has."""


class RecordResponse(Lookup[Begun]):
    """Of an incident that is over: how it stands, without anybody who is called."""

    name = "record-response"
    result = Begun

    def __init__(self, begin: Begin | None) -> None:
        self._begin = begin

    def describe(self, result: Begun) -> str:
        del result
        return "recorded as closed; nobody is called"

    async def run(self, incident: Incident, done: Done) -> Begun:
        del done
        if self._begin is not None:
            await self._begin(incident, OnCall(service=incident.event.service))
        return Begun()


class BeginResponse(Lookup[Begun]):
    """To begin twice is to begin once, so there is nothing to look for."""

    name = "begin-response"
    needs = (FindOnCall,)
    contingent = True
    result = Begun

    def __init__(self, begin: Begin | None) -> None:
        self._begin = begin

    def describe(self, result: Begun) -> str:
        del result
        return "whoever does not answer is followed by the next"

    def without_effect(self, incident: Incident, done: Done) -> Begun | None:
        del incident, done
        return None if self._begin else Begun()

    async def run(self, incident: Incident, done: Done) -> Begun:
        if self._begin is not None:
            await self._begin(incident, done[FindOnCall])
        return Begun()
