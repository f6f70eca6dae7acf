"""Copies have ids of their own, the same however often they are sent, and leave behind what only the original was."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from worker.messaging.copies import copy_for_later, part_id, replay_id, replay_of
from worker.messaging.lock import LockTimes
from worker.messaging.message import FIRST_ENQUEUED, ORIGIN, Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADERS = ("content_type", "correlation_id", "to", "reply_to", "reply_to_session_id", "session_id", "partition_key")


def message(*, origin="o", coding=None, subject="trigger", **properties):
    raw = SimpleNamespace(properties=SimpleNamespace(content_encoding=coding))
    received = SimpleNamespace(
        **dict.fromkeys(HEADERS),
        subject=subject,
        application_properties=properties,
        raw_amqp_message=raw,
        sequence_number=17,
    )
    lock = LockTimes().lock(None, None)
    return Message(b"body", id="i", origin=origin, enqueued_at=NOON, deliveries=1, received=received, lock=lock)


@pytest.mark.parametrize(("make", "suffix"), [(replay_id, "r17"), (lambda given: part_id(given, 3), "s3")])
def test_an_id_names_its_origin_or_a_digest_of_it(make, suffix):
    """However long an origin is, the id is one that Service Bus takes, and two origins stay two."""
    assert make(message()) == f"o:{suffix}"
    assert make(message(origin="x" * 104)) == "x" * 104 + f":{suffix}"
    long, other = make(message(origin="x" * 105)), make(message(origin="x" * 104 + "y"))
    assert long != other
    assert len(long) == len(other) == 64 + 1 + len(suffix)


def test_a_copy_for_later_carries_everything():
    """Its body, what its sender said of it, and the incident that it belongs to."""
    original = message(coding="gzip", **{"tocsin-format": "native"})
    copy = copy_for_later(original, timedelta(minutes=5))
    assert (copy.message_id, copy.subject) == ("o:a17", "trigger")
    assert b"".join(copy.body) == b"body"
    properties = copy.application_properties
    assert (properties[ORIGIN], properties["content-encoding"], properties["tocsin-format"]) == ("o", "gzip", "native")
    ahead = copy.scheduled_enqueue_time_utc - original.lock.broker_time()
    assert timedelta(minutes=5) - timedelta(seconds=5) < ahead <= timedelta(minutes=5)


def test_a_replay_is_without_what_only_the_dead_letter_was():
    """Its reason and its trace are not the new message's; what is said of the new one is, above the old."""
    stale = {"DeadLetterReason": "x", "DeadLetterErrorDescription": "x", "Diagnostic-Id": "x", "traceparent": "x"}
    original = message(**stale, tracestate="x", kept="k", replaced="old")
    replay = replay_of(original, b"new", properties={"replaced": "new"}, subject="resolve")
    assert (replay.message_id, replay.subject, b"".join(replay.body)) == ("o:r17", "resolve", b"new")
    assert replay.application_properties == {
        "kept": "k",
        "replaced": "new",
        ORIGIN: "o",
        FIRST_ENQUEUED: NOON.isoformat(),
    }
