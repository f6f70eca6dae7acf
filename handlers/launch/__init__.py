"""What we do about an incident: the table of contents of a launch."""

from handlers.launch.announce import Announce
from handlers.launch.assign import Assign
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.link_channel import LinkChannel
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.engine.step import Playbook
from worker.oncall.table import OnCallTable

STEPS = (CreateWorkItem, CreateChannel, FindOnCall, Assign, LinkChannel, Announce)


def playbook(*, boards: Boards, teams: Teams, poster: Poster, on_call: OnCallTable) -> Playbook:
    return (
        CreateWorkItem(boards),
        CreateChannel(teams),
        FindOnCall(on_call, teams),
        Assign(boards),
        LinkChannel(boards),
        Announce(poster),
    )
