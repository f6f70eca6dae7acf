"""Tell whom the settings name when nobody else could be told."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from handlers.paging.paging_step import PagingStep
from handlers.paging.ways import Ways
from handlers.paging.work_item import ToldByWorkItem
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.page import Page, Paged
from worker.engine.step import Done, Part

_WHY = "Nobody on call could be told."


class PageLastResort(PagingStep):
    """Nothing to do once anybody was told; waits for that no longer than `patience`."""

    name = "page-last-resort"
    wants = (FindOnCall, PagePeople, MentionPeople, WriteToPeople, ToldByWorkItem)

    def __init__(self, ways: Ways, targets: Sequence[Target], *, patience: timedelta) -> None:
        self._ways = ways
        self._targets = targets
        self.patience = patience

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        is_wanted = not (done.pages.told.is_set() or done.pages.is_held)
        return None if is_wanted and self.parts(incident, done) else Paged()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        del done
        return list(self._ways.to_each(incident, self._targets, why=_WHY))
