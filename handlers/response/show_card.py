"""Keep the incident's card as current as its response, wherever it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from handlers.launch.announce import Announce, id_of_message, known
from handlers.launch.announce_elsewhere import AnnounceElsewhere, known_elsewhere
from handlers.launch.announcement import Known
from handlers.launch.card import Card
from handlers.launch.create_channel import CreateChannel
from handlers.marks import ANNOUNCEMENT, ELSEWHERE
from handlers.newest import Newest
from handlers.response.concerning import changes_what_is_shown
from handlers.response.following import outcome, result_of
from handlers.response.waiting import not_announced_yet
from worker.clients.posting.poster import Posted, Poster
from worker.clients.teams.client import Channel
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Forbidden, Gone
from worker.domain.incident import Incident
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Lookup


def card(poster: Poster, newest: Newest) -> Lane:
    return Lane(
        name="card",
        order=LaneOrder.NEWEST,
        concerns=changes_what_is_shown,
        playbook=lambda entry, _: (ShowCard(poster, newest, entry),),
        follow=say_deleted,
    )


class Shown(BaseModel, frozen=True):
    """Through which entry the cards show it; `refused`: what kept one of them from being changed."""

    seq: int = 0
    deleted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    channel: Channel
    posted: Posted
    kind: str


class ShowCard(Lookup[Shown]):
    """Each time all of it; sent twice it says the same, so there is nothing to look for."""

    name = "show-card"
    result = Shown

    def describe(self, result: Shown) -> str:
        return "; ".join([f"the card shows entry {result.seq}", *result.refused])

    def __init__(self, poster: Poster, newest: Newest, entry: Entry) -> None:
        self._poster = poster
        self._newest = newest
        self._entry = entry

    async def run(self, incident: Incident, done: Done) -> Shown:
        del done
        if incident.event.closed:
            return Shown(seq=self._entry.seq)  # it was never announced
        places = list(_places(await self._newest.launched(incident.id)))
        if not places:
            raise not_announced_yet(incident, self._entry)
        shown = Shown(seq=self._entry.seq)
        for place in places:
            shown = await self._show(incident, place, shown)
        return shown

    async def _show(self, incident: Incident, place: _Place, shown: Shown) -> Shown:
        name = place.channel.name

        async def known_now() -> Known:
            # The response first: what the launch comes to later is written by the launch itself, behind this.
            response = await self._newest.response(incident.id)
            done = await self._newest.launched(incident.id)
            said = known_elsewhere(done, self._poster) if place.kind == ELSEWHERE else known(done, self._poster)
            return replace(said, response=response)

        try:
            message_id = await id_of_message(self._poster, place.channel, incident, place.kind, place.posted)
            await Card(place.channel, message_id, place.kind).show(self._poster, incident, known_now)
        except Gone:
            return shown.model_copy(update={"deleted": (*shown.deleted, name)})
        except Forbidden as error:
            # The channel is archived, or a consent is to posting alone: what is said elsewhere stands.
            return shown.model_copy(update={"refused": (*shown.refused, str(error))})
        return shown


def _places(done: Done) -> Iterator[_Place]:
    if (own := done.wanted(Announce)) and (channel := done.wanted(CreateChannel)):
        yield _Place(channel, own, ANNOUNCEMENT)
    placed = done.wanted(AnnounceElsewhere)
    if placed and placed.elsewhere:
        yield _Place(placed.channel, placed, ELSEWHERE)


def say_deleted(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """Once: whoever took the card away did not want another one."""
    del entry
    shown = result_of(made, ShowCard.name, Shown)
    for name in shown.deleted if shown else ():
        words = f"Somebody deleted the card in {name}. How the incident stands is not shown there any more."
        yield outcome(f"card-deleted:{name}", words, deleted=name)
