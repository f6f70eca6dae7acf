"""Straight into the queue: every way in which a message may carry an alert, or many of them, on the real SDK."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.amqp import AmqpAnnotatedMessage
from house import eventually
from marked import KEY, MARKS
from queue_bench import QueueBench

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Undecodable, Unreachable
from worker.domain.event import decode, encode
from worker.domain.incident import incident_id
from worker.domain.settlement import Complete, RetryLater
from worker.lifecycle.reminders import reminder
from worker.messaging.consumer import Consumer
from worker.messaging.copies import part_id
from worker.messaging.decoding import Decoder, incident_from
from worker.messaging.mark import Marks
from worker.messaging.splitting import split
from worker.resilience.circuit_breaker import Breaker, State

# The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EXAMPLES = Path(__file__).parents[2] / "unit/alerts/examples"


def events_of(message):
    return Decoder().events_of(message)


def incident_of(message):
    [event] = events_of(message)
    return incident_from(event, message)


def example(name):
    return json.loads((EXAMPLES / f"{name}.json").read_text())


EVENT = example("cloudevents-fired")
ATTRIBUTES = {name: value for name, value in EVENT.items() if name not in {"data", "datacontenttype"}}
DATA = json.dumps(EVENT["data"])
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def written(content, content_type=None, /, **properties):
    body = content if isinstance(content, str | bytes) else json.dumps(content)
    return ServiceBusMessage(body, content_type=content_type, application_properties=properties)


def binary(prefix, *, as_bytes=False, **others):
    """The attributes as application properties; some clients write the names as bytes."""
    named = {f"{prefix}{name}": value for name, value in (ATTRIBUTES | others).items()}
    return {name.encode() if as_bytes else name: value for name, value in named.items()}


def binary_message(prefix, **options):
    return ServiceBusMessage(DATA, content_type="application/json", application_properties=binary(prefix, **options))


def group(size=3, first=0):
    """A group of Alertmanager; each of its alerts is an incident."""
    payload = example("alertmanager")
    [model, *_] = payload["alerts"]
    alerts = [model | {"fingerprint": f"{number:016x}", "status": "firing"} for number in range(first, first + size)]
    return payload | {"alerts": alerts}


PROBE = "Login probe fails from three regions on checkout/login-probe"
RULE = "checkout-cpu-high on checkout-2, checkout-1, role checkout"
WAYS = {
    "a native event": (written({"title": "Checkout is down"}, "application/json"), ["Checkout is down"]),
    "in other names": (written({"short_description": "Checkout is down"}), ["Checkout is down"]),
    "a value": (AmqpAnnotatedMessage(value_body={"title": "Checkout is down"}), ["Checkout is down"]),
    "careless JSON": (written('{"title": "two\nlines"}'), ["two lines"]),
    "a structured CloudEvent": (written(EVENT, f"{STRUCTURED}; charset=utf-8"), [PROBE]),
    "one that says nothing of it": (written(EVENT), [PROBE]),
    "a batch": (written([EVENT, EVENT | {"id": "2"}], BATCH), [PROBE, PROBE]),
    "attributes with a colon": (binary_message("cloudEvents:"), [PROBE]),
    "attributes with a dash below": (binary_message("cloudEvents_"), [PROBE]),
    "attributes in bytes": (binary_message("cloudEvents:", as_bytes=True), [PROBE]),
    "a time of AMQP": (binary_message("cloudEvents_", time=datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)), [PROBE]),
    "a format by its property": (written(example("metric"), **{"tocsin-format": "azure-monitor"}), [RULE]),
    "a format by its looks": (written(example("metric"), "text/plain"), [RULE]),
    "an alert in an envelope": (written(EVENT | {"data": example("metric")}, STRUCTURED), [RULE]),
    "a group": (written(group(2)), ["Payments fail on pay-1 (pay-7c9f)"] * 2),
    "a change": (written(example("pagerduty-change"), **{"tocsin-format": "pagerduty"}), []),
}


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path) as bench:
        yield bench


async def test_every_way_into_the_queue_is_understood(bench):
    """Whatever a message says of itself, or does not, what it carries is read."""
    await bench.put(*(message for message, _ in WAYS.values()))
    slot = bench.receiver()
    for way, (_, titles) in WAYS.items():
        message = await bench.take(slot)
        assert [event.title for event in events_of(message)] == titles, way
        await slot.settle(message, Complete())


async def test_the_ways_of_a_cloudevent_are_one_event(bench):
    """Structured or with its attributes as properties of either prefix, it is the same alert."""
    ways = ("a structured CloudEvent", "attributes with a colon", "attributes with a dash below", "a time of AMQP")
    await bench.put(*(WAYS[way][0] for way in ways))
    slot = bench.receiver()
    read = []
    for _ in ways:
        message = await bench.take(slot)
        read += events_of(message)
        await slot.settle(message, Complete())
    assert len({event.id for event in read}) == 1


WRONG = {
    "title": written({"caption": "x"}),
    "not JSON": written("no JSON"),
    "occurred_at": written({"title": "x", "occurred_at": "yesterday"}),
    "tocsin-format": written({"title": "x"}, **{"tocsin-format": "smoke"}),
    "schemaId": written({"title": "x"}, **{"tocsin-format": "azure-monitor"}),
    "specversion": written({"title": "x"}, STRUCTURED),
    "id": binary_message("cloudEvents:", id=""),
}


async def test_what_cannot_be_understood_is_refused_with_the_field(bench):
    """The sentence names what is wrong, for whoever finds it among the dead letters."""
    await bench.put(*WRONG.values())
    slot = bench.receiver()
    for named in WRONG:
        message = await bench.take(slot)
        with pytest.raises(Undecodable, match=named) as refusal:
            events_of(message)
        assert str(refusal.value).endswith(".")
        await slot.settle(message, Complete())


async def test_a_copy_for_later_is_read_like_the_first(bench):
    """What the sender wrote on the message is on its copy, and so the incident is the same."""
    await bench.put(binary_message("cloudEvents:"))
    slot = bench.receiver()
    first = await bench.take(slot)
    await slot.settle(first, RetryLater(timedelta(milliseconds=1), "slow"))
    copy = await bench.take(slot)
    assert copy.id != first.id
    assert incident_of(copy).id == incident_of(first).id


# Many in one message


class Attempts:
    """Launches at once whatever comes, and keeps what it was."""

    def __init__(self):
        self.keys = []
        self.tables = Breaker("tables", pause=timedelta(seconds=1))

    async def launch(self, incident, *_):
        self.keys.append(incident.key)
        return Complete()

    handle = launch

    async def wait_for_store(self):
        pass


class WithoutTable(Attempts):
    """Asks the table once for each message, which does not answer."""

    async def handle(self, incident, *_):
        self.keys.append(incident.key)
        with suppress(Unreachable), self.tables.guard():
            raise Unreachable("The table does not answer.")
        return Complete()


@asynccontextmanager
async def at_work(bench, marks=MARKS, attempts=None):
    attempts = attempts or Attempts()
    consumer = Consumer(
        [bench.receiver("worker")], Decoder(), attempts, limit=1, patience=timedelta(minutes=5), marks=marks
    )
    task = asyncio.create_task(consumer.run())
    try:
        yield attempts
    finally:
        consumer.stop()
        await task


async def empty(bench):
    return bench.counts.active == 0


async def test_a_group_becomes_one_message_for_each_alert(bench):
    """Each alert of a group is launched as an incident of its own, and the message that held all is done with."""
    await bench.put(ServiceBusMessage(json.dumps(group()), message_id="g"))
    async with at_work(bench) as attempts:
        await eventually(lambda: launched(attempts, 3))
        await eventually(lambda: empty(bench))
    assert len(set(attempts.keys)) == 3
    assert bench.counts.dead_lettered == 0


async def launched(attempts, number):
    return len(attempts.keys) >= number


async def test_a_worker_that_dies_in_the_middle_loses_and_doubles_nothing(bench):
    """Killed after any number of parts, and before it could complete the whole: in the end each alert is there once."""
    groups = [group(first=first) for first in (0, 10, 20, 30)]
    await bench.put(*(ServiceBusMessage(json.dumps(each), message_id=f"g{n}") for n, each in enumerate(groups)))
    slot, expected = bench.receiver(), []
    messages = [await bench.take(slot) for _ in groups]
    for sent, message in enumerate(messages):
        parts = split(message, events_of(message)).parts
        expected += [part.event.key for part in parts]
        assert [part.message_id for part in parts] == [part_id(message, number) for number in range(3)]
        for part in parts[:sent]:
            await bench.queue.sender.publish(part)
    for message in messages:
        await slot.settle(message, RetryLater(timedelta(), "killed"))
    async with at_work(bench) as attempts:
        await eventually(lambda: empty(bench))
    assert sorted(attempts.keys) == sorted(expected)
    assert len(set(expected)) == 12


async def test_the_parts_of_what_names_no_key_stay_apart(bench):
    """Alerts without any identity are as many incidents as there are, the same ones however often they are cut out."""
    bare = {"specversion": "1.0", "source": "/s", "type": "t", "data": {"schemaId": "azureMonitorCommonAlertSchema"}}
    nameless = bare["data"] | {"data": {"essentials": {}}}
    await bench.put(written([bare | {"id": each, "data": nameless} for each in ("1", "2")], BATCH))
    message = await bench.take(bench.receiver())
    first, second = (split(message, events_of(message)).parts for _ in range(2))
    assert [part.event.id for part in first] == [part.event.id for part in second]
    assert len({incident_id(part.event.key) for part in first}) == 2


async def test_a_part_that_is_larger_than_a_message_leaves_its_raw_form_behind(bench):
    """What is read of an alert repeats some of its words: with all that was received it might not fit."""
    payload = group(2)
    for alert in payload["alerts"]:
        alert["annotations"] = {"summary": "x", "description": "🔥" * 30_000}
    await bench.put(written(json.dumps(payload, ensure_ascii=False)))
    message = await bench.take(bench.receiver())
    parts = split(message, events_of(message)).parts
    assert [part.event.raw.startswith("Left out") for part in parts] == [True, True]
    assert [decode(part.body) for part in parts] == [part.event for part in parts]
    assert max(len(part.body) for part in parts) < 240_000


async def test_what_launches_nothing_is_done_with_or_put_aside(bench):
    """What tells of no fault is completed; what cannot be understood is a dead letter with its sentence."""
    await bench.put(WAYS["a change"][0], WRONG["tocsin-format"])
    async with at_work(bench) as attempts:
        await eventually(lambda: empty(bench))
    assert (attempts.keys, bench.counts.dead_lettered) == ([], 1)
    client = bench.queue._client
    async with client.get_queue_receiver("incidents", sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        [letter] = await receiver.peek_messages()
    assert letter.dead_letter_reason == "Undecodable"
    assert "tocsin-format" in letter.dead_letter_error_description


async def test_a_reminder_is_believed_from_ourselves_alone(bench):
    """What we schedule is handled, also once a table that was away answers; the same from others is a dead letter."""
    due, troubles = datetime.now(UTC), [Unreachable("away"), Unreachable("away")]

    async def read_key():
        if troubles:
            raise troubles.pop()
        return KEY

    ours = EncodedEvent.of(reminder("ours", due), message_id="reminder")
    mark = await MARKS.make(ours.body)
    await bench.queue.sender.publish(ours, mark=mark)
    await bench.put(ServiceBusMessage(encode(reminder("theirs", due)), content_type="application/json"))
    for number, forged in enumerate((None, "", "0" * 64, mark)):
        theirs = EncodedEvent.of(reminder("theirs", due), message_id=f"forged-{number}")
        await bench.queue.sender.publish(theirs, mark=forged)
    async with at_work(bench, Marks(read_key)) as attempts:
        await eventually(lambda: empty(bench))
    assert (attempts.keys, bench.counts.dead_lettered) == (["ours"], 5)
    async with bench.queue._client.get_queue_receiver(
        "incidents", sub_queue=ServiceBusSubQueue.DEAD_LETTER
    ) as receiver:
        letters = await receiver.peek_messages(5)
    told = {letter.dead_letter_reason: letter.dead_letter_error_description for letter in letters}
    assert "type: summary-due" in told["Undecodable"]
    assert "summary-due, which Tocsin sends to itself alone, and does not bear its mark" in told["NotOurs"]


async def test_that_a_message_is_ours_is_no_answer_of_the_table(bench):
    """An outage is seen over many of our own messages, whose marks are known without it."""
    for number in range(6):
        ours = EncodedEvent.of(reminder(f"ours-{number}", datetime.now(UTC)), message_id=f"reminder-{number}")
        await bench.queue.sender.publish(ours, mark=await MARKS.make(ours.body))
    attempts = WithoutTable()
    async with at_work(bench, attempts=attempts):
        await eventually(lambda: is_open(attempts))


async def is_open(attempts):
    return attempts.tables.state is not State.CLOSED
