"""Put what comes later into the announcement that people already have."""

from abc import abstractmethod
from dataclasses import replace

from pydantic import BaseModel

from handlers.launch.announce import Announce, Announced, id_of_message, known
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed, known_elsewhere
from handlers.launch.announcement import Known
from handlers.launch.card import Card
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.people_on_call import people_mark
from handlers.marks import ANNOUNCEMENT, ELSEWHERE, mark
from handlers.newest import ReadResponse, no_response
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel, Message
from worker.domain.errors import Forbidden, Gone
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class Updated(BaseModel, frozen=True):
    """`said` is what the announcement shows since then, and `mark` the word by which that is found again."""

    said: str
    mark: str = ""


class Standing:
    """The announcement as it stands: in the incident's own channel, if it is there by now."""

    def __init__(self, poster: Poster, done: Done) -> None:
        placed: Placed = done[AnnounceElsewhere]
        own = done.wanted(Announce)
        self.poster = poster
        self.announced: Announced = own or placed
        self.channel: Channel = done[CreateChannel] if own else placed.channel
        self.kind = ANNOUNCEMENT if own or not placed.elsewhere else ELSEWHERE

    async def message(self, incident: Incident) -> Message | None:
        own = await self.poster.all_of(self.channel, mark(incident, self.kind))
        return own[0] if own else None

    async def say(self, incident: Incident, done: Done, read: ReadResponse) -> None:
        """Let it say all that is known by now."""

        async def known_now() -> Known:
            said = known_elsewhere(done, self.poster) if self.kind == ELSEWHERE else known(done, self.poster)
            return replace(said, response=await read(incident.id))

        message_id = await id_of_message(self.poster, self.channel, incident, self.kind, self.announced)
        await Card(self.channel, message_id, self.kind).show(self.poster, incident, known_now)


class Update(Step[Updated]):
    """Let the announcement say all that is known by now; done where it says what this step is for."""

    contingent = True
    result = Updated

    def __init__(self, poster: Poster, read: ReadResponse = no_response) -> None:
        self.poster = poster
        self._read = read

    def describe(self, result: Updated) -> str:
        return f"the announcement shows {result.said}"

    async def find(self, incident: Incident, done: Done) -> Updated | None:
        message = await Standing(self.poster, done).message(incident)
        return self.updated(done) if message and self.is_said(done, message.content) else None

    async def run(self, incident: Incident, done: Done) -> Updated:
        try:
            await Standing(self.poster, done).say(incident, done, self._read)
        except Gone:
            # What it should say nobody reads.
            return Updated(said="nothing more: somebody deleted it")
        except Forbidden as error:
            # A person's consent may be to posting alone; the launch is none the worse for it.
            return Updated(said=f"nothing more: {error}")
        return self.updated(done)

    @abstractmethod
    def is_said(self, done: Done, content: str) -> bool:
        """Whether a message of this content, as markup, says it already."""

    @abstractmethod
    def updated(self, done: Done) -> Updated:
        """The result, once it does."""


class ShowPeople(Update):
    """Show who is on call, where the announcement was quicker than the look-up."""

    name = "show-people"
    needs = (AnnounceElsewhere, FindOnCall)
    wants = (Announce,)

    def without_effect(self, incident: Incident, done: Done) -> Updated | None:
        del incident
        shown = Standing(self.poster, done).announced.people == people_mark(done[FindOnCall])
        return self.updated(done) if shown else None

    def is_said(self, done: Done, content: str) -> bool:
        return people_mark(done[FindOnCall]) in content

    def updated(self, done: Done) -> Updated:
        del done
        return Updated(said="who is on call")


class ShowWorkItem(Update):
    """Show where the work item is, where the announcement was quicker than Boards."""

    name = "show-work-item"
    needs = (AnnounceElsewhere, CreateWorkItem)
    # The same message: never two changes at once.
    wants = (Announce, ShowPeople)

    def without_effect(self, incident: Incident, done: Done) -> Updated | None:
        del incident
        shown = Standing(self.poster, done).announced.work_item == done[CreateWorkItem].id
        return self.updated(done) if shown else None

    def is_said(self, done: Done, content: str) -> bool:
        return done[CreateWorkItem].url in content

    def updated(self, done: Done) -> Updated:
        return Updated(said=f"work item {done[CreateWorkItem].id}")
