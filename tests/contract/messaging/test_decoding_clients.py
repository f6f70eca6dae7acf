"""Clients that others maintain, into the queue and the tables: Microsoft's for Node.js, CloudEvents' for Python."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from azure.data.tables.aio import TableClient
from azure.servicebus import ServiceBusMessage
from cloudevents.core.bindings import amqp
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from node_client import act
from queue_bench import QueueBench

from worker.domain.settlement import Complete
from worker.messaging.decoding import Decoder
from worker.oncall.table import open_on_call
from worker.settings import Settings

# The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FIRED_AT = datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)
# By the id of the message that the script sends: how many events are in it.
ONE_EACH = (
    *("object", "object with a content type", "string", "buffer", "buffer in UTF-16", "bytes", "buffer in gzip"),
    *("buffer in an object", "properties", "cloudevent", "a value", "a value of text", "data"),
    *("first of a batch", "second of a batch", "scheduled"),
)
SENT = dict.fromkeys(ONE_EACH, 1) | {"array": 2, "a sequence": 2}


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path) as bench:
        yield bench


async def test_what_the_client_for_node_sends_is_understood(bench):
    """Objects, texts, buffers, values, sequences, batches and what is scheduled: each is the event that was meant."""
    await act("send", bench.server.connection_string, "incidents")
    slot, read = bench.receiver(), {}
    for _ in SENT:
        message = await bench.take(slot)
        read[message.id] = Decoder().events_of(message)
        await slot.settle(message, Complete())
    assert {name: len(events) for name, events in read.items()} == SENT
    facts = {(event.severity, event.service) for events in read.values() for event in events}
    assert facts == {(2, "checkout")}
    assert all(event.title.startswith("Checkout is down") for events in read.values() for event in events)
    assert read["cloudevent"][0].occurred_at == FIRED_AT


async def test_who_is_on_call_may_be_kept_by_the_client_for_node(azurite):
    """A row that it writes is read here, and what is written here it reads."""
    name = f"oncall{uuid.uuid4().hex}"
    async with TableClient.from_connection_string(azurite, name) as table:
        await table.create_table()
        await table.create_entity({"PartitionKey": "pay", "RowKey": "2", "name": "Siobhán"})
        found = json.loads(await act("tables", azurite, name))
    assert {(each["key"], each["service"], each["name"]) for each in found} == {
        ("1", "checkout", "Zoë"),
        ("2", "pay", "Siobhán"),
    }
    settings = Settings.read(_env_file=None, tables_connection_string=azurite, tables_oncall=name)
    async with open_on_call(settings, None) as table:
        people = (await table.roster()).on_call("checkout").people
    assert [(person.name, person.email) for person in people] == [("Zoë", "zoe@contoso.example")]


@pytest.mark.parametrize("to_message", [amqp.to_structured, amqp.to_binary])
async def test_a_cloudevent_of_its_own_library_is_understood_in_the_queue(bench, to_message):
    """In both of its forms it is the same event, with the time and the place that it names."""
    attributes = {"id": "1", "source": "/checkout", "type": "com.contoso.alert.fired", "subject": "checkout-1"}
    event = CloudEvent(
        attributes=attributes | {"time": FIRED_AT, "datacontenttype": "application/json"},
        data={"title": "Checkout is down", "severity": 2, "service": "checkout"},
    )
    made = to_message(event, JSONFormat())
    # The library gives milliseconds; the SDK writes a moment as the same timestamp of AMQP.
    moments = {name: FIRED_AT for name, value in made.application_properties.items() if isinstance(value, int)}
    message = ServiceBusMessage(
        made.application_data,
        content_type=made.properties.get("content-type"),
        application_properties=made.application_properties | moments,
    )
    await bench.put(message)
    [read] = Decoder().events_of(await bench.take(bench.receiver()))
    assert read.title.startswith("Checkout is down")
    assert (read.severity, read.occurred_at, read.resources) == (2, FIRED_AT, ("checkout-1",))
