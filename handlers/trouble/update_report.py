"""Let the report say what became of the launch since."""

from pydantic import BaseModel

from handlers.marks import TROUBLE, mark
from handlers.trouble.post_report import PostReport
from handlers.trouble.wording import as_message
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Forbidden, Gone
from worker.domain.incident import Incident
from worker.domain.launch_report import Report, Trouble
from worker.engine.step import Done, Step


class Amended(BaseModel, frozen=True):
    """What the report says since then."""

    trouble: Trouble


class _UpdateReport(Step[Amended]):
    """Nothing to do where nothing was reported, or this very trouble."""

    needs = (PostReport,)
    contingent = True
    result = Amended

    def describe(self, result: Amended) -> str:
        return f"the report says: {result.trouble}"

    def __init__(self, poster: Poster, report: Report) -> None:
        self._poster = poster
        self._report = report

    def without_effect(self, incident: Incident, done: Done) -> Amended | None:
        del incident
        reported = done[PostReport]
        if reported.channel is None or reported.trouble is self._report.trouble:
            return self._amended
        return None

    async def find(self, incident: Incident, done: Done) -> Amended | None:
        # The same change comes to the same however often it is made, and no attempt may come after this one.
        return await self.run(incident, done)

    async def run(self, incident: Incident, done: Done) -> Amended:
        reported = done[PostReport]
        if reported.channel and (message_id := reported.id or await self._look_up(incident, reported.channel)):
            try:
                await self._poster.update(reported.channel, message_id, as_message(incident, self._report))
            except (Gone, Forbidden):
                return self._amended  # nobody reads it any more, or it may not be changed
        return self._amended

    async def _look_up(self, incident: Incident, channel: Channel) -> str:
        """Its id, where Teams told none; empty where somebody deleted it."""
        found = await self._poster.find(channel, mark(incident, TROUBLE))
        return found.id if found else ""

    @property
    def _amended(self) -> Amended:
        return Amended(trouble=self._report.trouble)


class SayGivenUp(_UpdateReport):
    """That what was waited for did not come."""

    name = "report-given-up"


class SayItIsOver(_UpdateReport):
    """That the launch has succeeded after all."""

    name = "report-over"
