"""Let the announcement be as urgent as the worst of the incident's alerts."""

from dataclasses import replace

from handlers.launch.announce import Announce, id_of_message, known
from handlers.launch.announcement import Known
from handlers.launch.card import Card
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.marks import ANNOUNCEMENT, mark
from handlers.newest import ReadResponse, no_response
from handlers.severities import spoken
from worker.clients.posting.poster import Poster
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.errors import Forbidden, Gone
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class ShowSeverity(Step[PublishedSummary]):
    """Let the announcement be as urgent as the worst of the incident's alerts; it rises and never falls."""

    name = "show-severity"
    needs = (Announce, CreateChannel)
    wants = (FindOnCall, CreateWorkItem)
    contingent = True
    result = PublishedSummary

    def describe(self, result: PublishedSummary) -> str:
        return f"severity {result.severity}"

    def __init__(
        self, poster: Poster, digest: Digest, before: PublishedSummary | None, read: ReadResponse = no_response
    ) -> None:
        self._poster = poster
        self._read = read
        self._digest = digest
        self._before = before

    def without_effect(self, incident: Incident, done: Done) -> PublishedSummary | None:
        del done
        shown = self._before.severity if self._before else incident.event.severity
        if shown is not None and self._digest.summary.severity >= shown:
            return PublishedSummary(mark=self._digest.mark, severity=shown)
        return None

    async def find(self, incident: Incident, done: Done) -> PublishedSummary | None:
        own = await self._poster.all_of(done[CreateChannel], mark(incident, ANNOUNCEMENT))
        return self._shown if own and spoken(self._digest.summary.severity) in own[0].content else None

    async def run(self, incident: Incident, done: Done) -> PublishedSummary:
        async def known_now() -> Known:
            response = await self._read(incident.id)
            return replace(known(done, self._poster), severity=self._digest.summary.severity, response=response)

        try:
            channel = done[CreateChannel]
            message_id = await id_of_message(self._poster, channel, incident, ANNOUNCEMENT, done[Announce])
            await Card(channel, message_id, ANNOUNCEMENT).show(self._poster, incident, known_now)
        except (Gone, Forbidden):
            # Nobody reads it any more, or it may not be changed; the summary in the channel says it, too.
            return self._shown
        return self._shown

    @property
    def _shown(self) -> PublishedSummary:
        return PublishedSummary(mark=self._digest.mark, severity=self._digest.summary.severity)
