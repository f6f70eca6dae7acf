"""Say in the channel what an entry has people know, in short messages beneath the card."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handlers import cards
from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.create_channel import CreateChannel
from handlers.launch.route import routed
from handlers.marks import SAY, mark
from handlers.response.call_in_channel import channel_of
from handlers.response.following import outcome, result_of
from handlers.response.question import answered_by
from handlers.response.waiting import not_announced_yet
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Announcement, Mention, Posted, Poster
from worker.clients.teams.client import Channel
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Gone, Permanent, Rejected
from worker.domain.incident import Incident
from worker.domain.response.act import Act
from worker.domain.response.actor import Source
from worker.domain.response.entry import Entry, Say, Tell
from worker.domain.response.response import Response
from worker.domain.response.state import RUNNING
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Fan, Part

STAKEHOLDERS = "stakeholders"
_SUMMARY_LIMIT = 255
# With all its markup it stays far below what Teams takes.
_TEXT_LIMIT = 6_000
_MENTIONS = 20


@dataclass(frozen=True, slots=True)
class Places:
    """Where is spoken: the incident's own place by the poster, and the first channel of stakeholders, if any.

    `called_by`: whom an entry calls by a mention of its own there, who are not mentioned a second time.
    """

    poster: Poster
    stakeholders: FallbackChannels
    called_by: Callable[[Entry], Collection[str]] = lambda _: ()


def says(places: Places) -> Lane:
    return Lane(
        name="channel",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool(entry.says),
        playbook=lambda entry, response: (SayInChannel(places, entry, response),),
        follow=say_unsaid,
    )


class Said(BaseModel, frozen=True):
    """`refused`: why it does not stand there; empty once it does."""

    id: str = ""
    place: str = ""
    refused: str = ""


class AllSaid(BaseModel, frozen=True):
    said: tuple[Said, ...] = ()


class SayInChannel(Fan[AllSaid]):
    contingent = True
    wants = (CreateChannel, Announce, AnnounceElsewhere)
    result = AllSaid

    def __init__(self, places: Places, entry: Entry, response: Response) -> None:
        self.name = f"say-{entry.seq}"
        self._places = places
        self._entry = entry
        self._response = response

    def describe(self, result: AllSaid) -> str:
        return "; ".join(each.refused or f"said in {each.place}" for each in result.said)

    def without_effect(self, incident: Incident, done: Done) -> AllSaid | None:
        del done
        if incident.event.closed:
            return AllSaid()  # it has no channel
        # A reminder that was overtaken: nobody is reminded in a channel where all is over.
        is_late = self._entry.source is Source.CLOCK and self._entry.state in RUNNING and not self._response.is_running
        return AllSaid() if is_late else None

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Said]]:
        del incident, done
        return [OneSaid(self._places, self._entry, number, say) for number, say in enumerate(self._entry.says)]

    def gather(self, made: Sequence[Said]) -> AllSaid:
        return AllSaid(said=tuple(made))


class OneSaid(Part[Said]):
    """One message; of a topic of which one stands already it is that one, edited."""

    result = Said

    def __init__(self, places: Places, entry: Entry, number: int, say: Say) -> None:
        self.label = str(number)
        self._places = places
        self._poster = places.poster
        self._entry = entry
        self._say = _without_called(say, places.called_by(entry))

    def describe(self, result: Said) -> str:
        return result.refused or f"said in {result.place}"

    async def find(self, incident: Incident, done: Done) -> Said | None:
        if (channel := await self._channel(incident, done)) is None:
            return None
        own = self._own_mark(incident)
        found = [each for each in await self._poster.all_of(channel, self._marker(incident)) if own in each.content]
        return Said(id=found[-1].id, place=channel.name) if found else None

    async def run(self, incident: Incident, done: Done) -> Said:
        if (channel := await self._channel(incident, done)) is None:
            return Said(refused="TOCSIN_TEAMS_STAKEHOLDERS names no channel for updates to stakeholders")
        try:
            return Said(id=(await self._write(incident, done, channel)).id, place=channel.name)
        except Permanent as error:
            # The channel is archived or gone; the entry stands, and so does what is said elsewhere.
            return Said(place=channel.name, refused=str(error))

    async def _channel(self, incident: Incident, done: Done) -> Channel | None:
        if self._say.audience == STAKEHOLDERS:
            place = next(iter(self._places.stakeholders), None)
            return await place.channel() if place else None
        channel = channel_of(done)
        if channel is None:
            raise not_announced_yet(incident, self._entry)
        return channel

    async def _write(self, incident: Incident, done: Done, channel: Channel) -> Posted:
        message = self._message(incident, done, self._say.mentions)
        standing = await self._poster.find(channel, self._marker(incident)) if self._say.topic else None
        if standing is not None and await self._is_edited(channel, standing.id, message):
            return standing
        try:
            return await self._poster.post(channel, message)
        except Rejected:
            # Teams refuses a whole message for one mention of a person who is not in the team.
            if not message.mentions:
                raise
        return await self._poster.post(channel, self._message(incident, done, ()))

    async def _is_edited(self, channel: Channel, standing: str, message: Announcement) -> bool:
        """What is urgent has to be heard, and nobody hears of an edit: then it takes the place of the other one."""
        try:
            if self._say.urgent:
                await self._poster.delete(channel, standing)
                return False
            await self._poster.update(channel, standing, message)
        except Gone:
            return False  # somebody took it away; what there is to say is said anew
        return True

    def _message(self, incident: Incident, done: Done, mentioned: Sequence[Tell]) -> Announcement:
        called = [each for each in map(self._mention, mentioned[:_MENTIONS]) if each is not None]
        named = [each.name for each in self._say.mentions if not mentioned]
        text = cut("\n".join(filter(None, (self._say.text, self._say.to_mentioned))), _TEXT_LIMIT)
        return Announcement(
            marker=self._marker(incident),
            summary=cut(unmentioned(f"{text} ({incident.event.shown_title})"), _SUMMARY_LIMIT),
            card=cards.card(
                self._body(incident, text, called, named),
                fallback=text,
                entities=[cards.entity(each.name, each.id) for each in called],
                language=routed(done).language,
            ),
            mentions=tuple(called),
            urgent=self._say.urgent,
        )

    def _mention(self, told: Tell) -> Mention | None:
        person_id = told.object_id or (told.email if self._poster.mentions_by_address else "")
        return Mention(harmless(told.name), person_id) if person_id else None

    def _body(
        self, incident: Incident, text: str, called: Sequence[Mention], named: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        yield from cards.plain(text)
        if called or named:
            names = [*(f"<at>{each.name}</at>" for each in called), *map(harmless, named[:_MENTIONS])]
            yield cards.markdown(" ".join(names))
        if self._say.question:
            yield cards.markdown(harmless(answered_by(self._say.question, incident.id, self._entry)), isSubtle=True)
        yield cards.small_print(*dict.fromkeys((self._own_mark(incident), self._marker(incident))))

    def _own_mark(self, incident: Incident) -> str:
        return f"{mark(incident, SAY)}/{self._entry.seq}-{self.label}."

    def _marker(self, incident: Incident) -> str:
        """That of the topic, which stays while the message is edited, or that of this word alone."""
        return f"{mark(incident, SAY)}/{self._say.topic}." if self._say.topic else self._own_mark(incident)


def _without_called(say: Say, called: Collection[str]) -> Say:
    left = tuple(each for each in say.mentions if each.person not in called)
    words = say.to_mentioned if left or not say.mentions else ""
    return say.model_copy(update={"mentions": left, "to_mentioned": words})


def say_unsaid(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """Where the channel did not take it, the log says so; what says so itself is not said again."""
    said = result_of(made, f"say-{entry.seq}", AllSaid)
    reasons = dict.fromkeys(each.refused for each in said.said if each.refused) if said else {}
    if reasons and entry.kind != "outcome":
        words = f"What entry {entry.seq} was to say was not said: {'; '.join(reasons)}"
        yield outcome(f"channel:{entry.seq}", words, unsaid=entry.seq)
