"""Where none of the people on call could be told, the next ones are called at once instead of after a wait."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from handlers.launch.begin_response import BeginResponse
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from handlers.paging.work_item import ToldByWorkItem
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.engine.step import Done, Lookup

Call = Callable[[Incident, str], Awaitable[None]]


class CalledNext(BaseModel, frozen=True):
    """That they are, if that was needed."""


class CallNext(Lookup[CalledNext]):
    """Once every way has answered: what takes longer than a minute is the response's. Said twice it counts once."""

    name = "call-next"
    needs = (BeginResponse, FindOnCall, PagePeople, MentionPeople)
    wants = (WriteToPeople, ToldByWorkItem)
    contingent = True
    result = CalledNext

    def __init__(self, call: Call | None) -> None:
        self._call = call

    def describe(self, result: CalledNext) -> str:
        del result
        return "nobody on call could be told, so the next are called"

    def without_effect(self, incident: Incident, done: Done) -> CalledNext | None:
        del incident
        tried = _tried(done)
        is_needed = self._call is not None and tried and not any(page.told for page in tried)
        return None if is_needed else CalledNext()

    async def run(self, incident: Incident, done: Done) -> CalledNext:
        if self._call is not None:
            answers = "; ".join(f"{page.name} by {page.by}: {page.answer}" for page in _tried(done))
            await self._call(incident, f"Nobody of this level could be told: {answers}")
        return CalledNext()


def _tried(done: Done) -> list[Page]:
    on_call = {person.email or person.key for person in done[FindOnCall].people}
    return [page for page in done.pages if page.person in on_call]
