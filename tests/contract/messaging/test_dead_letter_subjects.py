"""What the dead letters speak of, from a queue with dead letters of every kind."""

import json
from datetime import UTC, datetime

from azure.servicebus import ServiceBusMessage
from queue_bench import QueueBench

from worker.domain.alert_identity import identity
from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.domain.incident import incident_id, with_key
from worker.domain.settlement import DeadLetter
from worker.messaging.dead_letter_subjects import read_subjects
from worker.messaging.decoding import Decoder

REMAINDER = f"{'e' * 64}-{'d' * 64}"


async def test_every_dead_letter_is_understood_as_a_replay_would_be(tmp_path):
    """Incidents by key, fingerprint or the message alone, alerts that many came with, events stored apart, and what is
    no event but says of which incident it is."""
    received = datetime(2026, 3, 2, 9, tzinfo=UTC)
    grouped = with_key(
        Event(title="disk", source="grafana", fingerprint="f", received_at=received, remainder=REMAINDER)
    )
    many = [{"title": "one", "key": "k-one"}, {"title": "two", "source": "s", "fingerprint": "two"}]
    async with QueueBench(tmp_path) as bench:
        await bench.queue.sender.publish(EncodedEvent.of(Event(title="keyed", key="k")))
        await bench.queue.sender.publish(EncodedEvent.of(grouped))
        await bench.put(
            ServiceBusMessage(json.dumps({"title": "nameless"}), message_id="m-1"),
            ServiceBusMessage(json.dumps(many), message_id="m-2"),
            ServiceBusMessage(b"\xff", message_id="m-3", correlation_id="inc-0000000000"),
        )
        slot = bench.receiver()
        for _ in range(5):
            message = await bench.take(slot)
            await slot.settle(message, DeadLetter("Rejected:announce", "No."))
        receiver = bench.queue.dead_letters("test")
        subjects = await read_subjects(receiver, Decoder())
        await receiver.close()
        assert bench.counts.dead_lettered == 5
    keys = ("k", grouped.key, "message:m-1", "k-one")
    assert subjects.incidents >= {"inc-0000000000", *map(incident_id, keys)}
    assert subjects.identities >= {identity(grouped), identity(Event(**many[1]))}
    assert subjects.events == {"e" * 64}
