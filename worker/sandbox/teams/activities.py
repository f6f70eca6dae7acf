"""What an activity becomes in Teams: one message, or several where it holds a text and cards."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from worker.sandbox.teams.connector import at, bad, objects
from worker.sandbox.teams.content import ADAPTIVE_CARD, Content, mention_of
from worker.sandbox.world import Person

Json = dict[str, Any]

# Teams makes links of bare addresses; a full stop or bracket after one belongs to the sentence.
_BARE_ADDRESS = re.compile(r"https?://(?:(?!&lt;|&gt;)[^\s\"'])+(?<![.,;:!?)])")
_MARKED_NAME = re.compile(r"&lt;at&gt;(.{1,256}?)&lt;/at&gt;", re.DOTALL)


def contents_of(activity: object, members: Iterable[Person]) -> list[Content]:
    """The messages that Teams makes of an activity: its text, then each attachment, unless they are a carousel.

    Each is as Graph will show it: HTML, with a marker for each card, whose ids are ours to choose. Of those called by
    name, only `members` are known; anybody else stays plain text, unnotified.
    """
    if not isinstance(activity, dict) or activity.get("type") != "message":
        raise bad("An activity of type 'message' is expected.")
    people = {address: person for person in members for address in (person.entra_id, person.email.casefold())}
    called = _called(objects(activity, "entities"))
    parts = _parts(activity)
    if not parts:
        raise bad("A message needs a text or an attachment.")
    return [_content(activity, text, cards, _known(called, text, cards, people)) for text, cards in parts]


def only_content_of(activity: object, members: Iterable[Person]) -> Content:
    """The one message that an edited activity must be."""
    contents = contents_of(activity, members)
    if len(contents) > 1:
        raise bad("Activity resulted into multiple skype activities")
    return contents[0]


def _parts(activity: Json) -> list[tuple[str, list[Json]]]:
    text = str(activity.get("text") or "")
    attachments = [_attachment(sent) for sent in objects(activity, "attachments")]
    if activity.get("attachmentLayout") == "carousel":
        groups = [attachments] if attachments else []
    else:
        groups = [[attachment] for attachment in attachments]
    return [*([(text, [])] if text else []), *(("", group) for group in groups)]


def _content(activity: Json, text: str, attachments: Sequence[Json], known: Sequence[tuple[str, Person]]) -> Content:
    mentions = [mention_of(n, called, person.entra_id, person.name) for n, (called, person) in enumerate(known)]
    markers = "".join(f'<attachment id="{attachment["id"]}"></attachment>' for attachment in attachments)
    return Content(
        body={"contentType": "html", "content": _as_html(text, mentions) + markers},
        summary=str(activity["summary"])[:255] if activity.get("summary") else None,
        importance="high" if activity.get("importance") == "high" else "normal",
        attachments=tuple(attachments),
        mentions=tuple(mentions),
    )


def _known(
    called: Iterable[tuple[str, str]], text: str, attachments: Iterable[Json], people: dict[str, Person]
) -> list[tuple[str, Person]]:
    """Whom this part calls by name: those whose marker stands in it, and those whom its own cards name."""
    cards = [json.loads(one["content"]) for one in attachments if one["contentType"] == ADAPTIVE_CARD]
    words = [text, *(json.dumps(card, ensure_ascii=False) for card in cards)]
    here = [(name, who) for name, who in called if any(f"<at>{name}</at>" in each for each in words)]
    for card in cards:
        here += _called(objects(card.get("msteams") or {}, "entities"))
    return [(name, people[who.casefold()]) for name, who in here if who.casefold() in people]


def _attachment(sent: Json) -> Json:
    kind, content = sent.get("contentType"), sent.get("content")
    if not isinstance(kind, str):
        raise bad("An attachment needs a contentType.")
    if kind == ADAPTIVE_CARD and not (isinstance(content, dict) and content.get("type") == "AdaptiveCard"):
        raise bad("The content of an adaptive card must be an object of type AdaptiveCard.")
    kept = content if isinstance(content, str) or content is None else json.dumps(content, ensure_ascii=False)
    return {
        "id": uuid.uuid4().hex,
        "contentType": kind[:200],
        "contentUrl": None,
        "content": kept,
        "name": None,
        "thumbnailUrl": None,
        "teamsAppId": None,
    }


def _called(entities: Iterable[Json]) -> list[tuple[str, str]]:
    return [_mentioned(entity) for entity in entities if entity.get("type") == "mention"]


def _mentioned(entity: Json) -> tuple[str, str]:
    text, who = entity.get("text"), at(entity, "mentioned", "id")
    if not isinstance(text, str) or not isinstance(who, str):
        raise bad("A mention needs its text and the id of the person mentioned.")
    return text.removeprefix("<at>").removesuffix("</at>"), who


def _as_html(text: str, mentions: Iterable[Json]) -> str:
    numbers = {html.escape(mention["mentionText"], quote=False): mention["id"] for mention in mentions}

    def marked(match: re.Match[str]) -> str:
        number = numbers.get(match[1])
        return match[1] if number is None else f'<at id="{number}">{match[1]}</at>'

    escaped = html.escape(text, quote=False)
    linked = _BARE_ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', escaped)
    paragraphs = _MARKED_NAME.sub(marked, linked).split("\n\n")
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in paragraphs if p.strip())
