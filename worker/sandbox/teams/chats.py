"""The chats of single people with the bot: one for each, made when the bot first asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from worker.sandbox.teams.content import Content
from worker.sandbox.teams.conversations import no_activity
from worker.sandbox.teams.messages import Message, Messages
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.team import Clock
from worker.sandbox.world import Person, World

Json = dict[str, Any]


@dataclass(frozen=True)
class Chat:
    """A conversation of the bot's; `id` is Graph's, `conversation` the connector's."""

    id: str
    person: Person
    clock: Clock
    messages: Messages

    @property
    def conversation(self) -> str:
        return f"a:1{self.person.entra_id.replace('-', '')}"

    def people(self) -> list[Person]:
        return [self.person]

    def address(self, _: Message) -> str:
        return self.conversation

    def post(self, content: Content, sender: Json) -> Message:
        self._refuse_blocked()
        return self.messages.post(self.id, content, sender, self.clock())

    def message(self, message_id: str) -> Message:
        try:
            message = self.messages.get(self.id, message_id)
        except Refused:
            raise no_activity() from None
        if message.deleted:
            raise no_activity()
        return message

    def edit(self, message: Message, content: Content) -> None:
        self._refuse_blocked()
        self.messages.edit(message, content, self.clock())

    def delete(self, message: Message) -> None:
        self.messages.delete(message, self.clock())

    def newest_first(self) -> list[Message]:
        return self.messages.of_channel(self.id)[::-1]

    def shown(self, message: Message) -> Json:
        return message.to_json() | {"chatId": self.id}

    def to_json(self) -> Json:
        kept = [self.shown(message) for message in self.messages.of_channel(self.id)]
        return {"person": self.person.entra_id, "email": self.person.email, "messages": kept}

    def _refuse_blocked(self) -> None:
        # Microsoft's pages speak of the sub-code; people who were blocked have seen the code.
        if self.person.blocks_bot:
            message = "User blocked the conversation with the bot."
            raise Refused(403, "ConversationBlockedByUser", message, {"subCode": "MessageWritesBlocked"})


class Chats:
    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._of_person: dict[str, Chat] = {}

    def __iter__(self) -> Iterator[Chat]:
        return iter(self._of_person.values())

    def open(self, person: Person) -> Chat:
        """The person's chat, however often it is asked for."""
        return self._of_person.setdefault(person.entra_id, self._chat(person, ()))

    def of_conversation(self, conversation: str) -> Chat | None:
        return next((chat for chat in self if chat.conversation == conversation), None)

    def get(self, chat_id: str) -> Chat | None:
        return next((chat for chat in self if chat.id == chat_id), None)

    def state(self) -> list[Json]:
        return [chat.to_json() for chat in self]

    def restore(self, state: Iterable[Json]) -> None:
        self._of_person.clear()
        for stored in state:
            person = self._world.person(stored["person"])
            if person is not None:
                self._of_person[person.entra_id] = self._chat(person, stored["messages"])

    def _chat(self, person: Person, stored: Iterable[Json]) -> Chat:
        chat_id = f"19:{person.entra_id}_{self._world.bot_app_id}@unq.gbl.spaces"
        messages = Messages(Message.from_json(each, chat_id) for each in stored)
        return Chat(chat_id, person, self._clock, messages)
