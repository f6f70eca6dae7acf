"""What people see of an incident's response: each message, page, comment and change once, and how it stands now."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from handlers.how_it_stands import how_it_stands
from worker.domain.response.response import Response

Json = dict[str, Any]

_CHANGING = re.compile(r"\d\d:\d\d( UTC)?( on \d+ \w+)?|inc-\w{10}|\d{4}-\d\d-\d\d|https?://[^\s\"<]+")
_MARK = re.compile(r"comment:\S+|\(incident-key:\S+\)")
_TAGS = re.compile(r"<[^>]+>")
# What a launch that takes long on a busy machine says besides.
_OF_LAUNCH = re.compile(r"(announcement|elsewhere|trouble|call|chat|alerts):\w+")
_ARCHIVING = ("archiveChannel", "unarchiveChannel")


@dataclass(frozen=True)
class Left:
    """`effects`: what is there, each as people see it. `stale`: what shows an older state than the newest."""

    effects: Counter
    stale: tuple[str, ...]


def left_by(world: Json, incident_id: str, response: Response) -> Left:
    return Left(Counter(_effects(world, incident_id)), tuple(_stale(world, incident_id, response)))


def _effects(world: Json, incident_id: str) -> Iterator[str]:
    short = incident_id.removeprefix("inc-")
    for channel in _channels(world, incident_id):
        for message in channel["messages"]:
            if _is_ours(message, short):
                yield f"message: {_lasting(message['summary'] or '')}"
        yield from (
            f"operation: {operation['operationType']}"
            for operation in world["graph"].get("operations", ())
            if operation["targetResourceId"] == channel["id"] and operation["operationType"] in _ARCHIVING
        )
        if channel["isArchived"]:
            yield "channel: archived"
    for chat in world["graph"]["chats"]:
        for message in chat["messages"]:
            if _is_ours(message, short):
                yield f"chat with {chat['email']}: {_lasting(message['summary'] or '')}"
    yield from _of_ways(world, incident_id)
    for item in _items(world, incident_id):
        yield from _of_item(item)


def _of_ways(world: Json, incident_id: str) -> Iterator[str]:
    for message in world["sms"]["messages"]:
        if incident_id in message["message"]:
            yield f"SMS to {message['name']}: {_lasting(message['message'].splitlines()[1])}"
    for call in world["pager"]["calls"]:
        if call["id"].startswith(f"{incident_id}:"):
            yield f"webhook call: {call['body']['person']['address']}, {call['body']['level']}"


def _of_item(item: Json) -> Iterator[str]:
    yield from (f"comment: {_lasting(_TAGS.sub(' ', comment['text']))}" for comment in item["comments"])
    for update in item["updates"]:
        if "oldValue" in (change := update["fields"].get("System.State", {})):
            yield f"state: {change['oldValue']} to {change['newValue']}"
        if given := update["fields"].get("System.AssignedTo", {}).get("newValue"):
            yield f"assigned to {given['uniqueName']}"
    yield from (f"link: {link['rel']}" for link in item["links"])


def _stale(world: Json, incident_id: str, response: Response) -> Iterator[str]:
    stands = how_it_stands(response)
    for channel in _channels(world, incident_id):
        cards = [_card(each) for each in channel["messages"] if f"announcement:{incident_id[4:]}" in _card(each)]
        yield from (f"the card does not say {stands!r}" for card in cards if stands not in card)
    for item in _items(world, incident_id):
        if stands not in unescape(item["fields"].get("System.Description", "")):
            yield f"the work item does not say {stands!r}"


def _channels(world: Json, incident_id: str) -> list[Json]:
    return [
        each for each in world["graph"]["channels"] if f"(incident-key:{incident_id})" in (each["description"] or "")
    ]


def _items(world: Json, incident_id: str) -> list[Json]:
    items = (each for each in world["boards"]["work_items"] if not each["deleted"] and each["type"] != "Task")
    return [each for each in items if incident_id in each["fields"]["System.Title"]]


def _is_ours(message: Json, short: str) -> bool:
    card = _card(message)
    return not message["deletedDateTime"] and short in card and not _OF_LAUNCH.search(card)


def _card(message: Json) -> str:
    contents = (each["content"] for each in message["attachments"] if each["content"])
    return " ".join(json.dumps(json.loads(content), ensure_ascii=False) for content in contents)


def _lasting(text: str) -> str:
    return " ".join(_CHANGING.sub("…", _MARK.sub("", unescape(text))).split())
