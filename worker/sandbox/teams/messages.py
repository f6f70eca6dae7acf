"""The messages of a team's channels, or of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.sandbox.teams.content import Content
from worker.sandbox.teams.refusals import not_found
from worker.sandbox.teams.timestamps import parsed, stamp

Json = dict[str, Any]

_EMPTY_BODY: Json = {"contentType": "html", "content": ""}


@dataclass(frozen=True)
class Message:
    id: str
    channel_id: str
    sender: Json
    content: Content
    created: datetime
    modified: datetime
    reply_to: str | None = None
    edited: datetime | None = None
    deleted: datetime | None = None

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "replyToId": self.reply_to,
            "etag": str(int(self.modified.timestamp() * 1000)),
            "messageType": "message",
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
            "eventDetail": None,
            "from": self.sender,
            "body": self.content.body,
            "attachments": list(self.content.attachments),
            "mentions": list(self.content.mentions),
            "reactions": [],
        }

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
        )


class Messages:
    """All messages of a team, in the order of their ids, which are the milliseconds of their making."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._by_id = {message.id: message for message in messages}

    def post(
        self, channel_id: str, content: Content, sender: Json, now: datetime, *, reply_to: str | None = None
    ) -> Message:
        thread = self.get(channel_id, reply_to) if reply_to else None
        message = Message(self._next_id(now), channel_id, sender, content, now, now, reply_to)
        self._by_id[message.id] = message
        if thread:
            self._by_id[thread.id] = replace(thread, modified=now)
        return message

    def get(self, channel_id: str, message_id: str) -> Message:
        message = self._by_id.get(message_id)
        if message is None or message.channel_id != channel_id:
            raise not_found(f"Message '{message_id[:40]}' does not exist in this channel.")
        return message

    def edit(self, message: Message, content: Content, now: datetime) -> Message:
        return self._keep(replace(message, content=content, modified=now, edited=now))

    def delete(self, message: Message, now: datetime) -> Message:
        """A deleted message stays in the lists, without its content."""
        return self._keep(replace(message, content=Content(_EMPTY_BODY), modified=now, deleted=now))

    def threads(self, channel_id: str) -> list[Message]:
        """Newest thread first: a reply brings its thread to the top."""
        found = [m for m in self._by_id.values() if m.channel_id == channel_id and m.reply_to is None]
        return sorted(found, key=lambda m: (m.modified, m.id), reverse=True)

    def replies(self, message: Message) -> list[Message]:
        return [m for m in reversed(self._by_id.values()) if m.reply_to == message.id]

    def of_channel(self, channel_id: str) -> list[Message]:
        return [m for m in self._by_id.values() if m.channel_id == channel_id]

    def _keep(self, message: Message) -> Message:
        self._by_id[message.id] = message
        return message

    def _next_id(self, now: datetime) -> str:
        newest = int(next(reversed(self._by_id), "0"))
        return str(max(int(now.timestamp() * 1000), newest + 1))
