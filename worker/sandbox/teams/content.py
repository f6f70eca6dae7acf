"""What the sender decides about a message, and what Graph checks before it takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from worker.sandbox.teams import markup
from worker.sandbox.teams.refusals import Refused, bad_request

Json = dict[str, Any]

LARGEST_MESSAGE = 28 * 1024  # the documented "approximately 28 KB", markup and cards included
ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
_IMPORTANCES = {"normal", "high", "urgent"}


@dataclass(frozen=True)
class Content:
    """What the sender decides about a message; all the rest is the service's."""

    body: Json
    subject: str | None = None
    summary: str | None = None
    """What a notification says; it stands nowhere in the channel."""
    importance: str = "normal"
    attachments: tuple[Json, ...] = ()
    mentions: tuple[Json, ...] = ()

    def people_mentioned(self) -> list[str]:
        """By their names."""
        users = (mention["mentioned"].get("user") or {} for mention in self.mentions)
        return [user["displayName"] for user in users if "displayName" in user]


def content_of(sent: Mapping[str, Any], members: Mapping[str, str]) -> Content:
    """What a chatMessage asks for, cleaned and checked; `members` are the names of those who can be mentioned."""
    content = Content(
        body=_body(sent.get("body")),
        subject=_text(sent.get("subject"), "subject", most=255) or None,
        summary=_text(sent.get("summary"), "summary", most=255) or None,
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


def content_after(content: Content, sent: Mapping[str, Any], members: Mapping[str, str]) -> Content:
    """What is not sent stays as it is; a new body comes with all that it refers to."""
    body = sent.get("body")
    rich = isinstance(body, Mapping) and body.get("contentType") == "html"
    if rich and not sent.keys() >= {"attachments", "mentions", "reactions"}:
        raise bad_request("Rich html messages require details of attachments, mentions and reactions.")
    referred = {} if body else {"attachments": list(content.attachments), "mentions": list(content.mentions)}
    kept = {"body": content.body, "subject": content.subject, "summary": content.summary}
    return content_of({**kept, "importance": content.importance, **referred, **sent}, members)


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
