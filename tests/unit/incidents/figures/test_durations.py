"""Durations are from one time to another, and not known where either is not."""

from datetime import timedelta

import pytest
import responses
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known_incidents import ADA, ALERT, BEN, Life, at, told

from worker.incidents.figures.durations import DURATIONS, acknowledged_at_level, durations_of
from worker.incidents.figures.known_incident import KnownIncident


def minutes(life):
    return {
        name.removeprefix("time_to_"): took / timedelta(minutes=1) if took is not None else None
        for name, took in durations_of(life.known()).items()
    }


def test_a_life_is_measured_as_a_hand_would():
    """Each from its own beginning: pain from when it began, an answer from when somebody was told."""
    life = Life(occurred_at=at(-10), first_known_at=at(-4), first_told=1, launched=2)
    life.level(1, 0, "ada").acknowledged(6).mitigated(30).resolved(45).closed(60)
    assert minutes(life) == {
        "detect": 6,
        "receive": 4,
        "launch": 2,
        "tell": 1,
        "acknowledge": 5,
        "mitigate": 40,
        "resolve": 55,
    }


def test_what_is_not_known_is_not_zero():
    """Of an incident that has just come in hardly anything can be said."""
    assert minutes(Life(launched=None, first_told=None)) == {
        "detect": None,
        "receive": 0,
        "launch": None,
        "tell": None,
        "acknowledge": None,
        "mitigate": None,
        "resolve": None,
    }


def test_without_a_word_of_when_it_began_pain_counts_from_its_receipt():
    """The time to detect is no guess: it is not told at all."""
    told = minutes(Life().acknowledged(6).resolved(45))
    assert (told["detect"], told["mitigate"], told["resolve"]) == (None, None, 45)


def test_an_incident_that_was_reopened_counts_with_all_its_pain_and_not_with_the_peace_between():
    """Ten minutes before it came in and twenty after, then fifteen more; an hour of peace between them."""
    life = Life(occurred_at=at(-10)).acknowledged(5).resolved(20).reopened(80).acknowledged(85).mitigated(90)
    assert (minutes(life)["mitigate"], minutes(life)["resolve"]) == (40, None)
    life.resolved(95)
    assert minutes(life)["resolve"] == 45


def test_times_in_the_wrong_order_are_no_duration():
    """A person may have set them so; nothing took less than no time."""
    assert minutes(Life(occurred_at=at(30)).resolved(20))["resolve"] is None


def test_a_corrected_end_counts():
    """Whoever resolved it late says when it really was."""
    assert minutes(Life().resolved(90).timed("resolved_at", 40))["resolve"] == 40


@pytest.mark.parametrize(("actor", "expected"), [(ADA, 4.75), (ALERT, None)])
def test_only_a_person_answers(actor, expected):
    """What a monitoring system acknowledged says nothing of how long people took."""
    assert minutes(Life().acknowledged(5, actor))["acknowledge"] == expected


def test_the_first_acknowledgement_counts_and_the_level_that_was_told_last_before_it():
    """A later one, of whoever took over, changes neither."""
    life = Life().level(1, 0, "ada").level(2, 5, "ben").acknowledged(7, BEN)
    life.enter("unacknowledged", 20, "Ben gives it back.", state="open").level(3, 21, "cy").acknowledged(30)
    assert acknowledged_at_level(life.known()) == 2
    assert minutes(life)["acknowledge"] == 6.75


def test_the_first_person_told_may_be_told_by_the_response():
    """Where the launch told nobody."""
    assert minutes(Life(first_told=None).told(told("ada", 4, reached=False), told("ada", 6)))["tell"] == 6


def test_every_duration_says_from_what_to_what():
    """Nobody has to guess."""
    assert all("→" in each.span and each.title for each in DURATIONS)
    assert len({each.name for each in DURATIONS}) == len(DURATIONS)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acknowledge", "mitigate", "relapse", "resolve", "correct", "close", "reopen"]),
            st.integers(1, 50),
        ),
        max_size=14,
    )
)
@example([("resolve", 10), ("correct", 40), ("reopen", 5), ("resolve", 5)])
def test_the_pain_of_any_life_is_what_the_response_counts(acts):
    """Of all times that it was open together, each until it was resolved, as people have corrected that since."""
    life = responses.Life(occurred_at=responses.START - timedelta(minutes=7))
    for kind, minutes in acts:
        life.later(minutes)
        if kind == "correct":
            life.act("time", time="resolved_at", value=life.now - timedelta(minutes=minutes // 2), text="It was then.")
        else:
            life.act(kind)
    history = Life().history.model_copy(update={"event": life.incident.event, "received_at": responses.START})
    known = KnownIncident(history, life.response, tuple(life.entries))
    found, resolved = durations_of(known)["time_to_resolve"], life.response.times.get("resolved_at")
    began = life.response.running_since or responses.START - timedelta(minutes=7)
    if resolved is None or resolved.value < began:
        assert found is None
    else:
        assert found == timedelta(seconds=life.response.pain_seconds) + (resolved.value - began)
