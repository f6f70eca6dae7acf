"""The messages of a team's channels, and what Graph checks before it takes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.sandbox.teams import markup
from worker.sandbox.teams.refusals import Refused, bad_request, not_found
from worker.sandbox.teams.timestamps import parsed, stamp

Json = dict[str, Any]

LARGEST_MESSAGE = 28 * 1024  # the documented "approximately 28 KB", markup and cards included
ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
_IMPORTANCES = {"normal", "high", "urgent"}


@dataclass(frozen=True)
class Content:
    """What the sender decides about a message; all the rest is the service's."""

    body: Json
    subject: str | None = None
    importance: str = "normal"
    attachments: tuple[Json, ...] = ()
    mentions: tuple[Json, ...] = ()


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
            "summary": None,
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

    def take_back(self, message: Message) -> None:
        """Restore a message that may already be known, perhaps in an older form."""
        known = self._by_id.get(message.id)
        if known is None or known.modified < message.modified:
            self._by_id[message.id] = message

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

    def by_sender(self, sender: Json) -> list[Message]:
        return [message for message in self._by_id.values() if message.sender == sender]

    def of_channel(self, channel_id: str) -> list[Message]:
        return [m for m in self._by_id.values() if m.channel_id == channel_id]

    def _keep(self, message: Message) -> Message:
        self._by_id[message.id] = message
        return message

    def _next_id(self, now: datetime) -> str:
        newest = int(next(reversed(self._by_id), "0"))
        return str(max(int(now.timestamp() * 1000), newest + 1))


_EMPTY_BODY: Json = {"contentType": "html", "content": ""}


def content_of(sent: Mapping[str, Any], members: Mapping[str, str]) -> Content:
    """What a chatMessage asks for, cleaned and checked; `members` are the names of those who can be mentioned."""
    content = Content(
        body=_body(sent.get("body")),
        subject=_text(sent.get("subject"), "subject", most=255) or None,
        importance=_text(sent.get("importance"), "importance", most=20) or "normal",
        attachments=tuple(_objects(sent.get("attachments"), "attachments", most=10)),
        mentions=tuple(_objects(sent.get("mentions"), "mentions", most=50)),
    )
    if content.importance not in _IMPORTANCES:
        raise bad_request("Invalid value specified for property 'importance' of resource 'chatMessage'.")
    _check_attachments(content)
    _check_mentions(content, members)
    return replace(
        content,
        attachments=tuple(_as_kept(attachment) for attachment in content.attachments),
        mentions=tuple(_mention(mention, members) for mention in content.mentions),
    )


def refuse_large(size: int) -> None:
    if size > LARGEST_MESSAGE:
        raise Refused(413, "RequestEntityTooLarge", f"Request body too large: {size} of {LARGEST_MESSAGE} bytes.")


def _body(body: object) -> Json:
    if not isinstance(body, Mapping):
        raise bad_request("Missing body: a chatMessage needs the property 'body'.")
    kind = body.get("contentType") or "text"
    content = _text(body.get("content"), "body/content", most=LARGEST_MESSAGE)
    if kind not in ("text", "html"):
        raise bad_request("Invalid value specified for property 'contentType' of resource 'itemBody'.")
    if not content:
        raise bad_request("Missing body content.")
    return {"contentType": kind, "content": markup.cleaned(content) if kind == "html" else content}


def _check_attachments(content: Content) -> None:
    referred = markup.ids_of("attachment", content.body["content"])
    for attachment in content.attachments:
        if not isinstance(attachment.get("id"), str) or attachment["id"] not in referred:
            raise bad_request(
                "Attachment with id "
                f"'{str(attachment.get('id'))[:64]}' has no <attachment id> marker in the message body."
            )
        if attachment.get("contentType") == ADAPTIVE_CARD:
            check_card(attachment.get("content"))


def check_card(content: object) -> None:
    try:
        card = json.loads(content) if isinstance(content, str) else None
    except (ValueError, RecursionError):
        card = None
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        raise bad_request("Attachment content is not a valid adaptive card: a JSON string is expected.")


def _as_kept(attachment: Json) -> Json:
    names = ("id", "contentType", "contentUrl", "content", "name", "thumbnailUrl", "teamsAppId")
    return {name: attachment.get(name) for name in names}


def _check_mentions(content: Content, members: Mapping[str, str]) -> None:
    marked = markup.ids_of("at", content.body["content"])
    cards = "".join(str(attachment.get("content")) for attachment in content.attachments)
    for mention in content.mentions:
        number = mention.get("id")
        in_card = f"<at>{mention.get('mentionText')}</at>" in cards
        if not isinstance(number, int) or not (str(number) in marked or in_card):
            raise bad_request(
                f"Neither Body nor adaptive card content contains marker for mention with Id '{str(number)[:20]}'."
            )
        if _mentioned_id(mention) not in members:
            raise bad_request(f"The user mentioned with Id '{number}' is not a member of the team.")
    unknown = marked - {str(mention.get("id")) for mention in content.mentions}
    if unknown:
        raise bad_request(f"Body contains a marker for mention '{min(unknown)[:20]}', which is not in mentions.")


def _mentioned_id(mention: Json) -> str | None:
    mentioned = mention.get("mentioned")
    user = mentioned.get("user") if isinstance(mentioned, Mapping) else None
    user_id = user.get("id") if isinstance(user, Mapping) else None
    return user_id if isinstance(user_id, str) else None


def _mention(mention: Json, members: Mapping[str, str]) -> Json:
    user_id = str(_mentioned_id(mention))
    return mention_of(mention["id"], str(mention.get("mentionText") or members[user_id]), user_id, members[user_id])


def mention_of(number: int, text: str, user_id: str, name: str) -> Json:
    user = {"id": user_id, "displayName": name, "userIdentityType": "aadUser"}
    mentioned = {"application": None, "device": None, "conversation": None, "user": user}
    return {"id": number, "mentionText": text, "mentioned": mentioned}


def _text(value: object, name: str, *, most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'chatMessage'.")
    if len(value) > most:
        raise bad_request(f"The property '{name}' is longer than {most} characters.")
    return value


def _objects(value: object, name: str, *, most: int) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(v, dict) for v in value):
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'chatMessage'.")
    return value
