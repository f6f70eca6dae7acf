"""What may stand twice, since the remote systems do not forbid it: one look for each kind, and the table of them."""

from handlers.duplicates.announcements import SecondAnnouncements
from handlers.duplicates.channels import SecondChannels
from handlers.duplicates.tasks import SecondTasks
from handlers.duplicates.work_items import SecondWorkItems
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.engine.duplicates import DuplicateFinder


def duplicate_finders(*, boards: Boards, teams: Teams, poster: Poster) -> tuple[DuplicateFinder, ...]:
    """The looks of one sweep: they remember what is the same for all its incidents."""
    return (SecondWorkItems(boards), SecondTasks(boards), SecondChannels(teams), SecondAnnouncements(poster))
