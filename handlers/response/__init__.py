"""What follows from what happens to an incident: a file for each lane of effects, and the table of them."""

from collections.abc import Sequence
from functools import partial

from handlers.newest import Newest
from handlers.paging.ways import Ways
from handlers.response.archive_channel import IsSaid, archiving
from handlers.response.comment_on_item import comments
from handlers.response.join_team import Team, members
from handlers.response.keep_messages import KeepMessages, snapshots
from handlers.response.say_in_channel import Places, says
from handlers.response.show_card import card
from handlers.response.show_on_item import work_item
from handlers.response.tell_people import mentioned_by, tells
from handlers.response.write_review import ReviewDesk, reviews
from worker.clients.boards.client import Boards
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.clients.teams.archiving import Archiving
from worker.clients.teams.client import Teams
from worker.engine.lane import Lane


def response_lanes(
    *,
    boards: Boards,
    teams: Teams,
    poster: Poster,
    ways: Ways,
    newest: Newest,
    stakeholders: FallbackChannels,
) -> Sequence[Lane]:
    """`stakeholders`: the channels of those whom updates in plain words are for."""
    return (
        tells(ways, poster),
        says(Places(poster, stakeholders, partial(mentioned_by, ways))),
        card(poster, newest),
        work_item(boards, newest),
        comments(boards, newest),
        members(Team(teams, poster, newest)),
    )


def review_lanes(
    *, boards: Boards, poster: Poster, keep: KeepMessages, desk: ReviewDesk, archive: Archiving, is_said: IsSaid
) -> Sequence[Lane]:
    """What is kept of an incident, and what becomes of its channel behind that."""
    return (snapshots(keep), reviews(boards, poster, desk), archiving(archive, is_said))
