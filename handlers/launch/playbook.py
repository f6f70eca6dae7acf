"""What we do about an incident, step by step: the table of contents of a launch."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.assign import Assign
from handlers.launch.begin_response import Begin, BeginResponse, RecordResponse
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.link_channel import LinkChannel
from handlers.launch.point_to_channel import PointToChannel
from handlers.launch.route import Route
from handlers.launch.update_announcement import ShowPeople, ShowWorkItem
from handlers.newest import ReadResponse, no_response
from handlers.paging.call_next import Call, CallNext
from handlers.paging.complete_chats import CompleteChats
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.last_resort import PageLastResort
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from handlers.paging.show_told import ShowTold, ShowUntold
from handlers.paging.ways import Ways
from handlers.paging.work_item import ToldByWorkItem
from worker.clients.boards.client import Boards
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.domain.last_resort import Target
from worker.engine.step import Playbook
from worker.oncall.first_level import OpeningRules
from worker.oncall.lookup import OnCallLookup

STEPS = (
    Route,
    CreateWorkItem,
    CreateChannel,
    FindOnCall,
    BeginResponse,
    PagePeople,
    Assign,
    LinkChannel,
    Announce,
    AnnounceElsewhere,
    WriteToPeople,
    MentionPeople,
    ToldByWorkItem,
    CallNext,
    PageLastResort,
    ShowPeople,
    ShowWorkItem,
    ShowUntold,
    ShowTold,
    PointToChannel,
    CompleteChats,
)

# Another place than the incident's own is worth three times the wait for what the announcement names.
_FOR_THE_CHANNEL = 3


def playbook(
    *,
    boards: Boards,
    teams: Teams,
    poster: Poster,
    on_call: OnCallLookup,
    ways: Ways,
    places: FallbackChannels,
    last_resort: Sequence[Target],
    patience: timedelta,
    begin: Begin | None = None,
    call_next: Call | None = None,
    read: ReadResponse = no_response,
    minute_seconds: float = 60.0,
) -> Playbook:
    """Of an incident that goes on.

    `begin` lets the response begin, `call_next` calls whoever comes behind those that could not be told, and `read`
    tells how it stands.

    `patience`: for how long the announcement waits for what it names. `minute_seconds`: how long a minute of a policy
    is.
    """
    for_the_channel = _FOR_THE_CHANNEL * patience
    return (
        Route(on_call),
        CreateWorkItem(boards),
        CreateChannel(teams),
        FindOnCall(on_call, teams, boards, OpeningRules(last_resort, minute_seconds)),
        BeginResponse(begin),
        PagePeople(ways),
        Assign(boards),
        LinkChannel(boards),
        Announce(poster, patience=patience, read=read),
        AnnounceElsewhere(poster, places, patience=for_the_channel),
        WriteToPeople(ways, wished=places.then_chats, patience=for_the_channel + patience),
        MentionPeople(poster, ways),
        ToldByWorkItem(),
        CallNext(call_next),
        PageLastResort(ways, last_resort, patience=for_the_channel + patience),
        ShowPeople(poster, read),
        ShowWorkItem(poster, read),
        ShowUntold(poster, read),
        ShowTold(poster, read),
        PointToChannel(poster, read),
        CompleteChats(ways),
    )


def record_playbook(*, boards: Boards, on_call: OnCallLookup, begin: Begin) -> Playbook:
    """Of one that is over when it is told: it is written down, and nobody is called."""
    return (Route(on_call), CreateWorkItem(boards), RecordResponse(begin))
