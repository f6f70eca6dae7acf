"""By a chat of the bot with the person, beside all channels."""

from handlers.marks import CHAT, mark
from handlers.paging.way import Recipient, ToOne, Wording
from worker.clients.posting.chats import BotChats
from worker.clients.teams.client import Message, Teams
from worker.domain.errors import Permanent, Rejected
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.paging_ways import CHAT as BY
from worker.engine.step import Done


class Chat(ToOne):
    """`teams` tells whom an address means, where the roster does not."""

    def __init__(self, recipient: Recipient, chats: BotChats, teams: Teams, wording: Wording) -> None:
        super().__init__(recipient, BY)
        self._chats = chats
        self._teams = teams
        self._wording = wording

    async def find(self, incident: Incident, done: Done) -> Page | None:
        del done
        found = await self.written(incident)
        return None if found is None else self._told(found.id)

    async def run(self, incident: Incident, done: Done) -> Page:
        try:
            object_id = await self._object_id()
            card = self._wording.on_card(incident, self.recipient, done)
            return self._told(await self._chats.post(object_id, card))
        except Permanent as error:
            return self.refused(error)

    async def written(self, incident: Incident) -> Message | None:
        """What stands in the chat already; None also where nobody may look: told twice is the lesser evil."""
        try:
            return await self._chats.find(await self._object_id(), mark(incident, self.recipient.topic or CHAT))
        except Permanent:
            return None

    async def rewrite(self, incident: Incident, done: Done, message: str) -> None:
        """Let the message say what is known by now; raises Gone when it was deleted."""
        card = self._wording.on_card(incident, self.recipient, done)
        await self._chats.update(await self._object_id(), message, card)

    async def _object_id(self) -> str:
        found = self.recipient.object_id or await self._teams.object_id(self.recipient.address)
        if not found:
            raise Rejected(f"Teams knows nobody of the address {self.recipient.address}.")
        return found

    def _told(self, message: str) -> Page:
        return self.recipient.page(self.by, "written to", told=True, message=message)
