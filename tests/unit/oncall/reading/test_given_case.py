"""What a file says of an incident and what happens to it, in the spellings that people use."""

import pytest
from escalations import case, level, parts
from pydantic import ValidationError

from worker.domain.validation import faults
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.reading.given_case import GivenCase, check_times

POLICIES = {"all": {"levels": [level("5 min", "person:ada")]}}


def read(**event):
    _, incident, (found,), _ = parts(case(POLICIES, [{"at": "2027-05-05T10:01Z", **event}]))
    return Event(found.at - incident.opened_at - 1, *(getattr(found, name) for name in Event.__slots__[1:]))


@pytest.mark.parametrize(
    ("given", "event"),
    [
        ({"type": "acknowledge", "by": "jon"}, (EventType.ACKNOWLEDGE, "jon")),
        ({"type": "Ack", "person": "jon"}, (EventType.ACKNOWLEDGE, "jon")),
        ({"type": "take", "by": "zed", "text": "mine"}, (EventType.ACKNOWLEDGE, "zed")),
        ({"type": "unack"}, (EventType.UNACKNOWLEDGE,)),
        ({"type": "note", "by": ""}, (EventType.ACTIVITY,)),
        ({"type": "severity", "severity": "1"}, (EventType.SEVERITY, "", 1)),
        ({"type": "severity", "to": 1, "by": "jon"}, (EventType.SEVERITY, "jon", 1)),
        (
            {"type": "role", "role": "scribe", "person": "zed", "by": "jon"},
            (EventType.ROLE, "jon", 0, "scribe", ("zed",)),
        ),
        (
            {"type": "role", "role": "scribe", "people": ["zed", "jon"]},
            (EventType.ROLE, "", 0, "scribe", ("zed", "jon")),
        ),
        ({"type": "role", "role": "scribe", "by": "jon"}, (EventType.ROLE, "jon", 0, "scribe", ("jon",))),
        ({"type": "role", "role": "scribe", "person": None, "by": "jon"}, (EventType.ROLE, "jon", 0, "scribe")),
        ({"type": "merge", "into": "inc-4h7k2m9xqz"}, (EventType.MERGE,)),
    ],
)
def test_an_event_is_read_as_people_write_it(given, event):
    """Who did it is `by`; a role's holder is somebody, several, nobody, or whoever took it."""
    assert read(**given) == Event(0, *event)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"type": "snooze"}, "events.0.type: 'snooze' is nothing that happens to an incident; there are acknowledge,"),
        ({"type": "timer"}, "events.0.type: 'timer' is nothing that happens"),
        ({"by": "jon"}, "events.0.type: is required"),
        ({"type": "acknowledge"}, "events.0: by is missing"),
        ({"type": "severity"}, "events.0: severity is missing"),
        ({"type": "severity", "severity": 6}, "events.0.severity: "),
        ({"type": "role", "person": "zed"}, "events.0: role is missing"),
        ({"type": "policy", "name": "all"}, "events.0: name and policy are missing"),
        ({"type": "resolve", "at": "2027-05-05T10:01"}, "events.0: at: write the time with its offset, such as"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(given, fault):
    """With what to write there."""
    with pytest.raises(ValidationError) as refusal:
        read(**given)
    assert faults(refusal.value).startswith(fault)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"incident": {"severity": 2, "opened_at": "2027-05-05T10:00"}}, "incident: opened_at: write the time with"),
        ({"until": "2027-05-05"}, "body: until: write the time with its offset"),
        ({"polcies": {}}, "polcies: "),
    ],
)
def test_a_case_is_refused_with_the_field_that_is_wrong(given, fault):
    """Whose wall clock is meant is not guessed, and a field that nobody knows is none."""
    with pytest.raises(ValidationError) as refusal:
        GivenCase.model_validate(given)
    assert faults(refusal.value).startswith(fault)


@pytest.mark.parametrize(
    ("event", "until", "sentence"),
    [
        (-1, 10, "events.0.at: lies before the incident was opened"),
        (0, -1, "until: must lie within 400 days after the incident was opened"),
        (0, 400 * 1440 + 1, "until: must lie within 400 days"),
    ],
)
def test_times_that_cannot_be_are_refused(event, until, sentence):
    """Nothing happens before the opening, and nobody waits for years."""
    _, incident, _, _ = parts(case(POLICIES))
    happening = [Event(incident.opened_at + event, EventType.RESOLVE)]
    with pytest.raises(ValueError, match=sentence):
        check_times(incident, happening, incident.opened_at + until)


def test_people_are_one_however_they_are_written():
    """An address and a key of `people` are the same person, in events and roles too."""
    given = {
        **case(
            {"all": {"levels": [level("5 min", "role:scribe")]}},
            [{"at": "2027-05-05T10:01Z", "type": "ack", "by": "ADA@x.example"}],
        ),
        "people": {"ada": {"email": "ada@x.example"}},
        "roles": {"scribe": "Ada@X.example"},
    }
    _, incident, (event,), _ = parts(given)
    assert incident.roles == {"scribe": ("ada",)}
    assert event.by == "ada"
