"""What a step made is told in words that mean something at three in the morning."""

from datetime import UTC, datetime

import pytest

from handlers.launch.announce import Announce, Announced
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.assign import Assign, Assigned, Assignment, Owner, Responder
from handlers.launch.begin_response import BeginResponse, Begun
from handlers.launch.create_channel import CreateChannel, OwnChannel
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.link_channel import LinkChannel, Linked
from handlers.launch.playbook import STEPS
from handlers.launch.point_to_channel import Pointed, PointToChannel
from handlers.launch.route import Route, Routed
from handlers.launch.update_announcement import ShowPeople, ShowWorkItem, Updated
from handlers.notices.compose import ComposeShiftMessage
from handlers.notices.tell import TellShift
from handlers.paging.call_next import CalledNext, CallNext
from handlers.paging.complete_chats import CompleteChats, Completed
from handlers.paging.in_chats import WriteToPeople
from handlers.paging.last_resort import PageLastResort
from handlers.paging.mention import MentionPeople
from handlers.paging.page import PagePeople
from handlers.paging.show_told import ShowTold, ShowUntold
from handlers.paging.work_item import ToldByWorkItem
from handlers.response.comment_on_item import AllCommented, Commented, CommentOnItem, OneComment
from handlers.response.join_team import AllJoined, Join, Joined, JoinTeam
from handlers.response.say_in_channel import AllSaid, OneSaid, Said, SayInChannel
from handlers.response.show_card import ShowCard, Shown
from handlers.response.show_on_item import Patched, ShowOnItem
from handlers.response.tell_people import TellPeople
from handlers.summary import SUMMARY_STEPS, CommentSummary, PostSummary, RaiseSeverity, ShowSeverity
from handlers.trouble.post_report import PostReport, Reported
from handlers.trouble.report_to_last_resort import ReportToLastResort
from handlers.trouble.update_report import Amended, SayGivenUp, SayItIsOver
from worker.clients.teams.client import Channel
from worker.domain.digest import PublishedSummary
from worker.domain.event import Severity
from worker.domain.launch_report import Trouble
from worker.domain.page import Page, Paged
from worker.oncall.notices.message import ShiftMessage, ShiftRecipient
from worker.oncall.notices.notice import NoticeKind
from worker.oncall.on_call import OnCall, Person

ADA, GRACE, LIN = ("Ada", "ada@x.example"), ("Grace", "grace@x.example"), ("Lin", "lin@x.example")
PUBLISHED = PublishedSummary(mark="a", id="1795877672147", severity=Severity.CRITICAL)


def person(named):
    return Person(name=named[0], email=named[1])


def assignment(named, outcome, **more):
    return Assignment(name=named[0], email=named[1], outcome=outcome, **more)


