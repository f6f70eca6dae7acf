"""Who was told of an incident, by which way and when, and what its launch left: read from the stand-ins' records."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]

SMS, WEBHOOK, MENTION, MENTION_ELSEWHERE, CHAT = "SMS", "webhook", "mention", "mention in General", "chat"

# What a launch for the service `checkout` leaves behind; Dario is on call too, and Boards does not know him.
_ALWAYS = Counter(
    {
        "work item": 1,
        "channel": 1,
        "link to the channel": 1,
        "history line": 1,
        "assignment to amara@contoso.example": 1,
        "task of bruno@contoso.example": 1,
        "announcement": 1,
        "announcement with work item and people": 1,
    }
)
# What depends on when which system was away, and is there once all the same.
_AT_MOST = Counter(
    {
        "announcement elsewhere": 1,
        "call of the last resort": 1,
        "report to the last resort": 1,
        "report of trouble": 1,
        "chat with amara@contoso.example": 1,
        "chat with bruno@contoso.example": 1,
        "chat with dario@contoso.example": 1,
        "call of Amara Okafor": 1,
        "call of Bruno Costa": 1,
        "call of Dario Rossi": 1,
    }
)
_PEOPLE = ("Amara Okafor", "Bruno Costa", "Dario Rossi")


@dataclass(frozen=True)
class Told:
    """One telling: whom, by which way, and how many seconds after the receipt."""

    way: str
    whom: str
    after: float

    def __str__(self) -> str:
        return f"{self.way} ({self.whom}) {self.after:.1f} s"


def tellings(state: Json, incident_id: str, received_at: datetime) -> list[Told]:
    """In the order in which they came."""

    def after(moment: str) -> float:
        return (datetime.fromisoformat(moment) - received_at).total_seconds()

    found = [Told(way, whom, after(moment)) for way, whom, moment in _tellings(state, incident_id)]
    return sorted(found, key=lambda told: told.after)


def message_times(state: Json, incident_id: str) -> list[str]:
    """Of each message about the incident: when it was posted and last changed, and whom it notified."""
    return [
        f"posted {each['createdDateTime']}, changed {each['lastEditedDateTime']}, notified {each['notified']}"
        for _, each in _posted(state, incident_id)
    ]


def _tellings(state: Json, incident_id: str) -> Iterator[tuple[str, str, str]]:
    """Each the way, whom, and the stand-in's time."""
    yield from ((SMS, message["name"], message["time"]) for message in _short_messages(state, incident_id))
    for call in _calls(state, incident_id):
        if not _is_report(call):
            yield WEBHOOK, call["name"], call["time"]
    for channel, message in _posted(state, incident_id):
        way = MENTION if _is_channel_of(channel, incident_id) else MENTION_ELSEWHERE
        yield from ((way, name, message["createdDateTime"]) for name in message["notified"])
    for email, message in _written(state, incident_id):
        yield CHAT, email, message["createdDateTime"]


def faults(state: Json, incident_id: str, *, severity: int) -> list[str]:
    """What is missing, is there too often, or does not lead to where the incident is; nothing when all is well."""
    found = Counter(_effects(state, incident_id))
    wanted = _ALWAYS + Counter({"SMS to Amara Okafor": 1} if severity <= 2 else {})
    lost = [f"lost: {count} {effect}" for effect, count in (wanted - found).items()]
    return lost + [f"too often: {count} {effect}" for effect, count in (found - wanted - _AT_MOST).items()]


def traces(state: Json, incident_id: str) -> list[str]:
    """Whatever there is of an incident."""
    return sorted(_effects(state, incident_id))


