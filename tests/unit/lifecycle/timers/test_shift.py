"""The end of a shift in the middle of an incident."""

from brief_definitions import definitions, week
from responses import PEOPLE, URGENT, Life

from worker.domain.response.actor import Actor, ActorKind

KNOWN = definitions(
    people=PEOPLE,
    services={"checkout": {"policies": ["urgent"]}},
    schedules={"days": {**week("max"), "layers": [
        {"name": "day", "people": ["ada", "ben"], "starts": "2027-05-03T09:00", "every": "1 day"},
    ]}},
    policies={"urgent": {**URGENT, "levels": [{"notify": ["schedule:days"], "wait": "5 min"}], "ack_timeout": "30 h"}},
)  # fmt: skip


def test_whoever_goes_off_shift_is_asked_and_keeps_what_they_have():
    """Once, at the handover of the schedule; a role ends by people alone."""
    life = Life(4, known=KNOWN)
    on_call = life.entries[-1].data["people"]
    life.act("acknowledge", Actor(kind=ActorKind.PERSON, id=on_call[0]))
    assert life.due("shift") == 21 * 60
    life.fire("shift")
    assert "your shift is over. Do you stay, or do you hand over?" in life.said()
    assert life.told() == on_call
    assert life.response.owner.person == on_call[0]
    assert life.due("shift") == (21 + 24) * 60  # of the secondary responder, whose shift has begun


def test_whoever_is_on_no_schedule_has_no_shift():
    """Nobody is asked of a shift that they do not have."""
    life = Life(4)
    life.act("acknowledge")
    assert life.due("shift") is None
