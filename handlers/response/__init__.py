"""What follows from what happens to an incident: a file for each lane of effects, and the table of them."""

from collections.abc import Sequence

from handlers.newest import Newest
from handlers.paging.ways import Ways
from handlers.response.show_card import card
from handlers.response.tell_people import tells
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.engine.lane import Lane


def response_lanes(*, boards: Boards, teams: Teams, poster: Poster, ways: Ways, newest: Newest) -> Sequence[Lane]:
    del boards, teams
    return (tells(ways, poster), card(poster, newest))
