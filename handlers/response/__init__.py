"""What follows from what happens to an incident: a file for each lane of effects, and the table of them."""

from collections.abc import Sequence

from handlers.newest import Newest
from handlers.paging.ways import Ways
from handlers.response.archive_channel import IsSaid, archiving
from handlers.response.keep_messages import KeepMessages, snapshots
from handlers.response.show_card import card
from handlers.response.tell_people import tells
from handlers.response.write_review import ReviewDesk, reviews
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.clients.teams.archiving import Archiving
from worker.clients.teams.client import Teams
from worker.engine.lane import Lane


def response_lanes(*, boards: Boards, teams: Teams, poster: Poster, ways: Ways, newest: Newest) -> Sequence[Lane]:
    del boards, teams
    return (tells(ways, poster), card(poster, newest))


def review_lanes(
    *, poster: Poster, keep: KeepMessages, desk: ReviewDesk, archive: Archiving, is_said: IsSaid
) -> Sequence[Lane]:
    """What is kept of an incident, and what becomes of its channel behind that."""
    return (snapshots(keep), reviews(poster, desk), archiving(archive, is_said))
