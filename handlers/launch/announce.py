"""Tell the channel what happened, who is on it and where the work is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.launch.announcement import Known, announcement
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.people_on_call import people_mark
from handlers.launch.route import routed
from handlers.marks import ANNOUNCEMENT, mark
from handlers.newest import ReadResponse, no_response
from worker.clients.posting.poster import Announcement, Posted, Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Gone, Rejected, TocsinError, Transient
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.engine.step import Done, Step

# Teams goes on making a channel for a while after it has answered; until then the channel is not there for all.
_STILL_BEING_MADE = timedelta(minutes=2)
_SOON = timedelta(seconds=3)


def _now() -> datetime:
    return datetime.now(UTC)


class Announced(Posted, frozen=True):
    """A message and what it said when it was posted: the people by their mark, and whom of them it mentioned."""

    people: str = ""
    work_item: int | None = None
    mentioned: tuple[str, ...] = ()


class Announce(Step[Announced]):
    """Tell the channel what happened, who is on it and where the work is.

    A card in time is worth more than a whole one: people and work item are waited for no longer than `patience`.
    """

    name = "announce"
    needs = (CreateChannel,)
    wants = (FindOnCall, CreateWorkItem)
    result = Announced

    def describe(self, result: Announced) -> str:
        del result
        return "posted in the channel"

    def __init__(
        self,
        poster: Poster,
        *,
        patience: timedelta,
        now: Callable[[], datetime] = _now,
        read: ReadResponse = no_response,
    ) -> None:
        self._poster = poster
        self.patience = patience
        self._now = now
        self._read = read

    async def find(self, incident: Incident, done: Done) -> Announced | None:
        return await find_announced(
            self._poster, done[CreateChannel], incident, ANNOUNCEMENT, known(done, self._poster)
        )

    async def run(self, incident: Incident, done: Done) -> Announced:
        channel, response = done[CreateChannel], await self._response(incident)
        said = replace(known(done, self._poster), response=response)
        try:
            made = await post_announcement(self._poster, channel, incident, ANNOUNCEMENT, said)
        except Gone as error:
            if self._is_young(channel):
                raise Transient(
                    f"{error} The channel is only just made; it is tried again.", retry_after=_SOON
                ) from error
            raise
        # Whoever acted meanwhile found no card of this channel to show it on.
        newest = replace(said, response=await self._response(incident))
        if newest != said and made.id:
            await self._poster.update(channel, made.id, announcement(incident, newest))
        return made

    async def _response(self, incident: Incident) -> Response | None:
        """None too where nobody can tell: the card in time is worth more, and what comes next shows it."""
        try:
            return await self._read(incident.id)
        except TocsinError:
            return None

    def _is_young(self, channel: Channel) -> bool:
        return channel.created_at is not None and self._now() - channel.created_at < _STILL_BEING_MADE


def known(done: Done, poster: Poster) -> Known:
    """What a card can say by now."""
    return Known(
        done.wanted(CreateWorkItem),
        done.wanted(FindOnCall),
        pages=tuple(done.pages),
        route=routed(done),
        by_address=poster.mentions_by_address,
    )


async def post_announcement(poster: Poster, channel: Channel, incident: Incident, kind: str, known: Known) -> Announced:
    message = announcement(incident, known, kind=kind)
    try:
        return _announced(await poster.post(channel, message), message, known)
    except Rejected:
        # Teams refuses a whole message for one mention of a person who is not in the team.
        if not message.mentions:
            raise
    message = announcement(incident, replace(known, mentioning=False), kind=kind)
    return _announced(await poster.post(channel, message), message, known)


async def id_of_message(poster: Poster, channel: Channel, incident: Incident, kind: str, posted: Posted) -> str:
    """By which the message of this kind can be changed, also where Teams told none; raises Gone when it was deleted."""
    if posted.id:
        return posted.id
    if (found := await poster.find(channel, mark(incident, kind))) is None:
        raise Gone(f"The message {mark(incident, kind)} is not to be found in its channel: somebody deleted it.")
    return found.id


async def find_announced(
    poster: Poster, channel: Channel, incident: Incident, kind: str, known: Known
) -> Announced | None:
    """What an earlier attempt posted, with what it says of that which is known now."""
    own = await poster.all_of(channel, mark(incident, kind))
    if not own:
        return None
    message, people = own[0], people_mark(known.on_call)
    mentions = announcement(incident, known, kind=kind).mentions
    shows_people = bool(people) and people in message.content
    shows_work_item = known.work_item is not None and known.work_item.url in message.content
    return Announced(
        id=message.id,
        url=message.url or channel.url,
        people=people if shows_people else "",
        work_item=known.work_item.id if known.work_item and shows_work_item else None,
        mentioned=tuple(mention.id for mention in mentions if mention.id in message.content),
    )


def _announced(made: Posted, message: Announcement, known: Known) -> Announced:
    return Announced(
        id=made.id,
        url=made.url,
        people=people_mark(known.on_call),
        work_item=known.work_item.id if known.work_item else None,
        mentioned=tuple(mention.id for mention in message.mentions),
    )
