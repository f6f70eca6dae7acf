"""By a mention in the channel because of an entry; by a chat where no channel takes it, or it would not be heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handlers import cards
from handlers.how_it_stands import how_it_stands
from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.create_channel import CreateChannel
from handlers.marks import mark
from handlers.paging.chat import Chat
from handlers.paging.way import Recipient, ToOne
from handlers.restricted import response_for_everybody
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Announcement, Mention, Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Permanent, TocsinError
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.paging_ways import MENTION
from worker.domain.response.response import Response
from worker.domain.response.restriction import where_to_read
from worker.engine.step import Done

_SUMMARY_LIMIT = 255
_WHY = 1_000
_NOT_HEARD = "not in the team, so Teams does not tell of a mention, and no chat leads to them"


def channel_of(done: Done) -> Channel | None:
    """Where the incident is spoken of: its own channel, or the place that has its announcement."""
    if Announce in done and CreateChannel in done:
        return done[CreateChannel]
    placed = done.wanted(AnnounceElsewhere)
    return placed.channel if placed else None


@dataclass(frozen=True, slots=True)
class Called:
    """`person_id` is what Teams knows the person by, empty where nobody can say. `chat`: where no mention is heard."""

    person_id: str
    response: Response
    chat: Chat | None


class CallInChannel(ToOne):
    def __init__(self, recipient: Recipient, poster: Poster, called: Called) -> None:
        super().__init__(recipient, MENTION)
        self._poster = poster
        self._called = called

    async def find(self, incident: Incident, done: Done) -> Page | None:
        channel = channel_of(done)
        if channel is not None and await self._poster.find(channel, self._marker(incident)):
            return self._mentioned(channel)
        return await self._called.chat.find(incident, done) if self._called.chat else None

    async def run(self, incident: Incident, done: Done) -> Page:
        channel = channel_of(done)
        if channel is None or not await self._hears(channel):
            return await self._write(incident, done)
        try:
            await self._poster.post(channel, self._call(incident))
        except Permanent as error:
            return await self._write(incident, done) if self._called.chat else self.refused(error)
        return self._mentioned(channel)

    async def _hears(self, channel: Channel) -> bool:
        if not self._called.person_id:
            return False
        try:
            return await self._poster.includes(channel, self._called.person_id)
        except TocsinError:
            return True  # Teams takes the mention or refuses it

    async def _write(self, incident: Incident, done: Done) -> Page:
        if self._called.chat is None:
            return self.recipient.page(self.by, _NOT_HEARD, told=False)
        return await self._called.chat.run(incident, done)

    def _mentioned(self, channel: Channel) -> Page:
        return self.recipient.page(self.by, f"mentioned in {channel.name}", told=True)

    def _marker(self, incident: Incident) -> str:
        return f"{mark(incident, self.recipient.topic)}/{self.label}"

    def _call(self, incident: Incident) -> Announcement:
        name = harmless(self.recipient.name)
        mention = Mention(name, self._called.person_id)
        # Whoever is in the team reads it.
        restricted = incident.event.restricted
        why = f"You are needed. {where_to_read(incident.id)}" if restricted else cut(self.recipient.why, _WHY)
        return Announcement(
            marker=self._marker(incident),
            summary=cut(unmentioned(f"{name}: {why}"), _SUMMARY_LIMIT),
            card=cards.card(self._body(incident, name, why), fallback=why, entities=[cards.entity(name, mention.id)]),
            mentions=(mention,),
            urgent=True,
        )

    def _body(self, incident: Incident, name: str, why: str) -> Iterator[dict[str, Any]]:
        yield cards.markdown(f"<at>{name}</at> {harmless(why)}")
        yield cards.markdown(
            harmless(how_it_stands(response_for_everybody(self._called.response))), isSubtle=True, size="Small"
        )
        yield cards.small_print(self._marker(incident))
