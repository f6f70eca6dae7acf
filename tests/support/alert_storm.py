"""Many alerts at once, put straight into the queue."""

import asyncio
from datetime import UTC, datetime, timedelta

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

from worker.domain.event import Event, encode

_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_AT_ONCE = 50


def alerts(count, *, services, resources, named):
    """So many different alerts, of that many services in turn, each on one of its resources in turn."""
    for number in range(count):
        service, resource = number % services, number // services % resources
        yield Event(
            title=f"Payments is down in {named}-{service}",
            service=f"{named}-{service}",
            source="storm",
            fingerprint=f"{named}-{service}/{resource}",
            occurred_at=_BEGAN + timedelta(seconds=number),
            resources=(f"host-{resource}",),
            received_at=_BEGAN + timedelta(seconds=number),
        )


async def send(house, events):
    connection = house.env["TOCSIN_SERVICEBUS_CONNECTION_STRING"]
    async with (
        ServiceBusClient.from_connection_string(connection) as client,
        client.get_queue_sender(house.env["TOCSIN_SERVICEBUS_QUEUE"]) as sender,
    ):
        for start in range(0, len(events), _AT_ONCE):
            await sender.send_messages([_message(event) for event in events[start : start + _AT_ONCE]])
            await asyncio.sleep(0)


def _message(event):
    return ServiceBusMessage(encode(event), message_id=event.id, content_type="application/json")
