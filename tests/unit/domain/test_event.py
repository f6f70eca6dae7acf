"""The event and its form as a message, whatever stands in it."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from worker.domain import event as event_module
from worker.domain.errors import Undecodable
from worker.domain.event import Event, decode, encode, event_schema
from worker.domain.incident import with_key
from worker.domain.sender_scope import SenderScope

RECEIVED = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
PACKAGED_SCHEMA = Path(event_module.__file__).with_name("event.schema.json")
FULL = {
    "type": "trigger",
    "title": "Checkout is down",
    "severity": 1,
    "unread_severity": "spicy",
    "state_reason": "Paused",
    "sender": "prometheus",
    "sender_scope": {
        "services": ["checkout"],
        "reads_all": True,
        "ends_all": False,
        "acts_own": False,
        "acts_all": True,
    },
    "call": "7",
    "left_out": 7,
    "service": "checkout",
    "description": "Every payment fails",
    "impact": "No one in EU can pay",
    "detection_source": "customer-report",
    "occurred_at": "2026-03-02T09:02:00Z",
    "first_known_at": "2026-03-02T10:05:00+01:00",
    "source": "support-desk",
    "fingerprint": "checkout/eu",
    "key": "ticket-991",
    "resources": ["pay-1"],
    "links": [{"href": "https://desk.contoso.example/991", "text": "Ticket"}],
    "labels": {"region": "eu"},
    "restricted": True,
    "closed": True,
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def body(**fields):
    return json.dumps({"title": "x"} | fields).encode()


def test_a_full_event_loses_nothing():
    """Every field of the published example is read and written."""
    event = decode(json.dumps(FULL).encode())
    written = json.loads(encode(event))
    assert written.pop("first_known_at") == "2026-03-02T09:05:00Z"
    assert written == {name: value for name, value in FULL.items() if name != "first_known_at"}


@given(title=TEXTS, description=TEXTS, labels=st.dictionaries(TEXTS, TEXTS, max_size=3))
@example(title="t" * 10_000, description="d" * 40_000, labels={"l" * 300: "v" * 300})
@example(title="x", description="a" * 31_998 + " b c", labels={})
def test_an_event_comes_out_of_a_message_as_it_went_in(title, description, labels):
    """What was cleaned once stays as it is, so that both sides agree on the ids."""
    with suppress(ValidationError):
        event = with_key(Event(title=title, description=description, labels=labels))
        assert decode(encode(event)) == event
        assert decode(encode(event)).id == event.id


def test_the_id_is_of_the_content():
    """The same fact received twice is one message; another fact, another key, or another sender, is another."""
    event = Event(title="x", key="random:1", sender="desk")
    scope = SenderScope(ends_all=True)
    received = event.model_copy(update={"received_at": RECEIVED, "sender_scope": scope, "call": "7", "raw": {"a": 1}})
    assert received.id == event.id
    assert event.model_copy(update={"sender": "robot"}).id != event.id
    assert event.model_copy(update={"key": "random:2"}).id != event.id
    assert event.model_copy(update={"title": "other"}).id != event.id


@pytest.mark.parametrize("kind", ["trigger", "acknowledge", "resolve", "no-longer-reported"])
def test_what_names_a_fault_by_a_key_is_told_from_its_next_firing_by_its_receipt(kind):
    """The same bytes, posted again, are another event; a repetition of one call, or of one beginning, is not."""
    event = Event(title="x", key="k", type=kind, received_at=RECEIVED)
    again = event.model_copy(update={"received_at": RECEIVED + timedelta(microseconds=1)})
    assert again.id != event.id
    assert decode(encode(again)).id == again.id
    for same in ({"call": "7"}, {"occurred_at": RECEIVED}):
        assert again.model_copy(update=same).id == event.model_copy(update=same).id


def test_a_report_is_the_same_whenever_it_is_received():
    """What a person says twice is told once."""
    report = Event(title="x", key="k", type="report", received_at=RECEIVED)
    assert report.model_copy(update={"received_at": RECEIVED + timedelta(hours=1)}).id == report.id


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"title": ""}',
        b'{"title": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
        body(occurred_at="9999-12-31T23:59:59-23:59"),
        body(occurred_at="0001-01-01T00:00:00+14:00"),
        body(raw=json.loads("[" * 40 + "]" * 40)),
        b'{"title": "x", "raw": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_event_is_undecodable_with_a_sentence(message):
    """A message that cannot be understood is refused with one sentence for the dead letter."""
    with pytest.raises(Undecodable, match=r"^The message is not an event: .+\.$"):
        decode(message)


def test_null_is_the_same_as_absent():
    """Authentication that write every field they know, and null where they know nothing, are understood."""
    nothing = dict.fromkeys(FULL, None) | {"title": "x"}
    assert Event.model_validate(nothing) == Event(title="x")


def test_a_long_title_is_kept_whole_beside_a_null_description():
    """The whole of a long title is in the description, also where the sender wrote null there."""
    event = Event.model_validate({"title": "t" * 600, "description": None})
    assert len(event.title) == 500
    assert event.description == "t" * 600


def test_the_schema_in_the_package_is_the_events():
    """worker/domain/event.schema.json is what event_schema() gives; write it anew when the event changes."""
    assert json.loads(PACKAGED_SCHEMA.read_text()) == event_schema()


def test_the_schema_accepts_the_published_example_and_no_less():
    """The schema is valid itself, takes a full event and a title alone, and refuses an event without one."""
    schema = event_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(FULL, schema)
    jsonschema.validate({"title": "x"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"severity": 1}, schema)


@pytest.mark.parametrize("change", [{"title": "y"}, {"impact": "all"}, {"key": "k2"}, {"sender": "other"}])
def test_a_fact_is_the_same_whenever_it_is_told(change):
    """And another one in any other words; what has a time of its own, or no key, is known by its id."""
    event = Event(title="x", key="k", received_at=RECEIVED)
    later = event.model_copy(update={"received_at": RECEIVED + timedelta(seconds=1)})
    assert (event.fact, event.id) != ("", later.id)
    assert event.fact == later.fact != event.model_copy(update=change).fact
    assert not Event(title="x", key="k", occurred_at=RECEIVED, received_at=RECEIVED).fact
    assert not Event(title="x", fingerprint="f", received_at=RECEIVED).fact


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"resolved_at": "2026-03-02T10:00:00Z"}, "occurred_at: is required"),
        ({"occurred_at": "2026-03-02T11:00:00Z", "resolved_at": "2026-03-02T10:00:00Z"}, "lies before occurred_at"),
        ({"type": "resolve", "key": "k"}, "goes with the type trigger"),
    ],
)
def test_what_is_closed_says_when_it_was(fields, fault):
    """In an order that can be, and of itself alone."""
    with pytest.raises(ValidationError, match=fault):
        Event.model_validate({"title": "Was down", "closed": True, **fields})
