"""What may stand twice, since the remote systems do not forbid it: one look for each kind, and the table of them."""

from handlers.doubles.announcements import SecondAnnouncements
from handlers.doubles.channels import SecondChannels
from handlers.doubles.tasks import SecondTasks
from handlers.doubles.work_items import SecondWorkItems
from worker.clients.boards import Boards
from worker.clients.posting import Poster
from worker.clients.teams import Teams
from worker.double import Look


def looks(*, boards: Boards, teams: Teams, poster: Poster) -> tuple[Look, ...]:
    """The looks of one sweep: they remember what is the same for all its incidents."""
    return (SecondWorkItems(boards), SecondTasks(boards), SecondChannels(teams), SecondAnnouncements(poster))
