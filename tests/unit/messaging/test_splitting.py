"""A message of many events becomes as many messages, the same however often it is split."""

from datetime import UTC, datetime

import pytest
from azure.servicebus import ServiceBusReceivedMessage

from worker.domain.event import Event
from worker.domain.settlement import Complete, Split
from worker.messaging.message import read_message
from worker.messaging.splitting import split

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def message():
    return read_message(ServiceBusReceivedMessage.from_bytes(b"\x00\x53\x75\xa0\x02{}"))


def test_a_message_without_events_is_done_with(message):
    """Nothing in it launches anything."""
    assert split(message, []) == Complete()


def test_each_part_is_an_event_of_its_own(message):
    """With an id and a key that are its own, and the time of the whole."""
    decided = split(message, [Event(title="one"), Event(title="two", key="k"), Event(title="one")])
    assert isinstance(decided, Split)
    ids = [part.message_id for part in decided.parts]
    assert ids == [f"{message.origin}:s{number}" for number in range(3)]
    assert [part.event.title for part in decided.parts] == ["one", "two", "one"]
    assert [part.event.key for part in decided.parts] == [f"message:{ids[0]}", "k", f"message:{ids[2]}"]
    assert {part.event.received_at for part in decided.parts} == {message.enqueued_at}
    assert split(message, [part.event for part in decided.parts]) == decided


def test_what_a_part_is_too_large_for_is_left_out_aloud(message):
    """The event itself goes on; an ordinary one keeps what was received."""
    [large, small] = split(message, [Event(title="x", raw={"a": "b" * 400_000}), Event(title="y", raw={"a": 1})]).parts
    assert large.fits_into_a_message
    assert large.event.raw == "Left out by the worker: too large to be carried along."
    assert (large.event.title, small.event.raw) == ("x", {"a": 1})
