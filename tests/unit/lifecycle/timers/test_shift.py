"""The end of a shift in the middle of an incident."""

import pytest
from brief_definitions import definitions, week
from responses import IVY, MAX, PEOPLE, URGENT, Life

from worker.domain.response.actor import Actor, ActorKind
from worker.lifecycle.response.rules import ResponseRules

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


def covered(**override):
    """Max has the week, but for what the override says."""
    schedule = {**week("max"), "overrides": [override]}
    levels = [{"notify": ["schedule:days"], "wait": "5 min"}]
    return definitions(
        people=PEOPLE,
        services={"checkout": {"policies": ["urgent"]}},
        schedules={"days": schedule},
        policies={"urgent": {**URGENT, "levels": levels, "ack_timeout": "30 h"}},
    )


@pytest.mark.parametrize("minute_seconds", [60.0, 1.0, 0.7], ids=["the wall's", "a second", "a part of one"])
def test_whoever_covers_a_part_of_a_shift_is_asked_at_the_end_of_that(minute_seconds):
    """Who has the rest is not; a clock whose minutes are short changes nothing of it, and nobody is asked twice."""
    known = covered(**{"person": "ivy", "from": "2027-05-05T11:00", "to": "2027-05-05T14:30"})
    life = Life(4, known=known, rules=ResponseRules(minute_seconds=minute_seconds))
    life.act("acknowledge", IVY)
    life.act("role", MAX, role="scribe")
    assert life.due("shift") == pytest.approx(2.5 * 60 * minute_seconds / 60)
    asked = []
    for _ in range(3):
        asked += [tell for entry in life.fire("shift") for tell in entry.tells]
        if asked:
            break
    assert [tell.person for tell in asked] == ["ivy"]
    life.later(1)
    assert life.due("shift") > 24 * 60 * minute_seconds / 60
