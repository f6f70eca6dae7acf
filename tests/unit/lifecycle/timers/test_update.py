"""Reminders of a promised update: one before it, one once it is overdue, and then the next who could write it."""

import pytest
from brief_definitions import week
from responses import IVY, PEOPLE, URGENT, Life

from worker.domain.response.entry import TellKind
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

LED = build(
    GivenDefinitions.model_validate(
        {
            "people": PEOPLE,
            "services": {"checkout": {"policies": ["urgent"]}},
            "schedules": {"incident-commander": week("ivy", "max"), "communications": week("lea", "max")},
            "policies": {"urgent": URGENT},
        }
    )
)


def mentioned(life):
    return [tell.person for entry in life.newest for say in entry.says for tell in say.mentions]


def topics(life):
    return [say.topic for entry in life.newest for say in entry.says]


def test_of_a_severe_one_the_communications_lead_writes_then_the_commander_is_asked():
    """Five minutes before, ten behind, a whole interval and ten minutes behind; each once, and then no more."""
    life = Life(1, known=LED)
    life.act("acknowledge")
    life.act("role", IVY, role="commander")
    life.act("role", IVY, role="communications", person="ada")
    assert life.due("update") == 5
    life.fire("update")
    assert (mentioned(life), topics(life), life.newest[0].kind) == (["ada"], ["update-reminder"], "reminder")
    assert life.due("update") == 20
    life.fire("update")
    assert (mentioned(life), life.newest[0].kind, life.response.promises_broken) == (["ivy"], "overdue", 1)
    assert life.due("update") == 30
    life.fire("update")
    assert life.told(TellKind.PAGE) == mentioned(life)
    assert mentioned(life)[0] in {"lea", "max"}
    assert life.due("update") is None
    assert life.response.promises_broken == 1


def test_of_a_milder_one_the_owner_is_reminded():
    """Whoever leads has nothing to do with it."""
    life = Life(3)
    life.act("acknowledge")
    life.act("role", IVY, role="commander")
    life.fire("update")
    assert mentioned(life) == ["ada"]


def test_where_nobody_else_can_write_it_the_channel_is_told():
    """No schedule of the role: nobody is made up."""
    life = Life(2)
    life.act("acknowledge")
    for _ in range(3):
        life.fire("update")
    assert "no schedule names anybody else" in life.said()
    assert life.told() == []


def test_a_short_promise_is_not_overdue_before_it_is_due():
    """Half of it is left when the reminder comes, and the rest of the waits stand behind it."""
    life = Life(2)
    life.act("acknowledge")
    life.act("update", text="Soon more", next_in_minutes=4)
    assert life.due("update") == 2
    life.fire("update")
    assert life.due("update") == 14
    life.fire("update")
    assert life.due("update") == 24


@pytest.mark.parametrize("late", [60, 24 * 60, 30 * 24 * 60])
def test_whoever_was_not_reminded_in_time_is_reminded_once(late):
    """That it is overdue, and not that it is due soon; the next in line is asked ten minutes later, and not at once."""
    life = Life(2)
    life.act("acknowledge")
    life.later(late).fire("update")
    assert ([entry.kind for entry in life.newest], life.response.promises_broken) == (["overdue"], 1)
    assert life.due("update") == late + 10
    life.fire("update")
    assert "no schedule names anybody else" in life.said()
    assert (life.due("update"), life.response.promises_broken) == (None, 1)


def test_an_update_in_time_silences_what_was_to_come():
    """The next reminder is that of the next promise."""
    life = Life(2)
    life.act("acknowledge")
    life.fire("update")
    life.later(1).act("update", text="We look")
    assert life.due("update") == 16 + 60 - 5
