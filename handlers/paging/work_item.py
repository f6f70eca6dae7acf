"""By the work item itself: Boards writes to whom it is assigned to; for people whom no other way reaches."""

from handlers.launch.assign import Assign, Assignment
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.engine.step import Done, Lookup

_BY = "work-item"


class ToldByWorkItem(Lookup[Paged]):
    """Note who was told by Boards alone."""

    name = "told-by-work-item"
    needs = (Assign,)
    wants = (MentionPeople, PagePeople)
    contingent = True
    result = Paged

    def describe(self, result: Paged) -> str:
        return result.words

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        del incident
        found = _told(done)
        return None if found.pages else found

    async def run(self, incident: Incident, done: Done) -> Paged:
        del incident
        return _told(done)


def _told(done: Done) -> Paged:
    reached = {page.person.casefold() for page in done.pages if page.told}
    tried = {page.person.casefold(): page for page in done.pages}
    assigned = (each for each in done[Assign].people if each.outcome in {"assigned", "task"})
    return Paged(
        pages=tuple(
            _page(each, tried[each.email.casefold()])
            for each in assigned
            # A way that may yet lead to them leaves no page.
            if each.email.casefold() in tried.keys() - reached
        )
    )


def _page(assignment: Assignment, tried: Page) -> Page:
    return tried.model_copy(update={"by": _BY, "told": True, "answer": assignment.words, "message": ""})
