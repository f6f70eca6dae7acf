"""What a step made is told in words that mean something at three in the morning."""

import pytest

from handlers.launch import STEPS, Announce, Assign, CreateChannel, CreateWorkItem, FindOnCall, LinkChannel
from handlers.launch.assign import Assigned, Assignment, Owner, Responder
from handlers.launch.create_work_item import WorkItem
from handlers.launch.link_channel import Linked
from handlers.summary import SUMMARY_STEPS, CommentSummary, PostSummary, RaiseSeverity
from worker.clients.posting.poster import Posted
from worker.clients.teams.client import Channel
from worker.domain.digest import PublishedSummary
from worker.domain.event import Severity
from worker.oncall.table import OnCall, Person

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
MADE = [
    (CreateWorkItem, WorkItem(id=7, url="https://boards.example/7", rev=1), "work item 7"),
    (CreateChannel, CHANNEL, "inc-1-checkout"),
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
    (Announce, Posted(id="1795877672147", url="https://teams.example/m"), "posted in the channel"),
    (RaiseSeverity, PUBLISHED, "severity 1"),
    (CommentSummary, PUBLISHED, "noted on the work item"),
    (PostSummary, PUBLISHED, "posted in the channel"),
]


@pytest.mark.parametrize(("step", "result", "words"), MADE, ids=[f"{step.__name__}-{words}" for step, _, words in MADE])
def test_a_step_says_what_it_made(step, result, words):
    """In words for people; the ids of comments and messages are for programs."""
    assert step.describe(object.__new__(step), result) == words


def test_every_step_is_asked():
    """A new step is added to the table above."""
    assert {*STEPS, *SUMMARY_STEPS} <= {step for step, _, _ in MADE}
