"""Write to the people on call one by one where no channel takes the announcement."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.paging_step import PagingStep
from handlers.paging.ways import Ways, on_call_recipient
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.domain.paging_ways import CHAT
from worker.engine.step import Done, Part


class WriteToPeople(PagingStep):
    """The last of the other places: each person's own chat, but for those who have one by their own wish."""

    name = "write-to-people"
    needs = (FindOnCall,)
    wants = (Announce, AnnounceElsewhere)

    def __init__(self, ways: Ways, *, wished: bool, patience: timedelta) -> None:
        self._ways = ways
        self._wished = wished
        self.patience = patience

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        announced = done.wanted(Announce) or done.wanted(AnnounceElsewhere)
        return Paged() if announced or not self._wished or not self.parts(incident, done) else None

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        on_call, severity = done[FindOnCall], incident.event.severity
        chosen = (
            self._ways.to(incident, on_call_recipient(person, on_call), CHAT)
            for person in on_call.people
            if person.in_directory is not False and CHAT not in self._ways.chosen(person, severity)
        )
        return [part for part in chosen if part is not None]
