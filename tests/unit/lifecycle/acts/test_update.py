"""Updates, and by when the next one is promised."""

from datetime import timedelta

import pytest
from responses import ADA, START, Life

from worker.domain.response.act import Audience


def promised(life):
    """In minutes from now."""
    awaited = life.response.promise
    return (awaited.due_at - life.now) / timedelta(minutes=1) if awaited else None


@pytest.mark.parametrize(("severity", "first", "then", "mitigated"), [(1, 10, 30, 60), (2, 20, 60, 120)])
def test_the_next_update_is_promised_by_severity(severity, first, then, mitigated):
    """The first soon after it was acknowledged, then at the severity's pace, once mitigated at half of it."""
    life = Life(severity)
    assert promised(life) is None
    life.later(2).act("acknowledge")
    assert promised(life) == first
    life.later(5).act("update", text="We look")
    assert promised(life) == then
    assert life.response.promises_kept == 1
    life.later(1).act("mitigate")
    assert promised(life) == mitigated
    life.act("relapse")
    assert promised(life) == then


def test_of_a_medium_one_updates_come_in_working_hours():
    """At 10:00 UTC, noon in Berlin, four hours lead past the end of the day: it is due when the next one begins."""
    life = Life(3)
    life.act("acknowledge")
    assert promised(life) == 60
    life.act("update", text="We look")
    assert life.response.promise.due_at == START + timedelta(hours=4)
    life.later(60 * 4).act("update", text="We look still")
    assert life.response.promise.due_at == START.replace(day=6, hour=9)


@pytest.mark.parametrize("severity", [4, 5])
def test_of_a_mild_one_nothing_is_promised(severity):
    """Unless somebody promises it."""
    life = Life(severity)
    life.act("acknowledge")
    life.act("update", text="We look")
    assert (promised(life), life.due("update")) == (None, None)
    life.act("update", text="Tomorrow more", next_in_minutes=90)
    assert promised(life) == 90


def test_an_incident_has_a_pace_of_its_own_where_somebody_sets_it():
    """Once mitigated half of it; 0 is never."""
    life = Life(2)
    life.act("acknowledge")
    life.act("update", every_minutes=20)
    assert promised(life) == 20
    life.act("mitigate")
    assert promised(life) == 40
    life.act("update", every_minutes=0)
    assert promised(life) is None


def test_nothing_new_is_a_promise_too_and_takes_the_reminders_place():
    """One message, edited; nobody is mailed of it."""
    life = Life(2)
    life.act("acknowledge")
    life.fire("update")
    reminder = life.newest[0].says[0]
    life.act("update", nothing_new=True)
    entry = life.newest[0]
    assert entry.kind == "nothing-new"
    assert entry.says[0].topic == reminder.topic
    assert entry.comments == ()
    assert promised(life) == 60


def test_a_change_with_a_sentence_counts_as_an_update():
    """Without one it is none; a worse severity lets nobody wait longer than is usual for it."""
    life = Life(2)
    life.act("acknowledge")
    life.later(4).act("severity", severity=1, text="All of Europe")
    assert (life.response.promises_kept, promised(life)) == (1, 30)
    silent = Life(3)
    silent.act("acknowledge")
    silent.later(4).act("severity", severity=1)
    assert (silent.response.promises_kept, promised(silent)) == (0, 10)


def test_what_comes_late_breaks_the_promise_once():
    """Whether the reminder came before it or not."""
    life = Life(2)
    life.act("acknowledge")
    life.later(25).act("update", text="Late")
    assert (life.response.promises_kept, life.response.promises_broken) == (0, 1)
    reminded = Life(2)
    reminded.act("acknowledge")
    reminded.fire("update")
    reminded.fire("update")
    reminded.later(1).act("update", text="Later still")
    assert (reminded.response.promises_kept, reminded.response.promises_broken) == (0, 1)


@pytest.mark.parametrize(("kind", "given"), [("resolve", {}), ("decline", {"text": "A test"})])
def test_an_end_ends_the_promise(kind, given):
    """Nobody is reminded of what is over, and a promise that was not due yet is neither kept nor broken."""
    life = Life(1)
    life.act("acknowledge")
    life.act(kind, **given)
    assert (life.response.promise, life.due("update")) == (None, None)
    assert (life.response.promises_kept, life.response.promises_broken) == (0, 0)


def test_an_update_says_phase_text_impact_and_when_the_next_one_comes():
    """In the channel and as a comment; the next one is the channel's alone, for a comment stays."""
    life = Life(2)
    life.act("acknowledge")
    impact = {"text": "Nobody can pay", "regions": ["EU"]}
    life.act("update", ADA, text="A bad deploy", phase="identified", impact=impact, audience="stakeholders")
    entry = life.newest[0]
    assert entry.comments == ("Identified: A bad deploy\nImpact: Nobody can pay; regions EU",)
    assert entry.says[0].text.endswith("Next update by 11:00 UTC.")
    assert entry.says[0].audience == Audience.STAKEHOLDERS
    assert (life.response.phase, life.response.last_update.text) == ("identified", "A bad deploy")


def test_of_what_is_over_no_next_one_is_promised():
    """The summary is the last word, whatever its writer says."""
    life = Life(1)
    life.act("resolve")
    life.act("update", text="It was a deploy", phase="resolved", next_in_minutes=30)
    assert (life.response.promise, "Next update" in life.said()) == (None, False)
