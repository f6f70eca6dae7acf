"""Put the addresses into chats that were written before there were any."""

from collections.abc import Sequence

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.chat import Chat
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.last_resort import PageLastResort
from handlers.paging.page import PagePeople
from handlers.paging.way import Recipient
from handlers.paging.ways import Ways
from worker.domain.errors import Permanent
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.paging_ways import CHAT
from worker.engine.step import Done, Fan, Part


class Completed(BaseModel, frozen=True):
    """Whose chats show the addresses now."""

    names: tuple[str, ...] = ()


class CompleteChats(Fan[Completed]):
    """Let each chat lead to the incident's channel and work item."""

    name = "complete-chats"
    # A chat that is in doubt is completed once it is found.
    needs = (CreateChannel, PagePeople)
    wants = (CreateWorkItem, WriteToPeople, PageLastResort)
    contingent = True
    result = Completed

    def describe(self, result: Completed) -> str:
        return f"linked in the chats of {', '.join(result.names) or 'nobody'}"

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def without_effect(self, incident: Incident, done: Done) -> Completed | None:
        return None if self.parts(incident, done) else Completed()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Completed]]:
        written = [page for page in done.pages if page.by == CHAT and page.told]
        parts = ((page, self._ways.to(incident, _recipient(page, done), CHAT)) for page in written)
        return [Completion(chat, page.message) for page, chat in parts if isinstance(chat, Chat)]

    def gather(self, made: Sequence[Completed]) -> Completed:
        return Completed(names=tuple(name for each in made for name in each.names))


class Completion(Part[Completed]):
    result = Completed

    def describe(self, result: Completed) -> str:
        return f"linked in the chat of {', '.join(result.names) or 'nobody'}"

    def __init__(self, chat: Chat, message: str) -> None:
        self._chat = chat
        self._message = message
        self.label = chat.label

    async def find(self, incident: Incident, done: Done) -> Completed | None:
        written = await self._chat.written(incident)
        return self._completed() if written and done[CreateChannel].url in written.content else None

    async def run(self, incident: Incident, done: Done) -> Completed:
        try:
            if not (message := self._message or await self._look_up(incident)):
                return Completed()  # taken without an id, and nobody may look
            await self._chat.rewrite(incident, done, message)
        except Permanent:
            return Completed()  # it was deleted, or the person has blocked the bot since
        return self._completed()

    async def _look_up(self, incident: Incident) -> str:
        written = await self._chat.written(incident)
        return written.id if written else ""

    def _completed(self) -> Completed:
        return Completed(names=(self._chat.recipient.name,))


def _recipient(page: Page, done: Done) -> Recipient:
    on_call = done.wanted(FindOnCall)
    known = {person.email: person.object_id for person in on_call.people} if on_call else {}
    return Recipient(
        name=page.name, address=page.person, why=page.why, level=page.level, object_id=known.get(page.person)
    )
