"""Say in a place where people look that a launch is in trouble."""

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from handlers.launch.route import routed
from handlers.marks import TROUBLE, mark
from handlers.trouble.wording import as_message, report_mark
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Rejected, TocsinError, Transient, Unknown
from worker.domain.incident import Incident
from worker.domain.launch_report import Report, Trouble
from worker.engine.step import Done, Step


class Reported(BaseModel, frozen=True):
    """Where it stands and what it said first; no channel where there was nothing to report."""

    id: str = ""
    url: str = ""
    channel: Channel | None = None
    trouble: Trouble = Trouble.OVER


class PostReport(Step[Reported]):
    """Once for each incident: in the first of the other places that takes it, else in the incident's own channel."""

    name = "report-trouble"
    wants = (CreateChannel,)
    contingent = True
    result = Reported

    def describe(self, result: Reported) -> str:
        return f"reported in {result.channel.name}" if result.channel else ""

    def __init__(self, poster: Poster, places: FallbackChannels, report: Report) -> None:
        self._poster = poster
        self._places = places
        self._report = report

    def without_effect(self, incident: Incident, done: Done) -> Reported | None:
        del incident, done
        return Reported() if self._report.trouble is Trouble.OVER else None

    async def find(self, incident: Incident, done: Done) -> Reported | None:
        for channel in await self._channels(done):
            own = await self._poster.all_of(channel, mark(incident, TROUBLE))
            if own:
                url = own[0].url or channel.url
                return Reported(id=own[0].id, url=url, channel=channel, trouble=self._said(incident, own[0].content))
        return None

    async def run(self, incident: Incident, done: Done) -> Reported:
        refused: list[TocsinError] = []
        for channel in await self._channels(done):
            try:
                made = await self._poster.post(channel, as_message(incident, self._report))
            except Unknown:
                raise
            except TocsinError as error:
                refused.append(error)
            else:
                return Reported(id=made.id, url=made.url, channel=channel, trouble=self._report.trouble)
        kind = Transient if any(isinstance(error, Transient) for error in refused) else Rejected
        raise kind(f"No place takes the report. {' '.join(map(str, refused))}")

    def _said(self, incident: Incident, content: str) -> Trouble:
        """What an earlier attempt reported may be another trouble than that of this one."""
        said = (trouble for trouble in Trouble if report_mark(incident, trouble) in content)
        return next(said, self._report.trouble)

    async def _channels(self, done: Done) -> list[Channel]:
        found = []
        for place in self._places.of(routed(done).teams):
            try:
                found.append(await place.channel())
            except TocsinError:
                continue  # one that cannot be looked up now is passed over
        own = done.wanted(CreateChannel)
        return [*found, own] if own else found
