"""The messages of a team's channels, or of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from worker.sandbox.teams.content import Content
from worker.sandbox.teams.refusals import not_found
from worker.sandbox.teams.timestamps import parsed, stamp

Json = dict[str, Any]

_EMPTY_BODY: Json = {"contentType": "html", "content": ""}
_EVENT_BODY: Json = {"contentType": "html", "content": "<systemEventMessage/>"}
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Message:
    id: str
    channel_id: str
    sender: Json | None
    """None for what Teams says itself, which has an `event`."""
    content: Content
    created: datetime
    modified: datetime
    reply_to: str | None = None
    edited: datetime | None = None
    deleted: datetime | None = None
    reactions: tuple[Json, ...] = ()
    event: Json | None = None
    notified: tuple[str, ...] = ()
    """Whom it mentioned as it was posted, by their names: Teams notifies nobody of a mention that comes by a change."""

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "replyToId": self.reply_to,
            "etag": str(int(self.modified.timestamp() * 1000)),
            "messageType": "systemEventMessage" if self.event else "message",
            "createdDateTime": stamp(self.created),
            "lastModifiedDateTime": stamp(self.modified),
            "lastEditedDateTime": self.edited and stamp(self.edited),
            "deletedDateTime": self.deleted and stamp(self.deleted),
            "subject": self.content.subject,
            "summary": self.content.summary,
            "chatId": None,
            "importance": self.content.importance,
            "locale": "en-us",
            "policyViolation": None,
            "eventDetail": self.event,
            "from": self.sender,
            "body": self.content.body,
            "attachments": list(self.content.attachments),
            "mentions": list(self.content.mentions),
            "reactions": list(self.reactions),
        }

    def to_state(self) -> Json:
        """As Graph shows it, and what only people see."""
        return self.to_json() | {"notified": list(self.notified)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], channel_id: str) -> Message:
        edited, deleted = stored["lastEditedDateTime"], stored["deletedDateTime"]
        return cls(
            id=stored["id"],
            channel_id=channel_id,
            sender=stored["from"],
            content=Content(
                body=stored["body"],
                subject=stored["subject"],
                summary=stored["summary"],
                importance=stored["importance"],
                attachments=tuple(stored["attachments"]),
                mentions=tuple(stored["mentions"]),
            ),
            created=parsed(stored["createdDateTime"]),
            modified=parsed(stored["lastModifiedDateTime"]),
            reply_to=stored["replyToId"],
            edited=parsed(edited) if edited else None,
            deleted=parsed(deleted) if deleted else None,
            reactions=tuple(stored["reactions"]),
            event=stored["eventDetail"],
            notified=tuple(stored.get("notified", ())),
        )


class Messages:
    """All messages of a team, in the order of their ids, which are the milliseconds of their making.

    No two changes have the same millisecond, so that whoever knows the newest one knows what is newer.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._by_id = {message.id: message for message in messages}
        self._newest = max((message.modified for message in self._by_id.values()), default=None)

    def post(
        self, channel_id: str, content: Content, sender: Json, now: datetime, *, reply_to: str | None = None
    ) -> Message:
        if reply_to and self.get(channel_id, reply_to).deleted:
            raise not_found(f"Message '{reply_to[:40]}' was deleted.")
        moment = self._moment(now)
        given = Message(_id(moment), channel_id, sender, content, moment, moment, reply_to)
        return self._keep(replace(given, notified=tuple(content.people_mentioned())))

    def note(self, channel_id: str, event: Json, now: datetime) -> Message:
        """Keep what Teams itself says in a channel."""
        moment = self._moment(now)
        return self._keep(Message(_id(moment), channel_id, None, Content(_EVENT_BODY), moment, moment, event=event))

    def get(self, channel_id: str, message_id: str) -> Message:
        message = self._by_id.get(message_id)
        if message is None or message.channel_id != channel_id:
            raise not_found(f"Message '{message_id[:40]}' does not exist in this channel.")
        return message

    def edit(self, message: Message, content: Content, now: datetime) -> Message:
        moment = self._moment(now)
        return self._keep(replace(message, content=content, modified=moment, edited=moment))

    def react(self, message: Message, reaction: Json, now: datetime) -> Message:
        """One person has each reaction once."""
        others = _without(message, reaction)
        return self._keep(replace(message, reactions=(*others, reaction), modified=self._moment(now)))

    def take_back(self, message: Message, reaction: Json, now: datetime) -> Message:
        return self._keep(replace(message, reactions=_without(message, reaction), modified=self._moment(now)))

    def delete(self, message: Message, now: datetime) -> Message:
        """A deleted message stays in the lists, without its content."""
        moment = self._moment(now)
        return self._keep(replace(message, content=Content(_EMPTY_BODY), modified=moment, deleted=moment))

    def threads(self, channel_id: str) -> list[Message]:
        """Newest thread first: any change in it brings a thread to the top."""
        return [thread for _, thread in reversed(self.changed_threads(channel_id))]

    def changed_threads(self, channel_id: str) -> list[tuple[datetime, Message]]:
        """Each thread with the moment of the newest change in it, the longest unchanged at the head."""
        changed: dict[str, datetime] = {}
        for message in self.of_channel(channel_id):
            root = message.reply_to or message.id
            changed[root] = max(changed.get(root, message.modified), message.modified)
        return sorted(((moment, self._by_id[root]) for root, moment in changed.items()), key=lambda each: each[0])

    def replies(self, message: Message) -> list[Message]:
        return [m for m in reversed(self._by_id.values()) if m.reply_to == message.id]

    def of_channel(self, channel_id: str) -> list[Message]:
        return [m for m in self._by_id.values() if m.channel_id == channel_id]

    def _keep(self, message: Message) -> Message:
        self._by_id[message.id] = message
        return message

    def _moment(self, now: datetime) -> datetime:
        self._newest = now if self._newest is None else max(now, self._newest + _TICK)
        return self._newest


def _id(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _without(message: Message, reaction: Json) -> tuple[Json, ...]:
    of = (reaction["reactionType"], reaction["user"]["user"]["id"])
    return tuple(each for each in message.reactions if (each["reactionType"], each["user"]["user"]["id"]) != of)
