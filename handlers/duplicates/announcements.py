"""A second announcement in the incident's channel: Teams takes no key with a message."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from handlers.marks import ANNOUNCEMENT, mark
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Message
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate
from worker.engine.step import Done, Entry


class SecondAnnouncements:
    """The one in the checkpoint stays, else the oldest.

    Deleting cannot be undone by us, so the mark alone is not enough: the other one must come from the same sender and
    say the same of what happened. Whom it calls and where it leads are no words of that: an announcement may have been
    sent again without mentions, and is changed when more is known.
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
            messages = await self._poster.all_of(channel, mark(incident, ANNOUNCEMENT))
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
    """The alert's own words, which stand in our cards as text runs."""
    return " ".join(word for card in _cards(message) for run in _text_runs(card) for word in run.split())


def _cards(message: Message) -> Iterator[Any]:
    rest = message.content.removeprefix(message.body).lstrip()
    while rest:
        try:
            card, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError):
            return  # an attachment that is no card
        yield card
        rest = rest[end:].lstrip()


def _text_runs(card: Any) -> Iterator[str]:
    """Of whatever somebody's card is."""
    for block in _listed(card, "body"):
        for run in _listed(block, "inlines"):
            if isinstance(run, dict):
                yield str(run.get("text", ""))


def _listed(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
