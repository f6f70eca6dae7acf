"""What we do about an incident: the table of contents of a launch."""

from handlers.announce import Announce
from handlers.assign import Assign
from handlers.create_channel import CreateChannel
from handlers.create_work_item import CreateWorkItem
from handlers.find_on_call import FindOnCall
from handlers.link_channel import LinkChannel
from worker.clients.boards import Boards
from worker.clients.on_call import OnCallTable
from worker.clients.posting import Poster
from worker.clients.teams import Teams
from worker.step import Playbook

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
