"""Let the announcement be as urgent as the worst of the incident's alerts."""

from dataclasses import replace

from handlers.launch.announce import Announce, id_of_message, known
from handlers.launch.announcement import announcement
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.marks import ANNOUNCEMENT, mark
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

    def __init__(self, poster: Poster, digest: Digest, before: PublishedSummary | None) -> None:
        self._poster = poster
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
        said = replace(known(done, self._poster), severity=self._digest.summary.severity)
        try:
            channel = done[CreateChannel]
            message_id = await id_of_message(self._poster, channel, incident, ANNOUNCEMENT, done[Announce])
            await self._poster.update(channel, message_id, announcement(incident, said))
        except (Gone, Forbidden):
            # Nobody reads it any more, or it may not be changed; the summary in the channel says it, too.
            return self._shown
        return self._shown

    @property
    def _shown(self) -> PublishedSummary:
        return PublishedSummary(mark=self._digest.mark, severity=self._digest.summary.severity)