OWNED = assignment(ADA, "assigned", holder="Ada")
TASK = assignment(GRACE, "task", task_id=8)
UNKNOWN = assignment(LIN, "unknown-identity")
CHANNEL = Channel(id="19:x", team_id="t", name="inc-1-checkout", url="https://teams.example/x")
OWN = OwnChannel(**CHANNEL.model_dump())
TOLD = Page(person=ADA[1], name="Ada", by="chat", told=True, answer="written to", why="You are on call.")
MISSED = Page(person=LIN[1], name="Lin", by="sms", told=False, answer="The number is wrong.", why="You are on call.")
PAGED = Paged(pages=(MISSED, TOLD))
SHIFT = ShiftMessage(kind=NoticeKind.BEFORE, schedule="checkout", instant=datetime(2026, 3, 2, tzinfo=UTC))
RECIPIENT = ShiftRecipient(name="Ada", address=ADA[1], comes=True, time_zone="UTC")
OF_SHIFTS = [ComposeShiftMessage, TellShift]
REPORTED = [PostReport, ReportToLastResort, SayGivenUp, SayItIsOver]
SAID = Said(id="1", place="inc-1-checkout")
JOINED, APART = Joined(person="ada", name="Ada"), Joined(person="lin", name="Lin", refused="no owner.")
MADE = [
    (CreateWorkItem, WorkItem(id=7, url="https://boards.example/7", rev=1), "work item 7"),
    (CreateWorkItem, WorkItem(id=7, url="", rev=1, note="refused: project 'X'."), "work item 7; refused: project 'X'."),
    (CreateChannel, OWN, "inc-1-checkout"),
    (CreateChannel, OWN.model_copy(update={"note": "not in team t1"}), "inc-1-checkout; not in team t1"),
    (CallNext, CalledNext(), "nobody on call could be told, so the next are called"),
    (BeginResponse, Begun(), "whoever does not answer is followed by the next"),
    (Route, Routed(), ""),
    (Route, Routed(service="checkout", teams=("t1", "t2"), project="Shop"), "checkout, project Shop, team t1 or t2"),
    (
        Route,
        Routed(service="checkout", teams=tuple("abcd"), area_path="A"),
        "checkout, area A, team a or b or c or 1 more",
    ),
    (Route, Routed(service="a", iteration_path="B", work_item_type="Bug", note="Why."), "a, iteration B, Bug, Why."),
    (FindOnCall, OnCall(people=(person(ADA), person(GRACE))), "Ada, Grace"),
    (FindOnCall, OnCall(), "NOBODY IS ON CALL"),
    (Assign, Assigned(people=(OWNED, TASK, UNKNOWN)), "owned by Ada, 1 task, 1 unknown to Boards"),
    (Assign, Assigned(), "owned by nobody"),
    (Owner, OWNED, "Ada owns the work item"),
    (Owner, assignment(ADA, "kept", holder="Grace"), "left with Grace"),
    (Owner, assignment(ADA, "kept"), "left with whom somebody gave it to"),
    (Responder, TASK, "Grace has task 8"),
    (Responder, UNKNOWN, "Lin is unknown to Boards"),
    (LinkChannel, Linked(work_item_id=7, url="https://teams.example/x"), "linked on work item 7"),
    (Announce, Announced(id="1795877672147", url="https://teams.example/m"), "posted in the channel"),
    (AnnounceElsewhere, Placed(id="1", url="", channel=CHANNEL, elsewhere=True), "posted in inc-1-checkout"),
    (ShowPeople, Updated(said="who is on call"), "the announcement shows who is on call"),
    (ShowWorkItem, Updated(said="work item 7"), "the announcement shows work item 7"),
    (ShowUntold, Updated(said="NOBODY HAS BEEN TOLD."), "the announcement shows NOBODY HAS BEEN TOLD."),
    (ShowTold, Updated(said="that Ada was told"), "the announcement shows that Ada was told"),
    (PointToChannel, Pointed(place="General", url="https://teams.example/x"), "linked in General"),
    *((step, PAGED, "Ada by chat, Lin not by sms") for step in (PagePeople, MentionPeople, WriteToPeople)),
    *((step, PAGED, "Ada by chat, Lin not by sms") for step in (PageLastResort, ToldByWorkItem, ReportToLastResort)),
    (CompleteChats, Completed(names=("Ada", "Lin")), "linked in the chats of Ada, Lin"),
    (ComposeShiftMessage, SHIFT.model_copy(update={"recipients": (RECIPIENT,)}), "to Ada"),
    (ComposeShiftMessage, SHIFT, "to nobody"),
    (TellShift, PAGED, "Ada by chat, Lin not by sms"),
    (PostReport, Reported(id="1", channel=CHANNEL), "reported in inc-1-checkout"),
    (PostReport, Reported(), ""),
    (SayGivenUp, Amended(trouble=Trouble.GIVEN_UP), "the report says: given-up"),
    (SayItIsOver, Amended(trouble=Trouble.OVER), "the report says: over"),
    (RaiseSeverity, PUBLISHED, "severity 1"),
    (CommentSummary, PUBLISHED, "noted on the work item"),
    (PostSummary, PUBLISHED, "posted in the channel"),
    (ShowSeverity, PUBLISHED, "severity 1"),
    (TellPeople, PAGED, "Ada by chat, Lin not by sms"),
    (SayInChannel, AllSaid(said=(SAID, Said(refused="archived"))), "said in inc-1-checkout; archived"),
    (OneSaid, SAID, "said in inc-1-checkout"),
    (ShowCard, Shown(seq=7, refused=("archived",)), "the card shows entry 7; archived"),
    (ShowOnItem, Patched(about="open-0", state="Doing"), "Doing"),
    (ShowOnItem, Patched(about="open-0", state="Doing", refused="refused: no."), "Doing; refused: no."),
    (CommentOnItem, AllCommented(ids=(3,)), "commented on the work item"),
    (OneComment, Commented(id=3), "commented on the work item"),
    (JoinTeam, AllJoined(people=(JOINED, APART)), "Ada, Lin not: no owner."),
    (Join, JOINED, "Ada is in the team"),
    (Join, APART, "no owner."),
]


@pytest.mark.parametrize(("step", "result", "words"), MADE, ids=[f"{step.__name__}-{words}" for step, _, words in MADE])
def test_a_step_says_what_it_made(step, result, words):
    """In words for people; the ids of comments and messages are for programs."""
    assert step.describe(object.__new__(step), result) == words


def test_every_step_is_asked():
    """A new step is added to the table above."""
    assert {*STEPS, *SUMMARY_STEPS, *REPORTED, *OF_SHIFTS} <= {step for step, _, _ in MADE}
