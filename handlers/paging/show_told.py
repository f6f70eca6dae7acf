"""Let the announcement say that nobody could be told, and take it back."""

from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.untold import untold, untold_mark
from handlers.launch.update_announcement import ShowPeople, ShowWorkItem, Update, Updated
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.last_resort import PageLastResort
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from handlers.paging.work_item import ToldByWorkItem
from worker.domain.incident import Incident
from worker.engine.step import Done

# Whoever else may tell somebody, and the other changes of the same message.
_BEFORE = (ToldByWorkItem, WriteToPeople, PageLastResort, ShowPeople, ShowWorkItem)


class ShowUntold(Update):
    """That nobody on call could be told, by ways that have all answered."""

    name = "show-untold"
    needs = (AnnounceElsewhere, MentionPeople, PagePeople)
    wants = _BEFORE

    def without_effect(self, incident: Incident, done: Done) -> Updated | None:
        del incident
        return None if untold(done.pages) else Updated(said="")

    def is_said(self, done: Done, content: str) -> bool:
        return untold_mark(done.pages) in content

    def updated(self, done: Done) -> Updated:
        return Updated(said=untold(done.pages), mark=untold_mark(done.pages))


class ShowTold(Update):
    """That somebody was told after all."""

    name = "show-told"
    needs = (ShowUntold,)
    wants = (MentionPeople, PagePeople, *_BEFORE)

    def without_effect(self, incident: Incident, done: Done) -> Updated | None:
        del incident
        nothing_to_take_back = not done[ShowUntold].said or untold(done.pages)
        return Updated(said="") if nothing_to_take_back else None

    def is_said(self, done: Done, content: str) -> bool:
        return done[ShowUntold].mark not in content

    def updated(self, done: Done) -> Updated:
        told = ", ".join(page.name for page in done.pages if page.told)
        return Updated(said=f"that {told} was told")
