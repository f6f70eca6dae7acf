"""The times of an incident are the same wherever they are shown: in figures, in the review, in lists, on its page."""

import pytest
from known_incidents import Life, at

from worker.cli.drawing.incident_page import facts
from worker.cli.drawing.wall_clock import WallClock
from worker.domain.response.response import TimeValue
from worker.incidents.listing import listed
from worker.incidents.open_incident import open_incident
from worker.incidents.response import shown_response
from worker.incidents.times import TIMES


def value(minutes, source="person"):
    return TimeValue(value=at(minutes), source=source, recorded_at=at(minutes))


def a_life(**times):
    life = Life(launched=0.5)
    life.response = life.response.model_copy(update={"times": {"received_at": value(0, "clock"), **times}})
    return life


@pytest.mark.parametrize(
    "shown",
    [
        lambda life: shown_response(life.response, life.history.launched_at).times,
        lambda life: listed(life.history, life.response).response.times,
        lambda life: open_incident(life.history, life.response).response.times,
        lambda life: life.known().times,
    ],
    ids=["on its page", "in a list", "among the open ones", "in figures and reviews"],
)
def test_when_the_launch_ended_stands_among_the_others(shown):
    """By the clock, in the order in which they should follow one another; while it has not ended nothing says so."""
    life = a_life(acknowledged_at=value(2), first_known_at=value(0), occurred_at=value(-5))
    times = shown(life)
    assert list(times) == ["occurred_at", "first_known_at", "received_at", "launched_at", "acknowledged_at"]
    assert (times["launched_at"].value, times["launched_at"].source) == (at(0.5), "clock")
    life.history = life.history.model_copy(update={"launched_at": None})
    assert "launched_at" not in shown(life)


def test_the_page_says_what_was_corrected():
    """In the place of what the sender said."""
    life = a_life(occurred_at=value(-7))
    life.history = life.history.model_copy(update={"response": shown_response(life.response, at(0.5))})
    page = dict(facts(life.history, WallClock(utc=True)))
    assert page["occurred"].startswith("2026-06-12 09:53")
    assert set(TIMES) >= set(life.response.times)
