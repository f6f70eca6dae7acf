"""Tell whom the settings name that a launch is in trouble, by the same ways as when nobody could be told."""

from collections.abc import Sequence

from handlers.marks import TROUBLE
from handlers.paging.paging_step import PagingStep
from handlers.paging.ways import Ways
from handlers.trouble.wording import in_sentences
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.launch_report import Report
from worker.domain.page import Page, Paged
from worker.engine.step import Done, Part


class ReportToLastResort(PagingStep):
    """Once for each incident, whatever the trouble is."""

    name = "report-to-last-resort"

    def __init__(self, ways: Ways, targets: Sequence[Target], report: Report) -> None:
        self._ways = ways
        self._targets = targets
        self._report = report

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        return None if self.parts(incident, done) else Paged()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        del done
        why = " ".join(in_sentences(incident, self._report))
        return list(self._ways.to_each(incident, self._targets, why=why, topic=TROUBLE))
