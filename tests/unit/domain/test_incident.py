"""The key of an incident and the id that is made of it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from worker.domain.event import KEY_LIMIT, Event
from worker.domain.incident import INCIDENT_ID, derived_key, generation_key, incident_id, with_key
from worker.domain.own_keys import OF_GENERATION, RESERVED, reserved_beginning

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(key=st.text())
def test_an_incident_id_is_short_and_the_same_every_time(key):
    """Any key gives an id that can be read aloud, and always the same."""
    with suppress(UnicodeEncodeError):
        assert INCIDENT_ID.fullmatch(incident_id(key))
        assert incident_id(key) == incident_id(key)


def test_an_incident_id_does_not_change_with_our_releases():
    """The id of a key is fixed for ever: incidents in flight are found by it."""
    assert incident_id("ticket-991") == "inc-7ww5p9g7e0"


def test_the_key_is_the_given_one_else_derived_else_random():
    """A key is kept; a fingerprint and a time make one; nothing makes a new one each time."""
    assert with_key(Event(title="x", key="k")).key == "k"
    fired = Event(title="x", source="s", fingerprint="f", occurred_at="2026-03-02T09:02:00Z")
    assert with_key(fired).key == with_key(fired.model_copy(update={"title": "y"})).key == derived_key(fired)
    later = Event(title="x", source="s", fingerprint="f", occurred_at="2026-03-02T09:03:00Z")
    assert derived_key(later) != derived_key(fired)
    assert with_key(Event(title="x")).key != with_key(Event(title="x")).key


def test_the_same_moment_in_two_zones_is_one_key():
    """A sender that changes its zone in between does not open a second incident."""
    here, there = "2026-03-02T09:02:00Z", "2026-03-02T10:02:00+01:00"
    keys = {derived_key(Event(title="x", fingerprint="f", occurred_at=moment)) for moment in (here, there)}
    assert len(keys) == 1


@given(key=st.text(min_size=1, max_size=KEY_LIMIT), call=st.sampled_from(["", "7"]))
def test_a_later_incident_of_a_key_has_a_key_that_nobody_can_give(key, call):
    """It is told from those of all other tellings, stays within what a key may be, and is one of ours."""
    with suppress(ValidationError, UnicodeEncodeError):
        event = Event(title="x", key=key, call=call, received_at=NOON)
        made = generation_key(event)
        assert reserved_beginning(made) == OF_GENERATION
        assert Event(title="x", key=made).key == made
        later = event.model_copy(update={"received_at": NOON + timedelta(microseconds=1)})
        assert (generation_key(later) == made) is (call == "7")
        assert generation_key(event.model_copy(update={"key": f"{event.key}1", "title": "y"})) != made
        assert generation_key(event.model_copy(update={"title": "corrected", "severity": 1})) == made


@pytest.mark.parametrize("beginning", RESERVED)
def test_a_key_of_ours_is_known_by_how_it_begins(beginning):
    """And by nothing else: what only looks like it is anybody's."""
    assert reserved_beginning(f"{beginning}1") == beginning
    assert reserved_beginning(f"my {beginning}1") is reserved_beginning(None) is None
