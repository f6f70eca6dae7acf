"""What is said about a launch that waits for long or was given up; the table of the steps that say it."""

from collections.abc import Sequence

from handlers.paging.ways import Ways
from handlers.trouble.post_report import PostReport
from handlers.trouble.report_to_last_resort import ReportToLastResort
from handlers.trouble.update_report import SayGivenUp, SayItIsOver
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.domain.last_resort import Target
from worker.domain.launch_report import Report, Trouble
from worker.engine.step import Playbook


def report_playbook(
    report: Report, *, poster: Poster, places: FallbackChannels, ways: Ways, last_resort: Sequence[Target]
) -> Playbook:
    """The steps that say it; where all is well, only to those who have heard of trouble."""
    posting = PostReport(poster, places, report)
    match report.trouble:
        case Trouble.WAITS:
            return (posting, ReportToLastResort(ways, last_resort, report))
        case Trouble.GIVEN_UP:
            return (posting, SayGivenUp(poster, report), ReportToLastResort(ways, last_resort, report))
        case Trouble.OVER:
            return (posting, SayItIsOver(poster, report))