def _effects(state: Json, incident_id: str) -> Iterator[str]:
    channels = [each for each in state["graph"]["channels"] if _is_channel_of(each, incident_id)]
    items = [each for each in state["boards"]["work_items"] if incident_id in each["fields"]["System.Title"]]
    yield from _of_boards(items, channels)
    yield from ("channel" for _ in channels)
    for channel, message in _posted(state, incident_id):
        yield from _of_message(message, incident_id, channel, channels, items)
    yield from (f"chat with {email}" for email, _ in _written(state, incident_id))
    yield from (f"SMS to {message['name']}" for message in _short_messages(state, incident_id))
    for call in _calls(state, incident_id):
        yield "report to the last resort" if _is_report(call) else "call of the last resort"


def _of_boards(items: list[Json], channels: list[Json]) -> Iterator[str]:
    for item in items:
        if item["deleted"]:
            continue
        if item["type"] == "Task":
            yield f"task of {_unique_name(item['fields'].get('System.AssignedTo'))}"
            continue
        yield "work item"
        for link in item["links"]:
            if link["rel"] == "Hyperlink":
                leads_there = any(_in_address(each["id"]) in link["url"] for each in channels)
                yield "link to the channel" if leads_there else f"link to {link['url']}"
        yield from ("history line" for _ in item["comments"])
        for update in item["updates"]:
            if given := update["fields"].get("System.AssignedTo", {}).get("newValue"):
                yield f"assignment to {_unique_name(given)}"


def _of_message(
    message: Json, incident_id: str, channel: Json, channels: list[Json], items: list[Json]
) -> Iterator[str]:
    short, card = _short(incident_id), _card(message)
    if f"announcement:{short}" in card:
        yield "announcement" if channel in channels else f"announcement in {channel['displayName']}"
        shows_item = any(f"Open work item {item['id']}" in card for item in items)
        if shows_item and all(name in card for name in _PEOPLE):
            yield "announcement with work item and people"
    if f"elsewhere:{short}" in card:
        leads_there = any(_in_address(each["id"]) in card for each in channels)
        yield "announcement elsewhere" if leads_there else "announcement elsewhere without its channel"
    if f"call:{short}" in card:
        yield from (f"call of {name}" for name in _mentioned(message))
    if f"trouble:{short}" in card:
        yield "report of trouble"


def _short_messages(state: Json, incident_id: str) -> list[Json]:
    return [message for message in state["sms"]["messages"] if incident_id in message["message"]]


def _calls(state: Json, incident_id: str) -> list[Json]:
    return [call for call in state["pager"]["calls"] if call["id"].startswith(f"{incident_id}:")]


def _posted(state: Json, incident_id: str) -> Iterator[tuple[Json, Json]]:
    for channel in state["graph"]["channels"]:
        yield from ((channel, message) for message in channel["messages"] if _is_about(message, incident_id))


def _written(state: Json, incident_id: str) -> Iterator[tuple[str, Json]]:
    for chat in state["graph"]["chats"]:
        yield from ((chat["email"], message) for message in chat["messages"] if _is_about(message, incident_id))


def _mentioned(message: Json) -> Iterator[str]:
    yield from (mention["mentioned"]["user"]["displayName"] for mention in message["mentions"])


def _card(message: Json) -> str:
    """As text, with nothing of its JSON's escapes left in it."""
    return " ".join(json.dumps(json.loads(content), ensure_ascii=False) for content in _contents(message))


def _is_about(message: Json, incident_id: str) -> bool:
    return any(_short(incident_id) in content for content in _contents(message))


def _contents(message: Json) -> list[str]:
    return [attachment["content"] for attachment in message["attachments"] if attachment["content"]]


def _is_report(call: Json) -> bool:
    return call["id"].endswith("-trouble")


def _is_channel_of(channel: Json, incident_id: str) -> bool:
    return not channel["deletedDateTime"] and f"(incident-key:{incident_id})" in (channel["description"] or "")


def _in_address(channel_id: str) -> str:
    return channel_id.replace(":", "%3A").replace("@", "%40")


def _short(incident_id: str) -> str:
    return incident_id.removeprefix("inc-")


def _unique_name(identity: Json | None) -> str:
    return identity["uniqueName"] if identity else "nobody"
