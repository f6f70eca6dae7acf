"""Page the people on call by the ways of their own, as soon as they are known."""

from collections.abc import Sequence

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.paging_step import PagingStep
from handlers.paging.ways import Ways, on_call_recipient
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.engine.step import Done, Part


class PagePeople(PagingStep):
    """A chat, an SMS or a webhook for each person, as their row of the roster says; none of them waits for another."""

    name = "page"
    needs = (FindOnCall,)

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        return None if self.parts(incident, done) else Paged()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        on_call = done[FindOnCall]
        chosen = (
            self._ways.to(incident, on_call_recipient(person, on_call), by)
            for person in on_call.people
            for by in self._ways.chosen(person, incident.event.severity)
        )
        return [part for part in chosen if part is not None]
