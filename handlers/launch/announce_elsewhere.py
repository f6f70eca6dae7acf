"""Announce in another place what cannot be announced in the incident's own channel now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.launch.announce import Announce, Announced, find_announced, known, post_announcement
from handlers.launch.announcement import Known
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.route import routed
from handlers.marks import ELSEWHERE
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Permanent, Rejected, TocsinError, Transient, Unknown
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


def known_elsewhere(done: Done, poster: Poster) -> Known:
    """What a card in another place can say by now: it leads to the incident's own channel, if there is one."""
    return replace(known(done, poster), channel=done.wanted(CreateChannel))


class Placed(Announced, frozen=True):
    """Where the announcement stands, `elsewhere` or in the incident's own channel."""

    channel: Channel
    elsewhere: bool


class AnnounceElsewhere(Step[Placed]):
    """Announce in the first of the other places that takes it; nothing to do where the channel has it already.

    Whether it is there or elsewhere, later steps build on the result of this one.
    """

    name = "announce-elsewhere"
    wants = (Announce, FindOnCall, CreateWorkItem)
    contingent = True
    result = Placed

    def describe(self, result: Placed) -> str:
        return f"posted in {result.channel.name}"

    def __init__(self, poster: Poster, places: FallbackChannels, *, patience: timedelta) -> None:
        self._poster = poster
        self._places = places
        self.patience = patience

    def has_enough(self, done: Done) -> bool:
        return Announce in done

    def without_effect(self, incident: Incident, done: Done) -> Placed | None:
        del incident
        announced = done.wanted(Announce)
        if announced is None:
            return None
        return Placed(**announced.model_dump(), channel=done[CreateChannel], elsewhere=False)

    async def find(self, incident: Incident, done: Done) -> Placed | None:
        hidden: list[Permanent] = []
        for place in self._places.of(routed(done).teams):
            try:
                channel = await place.channel()
            except Permanent:
                continue  # nothing was posted where there is no channel
            try:
                found = await find_announced(
                    self._poster, channel, incident, ELSEWHERE, known_elsewhere(done, self._poster)
                )
            except Permanent as error:
                hidden.append(error)
                continue
            if found is not None:
                return Placed(**found.model_dump(), channel=channel, elsewhere=True)
        if hidden:
            raise hidden[0]
        return None

    async def run(self, incident: Incident, done: Done) -> Placed:
        refused: list[TocsinError] = []
        for place in self._places.of(routed(done).teams):
            try:
                channel = await place.channel()
                made = await post_announcement(
                    self._poster, channel, incident, ELSEWHERE, known_elsewhere(done, self._poster)
                )
            except Unknown:
                raise
            except TocsinError as error:
                refused.append(error)
            else:
                return Placed(**made.model_dump(), channel=channel, elsewhere=True)
        raise _no_place(refused, hopeful=done.may_come(Announce))


def _no_place(refused: Sequence[TocsinError], *, hopeful: bool) -> TocsinError:
    told = " ".join(map(str, refused)) or "TOCSIN_TEAMS_FALLBACK names no channel."
    if hopeful or any(isinstance(error, Transient) for error in refused):
        return Transient(f"No other place takes the announcement now. {told}")
    return Rejected(f"No other place takes the announcement. {told}")
