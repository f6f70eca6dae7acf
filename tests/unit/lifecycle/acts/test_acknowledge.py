"""Whoever has it owns it, and everybody who was called learns of it."""

import pytest
from responses import BEN, LED, MONITOR, PROGRAM, Life

from worker.domain.response.entry import TellKind
from worker.lifecycle.response.rules import ResponseRules


def test_everybody_who_was_called_learns_quietly_who_has_it():
    """Level 1 by the launch and level 2 by the escalation; whoever acts is not told of it themselves."""
    life = Life()
    life.fire("escalation")
    life.later(1).act("acknowledge", BEN, text="On my way")
    assert life.told(TellKind.NOTICE) == ["ada"]
    assert life.told(TellKind.PAGE) == []
    assert "Ben has it" in life.newest[0].tells[0].why
    assert life.said().startswith("Ben has it. On my way.")
    assert life.response.owner.person == "ben"


def test_nobody_else_is_called_once_somebody_has_it():
    """The escalation waits for a sign of life alone."""
    life = Life()
    assert life.due("escalation") == 5
    life.later(2).act("acknowledge")
    assert life.due("escalation") == 32


def test_the_first_time_stays_and_later_ones_are_entries():
    """Handed back and acknowledged anew it keeps the time of the first acknowledgement."""
    life = Life()
    life.later(2).act("acknowledge")
    first = life.response.times["acknowledged_at"]
    life.later(2).act("unacknowledge")
    life.later(2).act("acknowledge", BEN)
    assert life.response.times["acknowledged_at"] == first
    assert (first.source, first.by) == ("person", "ada")
    assert [entry.kind for entry in life.entries].count("acknowledged") == 2


def test_what_a_person_did_before_it_was_received_happened_then():
    """The entry has both times, and a clock that is ahead tells no future."""
    life = Life().later(6)
    life.act("acknowledge", at=life.now.replace(minute=2))
    entry = life.newest[0]
    assert (entry.at.minute, entry.recorded_at.minute) == (2, 6)
    ahead = Life().later(6)
    ahead.act("acknowledge", at=ahead.now.replace(hour=23))
    assert ahead.newest[0].at == ahead.now


def test_a_severe_one_is_led_by_whoever_is_on_call_for_that():
    """They are called, told their duty in two sentences, and a sign of life is awaited; the owner stays the owner."""
    life = Life(2, known=LED)
    life.act("acknowledge")
    assert [ref.person for ref in life.response.has("incident-commander")] == ["ivy"]
    assert [ref.person for ref in life.response.has("communications")] == ["max"]
    assert life.told(TellKind.PAGE) == ["ivy", "max"]
    assert life.due("role") == 5
    assert life.response.owner.person == "ada"


def test_a_mild_one_is_led_by_its_owner_whoever_that_becomes():
    """Nobody is called for it; with the ownership goes the command."""
    life = Life(3, known=LED)
    life.act("acknowledge")
    assert life.told() == []
    life.later(1).act("take", BEN)
    assert [ref.person for ref in life.response.has("incident-commander")] == ["ben"]
    assert life.told() == ["ada"]


def test_command_that_was_given_to_somebody_stays_theirs():
    """Whoever takes the work over takes no command that a person gave."""
    life = Life(3)
    life.act("acknowledge")
    life.act("role", role="commander")
    life.later(1).act("take", BEN)
    assert [ref.person for ref in life.response.has("incident-commander")] == ["ada"]


def test_what_a_monitoring_system_acknowledges_is_told_unless_the_settings_let_it_act():
    """By default people are asked; where it may act it owns it, and no person is said to have acknowledged."""
    life = Life()
    assert life.act("acknowledge", MONITOR).state == "open"
    assert "Grafana" in life.said()
    acting = Life(rules=ResponseRules(alerts_acknowledge=True))
    assert acting.act("acknowledge", MONITOR).state == "acknowledged"
    assert acting.response.times["acknowledged_at"].source == "alert"


def test_a_program_that_acknowledges_is_no_person():
    """The figures leave out what programs acknowledged."""
    life = Life()
    life.act("acknowledge", PROGRAM)
    assert life.response.times["acknowledged_at"].source == "sender"


@pytest.mark.parametrize("ends", ["unacknowledge", "resolve", "the clock"])
def test_command_that_came_with_the_ownership_goes_with_it(ends):
    """Nobody leads what nobody has, and no level calls an owner who led for want of others."""
    life = Life(3)
    life.act("acknowledge")
    assert life.response.escalation["state"]["roles"].get("incident-commander", []) == []
    if ends == "the clock":
        life.fire("escalation")
    else:
        life.later(1).act(ends)
    if ends == "resolve":
        assert life.response.has("incident-commander")
        life.later(1).act("reopen")
    assert (life.response.owner, life.response.has("incident-commander")) == (None, ())
    assert life.response.owner_since is None
