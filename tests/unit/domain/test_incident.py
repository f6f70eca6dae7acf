"""The key of an incident and the id that is made of it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.event import Event
from worker.domain.incident import (
    INCIDENT_ID,
    derived_key,
    incident_id,
    names_its_incident,
    with_key,
)
from worker.domain.own_keys import DERIVED, OF_CALL, OF_MESSAGE, RANDOM


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


def test_two_senders_alerts_are_two_incidents():
    """A fingerprint is its sender's own: the same one of another source at the same time is another fault."""
    facts = {"title": "x", "fingerprint": "f", "occurred_at": "2026-03-02T09:02:00Z"}
    keys = {derived_key(Event(source=source, **facts)) for source in ("one", "other", "")}
    assert len(keys) == 3


@pytest.mark.parametrize("key", [*(name + "0" * 32 for name in (DERIVED, RANDOM, OF_CALL, OF_MESSAGE)), None])
def test_a_key_that_was_given_here_names_no_incident(key):
    """Such alerts are grouped by their fingerprints, however they came."""
    assert not names_its_incident(Event(title="x", key=key))
    assert names_its_incident(Event(title="x", key="disk-db1"))
