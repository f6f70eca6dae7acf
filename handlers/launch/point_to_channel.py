"""Let what was announced elsewhere point to the incident's own channel, once there is one."""

from dataclasses import replace

from pydantic import BaseModel

from handlers.launch.announce import id_of_message
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed, known_elsewhere
from handlers.launch.announcement import Known
from handlers.launch.card import Card
from handlers.launch.create_channel import CreateChannel
from handlers.launch.update_announcement import ShowPeople, ShowWorkItem
from handlers.marks import ELSEWHERE, mark
from handlers.newest import ReadResponse, no_response
from worker.clients.posting.poster import Poster
from worker.domain.errors import Forbidden, Gone
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class Pointed(BaseModel, frozen=True):
    """`place` is where people are told of the channel now."""

    place: str
    url: str


class PointToChannel(Step[Pointed]):
    """Let what was announced elsewhere point to the incident's own channel, once there is one."""

    name = "point-to-channel"
    needs = (AnnounceElsewhere, CreateChannel)
    # The same message: never two changes at once.
    wants = (ShowPeople, ShowWorkItem)
    contingent = True
    result = Pointed

    def describe(self, result: Pointed) -> str:
        return f"linked in {result.place}"

    def __init__(self, poster: Poster, read: ReadResponse = no_response) -> None:
        self._poster = poster
        self._read = read

    def without_effect(self, incident: Incident, done: Done) -> Pointed | None:
        del incident
        return None if done[AnnounceElsewhere].elsewhere else _pointed(done)

    async def find(self, incident: Incident, done: Done) -> Pointed | None:
        placed: Placed = done[AnnounceElsewhere]
        own = await self._poster.all_of(placed.channel, mark(incident, ELSEWHERE))
        return _pointed(done) if own and done[CreateChannel].url in own[0].content else None

    async def run(self, incident: Incident, done: Done) -> Pointed:
        placed: Placed = done[AnnounceElsewhere]

        async def known_now() -> Known:
            return replace(known_elsewhere(done, self._poster), response=await self._read(incident.id))

        try:
            message_id = await id_of_message(self._poster, placed.channel, incident, ELSEWHERE, placed)
            await Card(placed.channel, message_id, ELSEWHERE).show(self._poster, incident, known_now)
        except (Gone, Forbidden):
            # Nobody reads it there any more, or it may not be changed; the channel has its own announcement.
            return _pointed(done)
        return _pointed(done)


def _pointed(done: Done) -> Pointed:
    return Pointed(place=done[AnnounceElsewhere].channel.name, url=done[CreateChannel].url)
