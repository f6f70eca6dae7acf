"""A second announcement in the incident's channel: Teams takes no key with a message."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from html import unescape
from typing import Any, ClassVar

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Message
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate
from worker.engine.step import Done, Entry

_TAG = re.compile(r"<[^<>]*>")


class SecondAnnouncements:
    """The one in the checkpoint stays, else the oldest.

    Deleting cannot be undone by us, so the mark alone is not enough: the other one must come from the same sender and
    say the same words, in its text and on its cards. Mentions are no words: an announcement may have been sent again
    without them.
    """

    step: ClassVar[type[Entry[Any]]] = Announce

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def duplicates(self, incident: Incident, done: Done) -> Sequence[Duplicate]:
        if (channel := done.wanted(CreateChannel)) is None:
            return ()
        announced = done.wanted(Announce)
        found: list[Duplicate] = []
        try:
            messages = await self._poster.all_of(channel, incident.id)
        except Gone:
            return ()  # people have deleted the channel
        for same in _alike(messages):
            kept = next((message for message in same if announced and message.id == announced.id), same[0])
            found += (
                Duplicate("announcement", message.id, kept.id, repair=partial(self._poster.delete, channel, message.id))
                for message in same
                if message is not kept
            )
        return found


def _alike(messages: Sequence[Message]) -> Sequence[Sequence[Message]]:
    alike: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        alike[message.sender, _words(message)].append(message)
    return tuple(alike.values())


def _words(message: Message) -> str:
    cards = (_plain(text) for card in _cards(message) for text in _texts(card))
    return " ".join((unescape(_plain(message.body)), *cards))


def _plain(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


def _cards(message: Message) -> Iterator[Any]:
    """What stands behind the body; as text where it is no card."""
    rest = message.content.removeprefix(message.body).lstrip()
    while rest:
        try:
            card, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError):
            card, end = rest, len(rest)
        yield card
        rest = rest[end:].lstrip()


def _texts(card: Any) -> Iterator[str]:
    """All but whom it notifies."""
    if isinstance(card, str):
        yield card
    elif isinstance(card, Mapping):
        for name, value in card.items():
            if name != "msteams":
                yield from _texts(value)
    elif isinstance(card, list):
        for each in card:
            yield from _texts(each)
