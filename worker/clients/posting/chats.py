"""A chat of the bot with one person: for whoever is to be told by name, wherever the channels are."""

from worker.clients.answers import text_of
from worker.clients.outcomes import Answers, Interpretation
from worker.clients.posting.connector import (
    POST_ACTIVITY,
    UPDATE_ACTIVITY,
    BotConnector,
    activity,
    activity_path,
    conversation_path,
)
from worker.clients.posting.poster import Announcement, first_posted
from worker.clients.teams.client import Message, Teams
from worker.domain.errors import Forbidden, Rejected, Transient

_NOT_INSTALLED = "The app is not installed for this person: it is for members of a team that has it."
_BLOCKED = Interpretation(Forbidden, "The person has blocked the bot.")
OPEN_CHAT: Answers = {
    # Microsoft's pages tell it by the sub-code; the code has been seen as well.
    "MessageWritesBlocked": _BLOCKED,
    "ConversationBlockedByUser": _BLOCKED,
    "BotNotInConversationRoster": Interpretation(Forbidden, _NOT_INSTALLED),
    400: Interpretation(Rejected, "Nobody of that object id can be written to."),
    404: Interpretation(Rejected, _NOT_INSTALLED),
    401: POST_ACTIVITY[401],
    403: Interpretation(Forbidden, _NOT_INSTALLED),
}


class BotChats:
    """People are known here by their Entra object ids."""

    def __init__(self, connector: BotConnector, teams: Teams) -> None:
        self._connector = connector
        self._teams = teams

    async def post(self, object_id: str, announcement: Announcement) -> str:
        """The message's id, empty where Teams told none; raises a TocsinError that says whether it may be there."""
        path = f"{conversation_path(await self._open(object_id))}/activities"
        trying = f"write to {object_id} {self._as_bot}"
        return text_of(await self._connector.write(trying, "POST", path, OPEN_CHAT, activity(announcement)), "id")

    async def update(self, object_id: str, message_id: str, announcement: Announcement) -> None:
        """Let a message of ours say this instead; raises Gone when it was deleted."""
        path = activity_path(await self._open(object_id), message_id)
        body = {**activity(announcement), "id": message_id}
        trying = f"update the message {message_id} to {object_id} {self._as_bot}"
        await self._connector.write(trying, "PUT", path, UPDATE_ACTIVITY, body)

    async def find(self, object_id: str, marker: str) -> Message | None:
        """What was written there earlier with this marker; raises Forbidden where nobody may look."""
        messages = await self._teams.chat_messages(f"19:{object_id}_{self._connector.app_id}@unq.gbl.spaces")
        own = first_posted(each for each in messages if each.by_application and marker in each.content)
        return own[0] if own else None

    async def _open(self, object_id: str) -> str:
        """The same conversation however often it is asked for."""
        trying = f"open a chat with {object_id} {self._as_bot}"
        body = self._connector.opening() | {"isGroup": False, "members": [{"id": object_id}]}
        answer = await self._connector.read(trying, "/conversations", OPEN_CHAT, method="POST", body=body)
        if not (opened := text_of(answer, "id")):
            raise Transient(f"Tried to {trying}; the answer named no conversation.")
        return opened

    @property
    def _as_bot(self) -> str:
        return f"as the bot {self._connector.app_id}"
