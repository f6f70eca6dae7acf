"""An open incident is told with who has it and where it is looked at."""

from datetime import UTC, datetime

import pytest

from handlers.launch.assign import Assign, Assignment, Owner
from handlers.launch.create_channel import Channel, CreateChannel
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.domain.alert_summary import AlertSummary
from worker.domain.event import Event
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import History, StepHistory
from worker.incidents.open_incident import HOLDER_STEP, PLACE_STEPS, ROSTER_STEP, open_incident, why_ended
from worker.oncall.on_call import OnCall, Person

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ON_CALL = OnCall(people=(Person(name="Ada", email="ada@x.example"), Person(name="Bo", email="bo@x.example")))
OWNED = Assignment(name="Ada", email="ada@x.example", outcome="kept", holder="Cy")
ITEM = WorkItem(id=7, url="https://boards.example/7", rev=1)
CHANNEL = Channel(id="c", team_id="t", name="inc", url="https://teams.example/c")


def done(name, result):
    return StepHistory(name=name, state=StepState.DONE, result=result.model_dump(mode="json"))


def a_history(*steps, **facts):
    event = Event(title="Checkout is down", service="Checkout", severity=1)
    known = {"incident_id": "inc-4h7k2m9xqz", "key": "k", "state": LaunchState.LAUNCHED, "event": event}
    return History(**{**known, "received_at": NOON, "first_attempt_at": NOON, "steps": steps, **facts})


def test_the_names_are_those_of_the_launch():
    """A step that is renamed is renamed here as well."""
    assert f"{Assign.name}:{Owner.label}" == HOLDER_STEP
    assert (FindOnCall.name, (CreateChannel.name, CreateWorkItem.name)) == (ROSTER_STEP, PLACE_STEPS)


def test_an_incident_is_told_with_its_owner_and_its_channel():
    """Whoever was given the work item has it; the channel is where people are."""
    steps = (done(ROSTER_STEP, ON_CALL), done(HOLDER_STEP, OWNED), done("create-work-item", ITEM))
    told = open_incident(a_history(*steps, done("create-channel", CHANNEL)))
    assert (told.has_it, told.url) == ("Cy", CHANNEL.url)
    assert (told.title, told.severity, told.service) == ("Checkout is down", 1, "Checkout")
    assert told.status_url == "/v1/incidents/inc-4h7k2m9xqz"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((done(ROSTER_STEP, ON_CALL), done("create-work-item", ITEM)), ("Ada, Bo", ITEM.url)),
        ((StepHistory(name="create-channel", state=StepState.BEGUN),), ("", None)),
        ((StepHistory(name=ROSTER_STEP, state=StepState.DONE, result={"people": "?", "url": 3}),), ("", None)),
    ],
)
def test_what_is_not_done_yet_is_left_out(steps, expected):
    """Until somebody owns it those on call have it, and until there is a channel the work item is the place."""
    told = open_incident(a_history(*steps))
    assert (told.has_it, told.url) == expected


def test_what_has_ended_says_why():
    """Given up, or resolved by all its alerts; else it is open."""
    counted = {"alerts": 1, "faults": 1, "firing": 0, "first_at": NOON, "last_at": NOON, "severity": 1}
    assert why_ended(a_history()) is None
    assert why_ended(a_history(alerts=AlertSummary(**counted))) is None
    assert why_ended(a_history(alerts=AlertSummary(**counted, resolved_at=NOON))) == "all its alerts have resolved"
    assert why_ended(a_history(state=LaunchState.FAILED)) == "its launch was given up"
