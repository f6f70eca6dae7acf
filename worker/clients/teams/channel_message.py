"""A message of a channel as it stands: a root or a reply, a person's, an application's, or what Teams itself tells."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from worker.clients.answers import object_of, objects_of, text_of
from worker.clients.teams.message_text import MOST_MARKUP, SAFE_LINKS, text_of_card, text_of_markup
from worker.domain.text import SHORT_LIMIT, clean, clean_line, shortened

_ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
_EVENT = re.compile(r"#?(?:microsoft\.graph\.)?(\w{1,100}?)(?:EventMessageDetail)?", re.ASCII)
_MOST_NAMED = 20


class Attachment(BaseModel, frozen=True):
    """A file or a link."""

    name: str
    url: str


class Reaction(BaseModel, frozen=True):
    """`kind` is a sign, or one of the older words such as like; `person` is empty where Graph tells the id alone."""

    kind: str
    person: str
    person_id: str
    at: datetime


class ChannelMessage(BaseModel, frozen=True):
    """Times are UTC. `root` is the id of the message that it answers, its own id where it begins a thread.

    `text` and `html` are empty once it is deleted, which `deleted_at` says. `html` is as Graph gave it: nobody shows it
    without escaping it.
    `event` is what Teams itself tells, such as channelRenamed: then there is no author.
    """

    id: str
    root: str
    created_at: datetime
    modified_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    author: str = ""
    author_id: str = ""
    by_application: bool = False
    text: str = ""
    html: str = ""
    url: str = ""
    attachments: tuple[Attachment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    event: str = ""

    @property
    def is_reply(self) -> bool:
        return self.root != self.id


def read_channel_message(shown: dict[str, Any], root: str = "") -> ChannelMessage | None:
    """None where it lacks its id or the time at which it was written."""
    message_id, created_at = text_of(shown, "id"), _moment(shown, "createdDateTime")
    if not message_id or created_at is None:
        return None
    sender = object_of(shown, "from")
    application = object_of(sender, "application")
    author = application or object_of(sender, "user")
    detail = object_of(shown, "eventDetail")
    body = object_of(shown, "body")
    return ChannelMessage(
        id=message_id,
        root=text_of(shown, "replyToId") or root or message_id,
        created_at=created_at,
        modified_at=_moment(shown, "lastModifiedDateTime") or created_at,
        edited_at=_moment(shown, "lastEditedDateTime"),
        deleted_at=_moment(shown, "deletedDateTime"),
        author=_name(author),
        author_id=text_of(author, "id"),
        by_application=bool(application),
        text=_text_of_event(detail) if detail else clean("\n".join(_texts(shown, body))),
        html=text_of(body, "content")[:MOST_MARKUP] if text_of(body, "contentType") == "html" and not detail else "",
        url=text_of(shown, "webUrl"),
        attachments=tuple(_attachments(shown)),
        reactions=tuple(_reactions(shown, created_at)),
        event=_kind_of_event(detail),
    )


def _texts(shown: dict[str, Any], body: dict[str, Any]) -> Iterator[str]:
    """The subject, the words and those of each card, as far as there are such."""
    content = text_of(body, "content")
    cards = (each for each in objects_of(shown, "attachments") or [] if text_of(each, "contentType") == _ADAPTIVE_CARD)
    words = text_of_markup(content) if text_of(body, "contentType") == "html" else content[:MOST_MARKUP]
    parts = (text_of(shown, "subject"), words, *(text_of_card(text_of(card, "content")) for card in cards))
    return (part for part in parts if part)


def _attachments(shown: dict[str, Any]) -> Iterator[Attachment]:
    for each in objects_of(shown, "attachments") or []:
        url = text_of(each, "contentUrl")
        if url.lower().startswith(SAFE_LINKS):
            yield Attachment(name=_name(each, "name") or url, url=url)


def _reactions(shown: dict[str, Any], otherwise: datetime) -> Iterator[Reaction]:
    for each in objects_of(shown, "reactions") or []:
        user = object_of(object_of(each, "user"), "user")
        if kind := _name(each, "reactionType"):
            at = _moment(each, "createdDateTime") or otherwise
            yield Reaction(kind=kind, person=_name(user), person_id=text_of(user, "id"), at=at)


def _kind_of_event(detail: dict[str, Any]) -> str:
    if not detail:
        return ""
    match = _EVENT.fullmatch(text_of(detail, "@odata.type"))
    return match[1] if match else "event"


def _text_of_event(detail: dict[str, Any]) -> str:
    """As "channel renamed: inc-2041", with the names that are told."""
    words = re.sub(r"(?<!^)([A-Z])", r" \1", _kind_of_event(detail)).lower()
    people = (_name(each) for each in (objects_of(detail, "members") or [])[:_MOST_NAMED])
    names = ", ".join(name for name in (_name(detail, "channelDisplayName"), *people) if name)
    return f"{words}: {names}" if names else words


def _name(of: dict[str, Any], key: str = "displayName") -> str:
    return shortened(clean_line(text_of(of, key)), SHORT_LIMIT)


def _moment(shown: dict[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text_of(shown, name))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
