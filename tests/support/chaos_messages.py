"""Counts the messages that a launch left in channels and chats, each by the mark on its card and what it shows."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]

_SHOWN_PEOPLE = re.compile(r"people:[0-9a-f]{8}")


def messages_of(
    state: Json, incident_id: str, *, own: Iterable[Json], channels: Iterable[Json], items: Iterable[Json]
) -> Iterator[str]:
    """`own` are the incident's channels among all, `items` its work item and tasks: what is there is to be shown."""
    subject = incident_id.removeprefix("inc-")
    addresses = {"channel": [_quoted(each["id"]) for each in own]}
    addresses["work item"] = [f'/_workitems/edit/{each["id"]}"' for each in items if each["type"] != "Task"]
    for channel in channels:
        for card in _cards(channel["messages"]):
            yield from _in_channel(card, subject, addresses, is_own=channel in own)
    for chat in state["graph"]["chats"]:
        for card in _cards(chat["messages"]):
            if f"chat:{subject}" in card:
                # Whose card leads on to the work item.
                yield f"chat message to {chat['email']}{_without(card, {'channel': addresses['channel']})}"


def _in_channel(card: str, subject: str, addresses: dict[str, list[str]], *, is_own: bool) -> Iterator[str]:
    # Whoever reads it there is in the channel; from anywhere else the channel's own card leads on.
    here = {"work item": addresses["work item"]} if is_own or not addresses["channel"] else {}
    people = "" if _SHOWN_PEOPLE.search(card) and "Amara Okafor" in card else " without people"
    if f"announcement:{subject}" in card:
        yield f"announcement{'' if is_own else ' astray'}{_without(card, here)}{people}"
    if f"elsewhere:{subject}" in card:
        yield f"announcement elsewhere{_without(card, {'channel': addresses['channel']} | here)}{people}"
    if called := re.search(rf"call:{subject}/([a-z]+)", card):
        yield f"call of {called[1]}"
    if reported := re.search(rf"trouble:{subject}/([a-z-]+)", card):
        yield f"trouble report: {reported[1]}"


def _cards(messages: Iterable[Json]) -> Iterator[str]:
    for message in messages:
        if message["messageType"] == "message" and not message["deletedDateTime"]:
            yield " ".join(str(each["content"]) for each in message["attachments"])


def _without(card: str, addresses: dict[str, list[str]]) -> str:
    missing = (name for name, wanted in addresses.items() if wanted and not any(each in card for each in wanted))
    return "".join(f" without the {name}" for name in missing)


def _quoted(channel_id: str) -> str:
    return channel_id.replace(":", "%3A").replace("@", "%40")
