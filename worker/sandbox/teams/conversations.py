"""Where a bot can post: a channel or a thread of it, as the connector addresses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.content import Content
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.team import Team
from worker.sandbox.world import Person

Json = dict[str, Any]


class Conversation(Protocol):
    """What the connector does with a conversation; raises Refused."""

    def people(self) -> list[Person]: ...
    def address(self, message: Message) -> str:
        """The id of the conversation that the message begins or belongs to."""

    def post(self, content: Content, sender: Json) -> Message: ...
    def message(self, message_id: str) -> Message: ...
    def edit(self, message: Message, content: Content) -> None: ...
    def delete(self, message: Message) -> None: ...


@dataclass(frozen=True)
class ChannelConversation:
    team: Team
    channel: Channel
    thread: str | None = None

    def people(self) -> list[Person]:
        return self.team.members.people()

    def address(self, message: Message) -> str:
        return f"{self.channel.id};messageid={self.thread or message.id}"

    def post(self, content: Content, sender: Json) -> Message:
        return self.team.post(self.channel, content, sender, reply_to=self.thread)

    def message(self, message_id: str) -> Message:
        try:
            message = self.team.messages.get(self.channel.id, message_id)
        except Refused:
            raise no_activity() from None
        if message.deleted:
            raise no_activity()
        return message

    def edit(self, message: Message, content: Content) -> None:
        self.team.edit(self.channel, message, content)

    def delete(self, message: Message) -> None:
        self.team.delete(self.channel, message)


def no_conversation() -> Refused:
    return Refused(404, "ConversationNotFound", "Conversation not found.")


def no_activity() -> Refused:
    return Refused(404, "ActivityNotFoundInConversation", "The activity is not in the conversation.")
