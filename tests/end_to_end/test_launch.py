"""From an HTTP call to a launched incident, with real processes; what counts is what is there in the end."""

import asyncio
import json
import uuid
from pathlib import Path

import pytest
from azure.data.tables.aio import TableServiceClient
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from house import eventually, one_of_each
from patience import LIMIT

from worker.domain.incident import incident_id as id_of
from worker.sandbox.world import DEFAULT_WORLD

# Many processes, each of which starts slowly on a busy machine.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

METRIC_ALERT = json.loads((Path(__file__).parents[1] / "unit/alerts/examples/metric.json").read_text())
BRUNO = "bruno@contoso.example"
RESERVE = DEFAULT_WORLD.other_team_id
HOME = (["Incidents"], [DEFAULT_WORLD.team_id])
# For workers whose leases and quarantines somebody waits for.
HASTY = {"lease_seconds": 5, "call_timeout_seconds": 5}


async def raise_incident(intake, **event):
    answer = await intake.post("/v1/incidents", json={"title": "Checkout is down", "service": "checkout"} | event)
    assert answer.status_code == 202, answer.text
    return answer.json()["incident_id"]


async def settled(intake, incident_id, state="launched"):
    """The incident as the intake shows it, once its launch has come to this state."""

    async def reached():
        answer = await intake.get(f"/v1/incidents/{incident_id}")
        return answer.json() if answer.status_code == 200 and answer.json()["state"] == state else None

    return await eventually(reached, limit=2 * LIMIT)


async def test_a_real_alert_becomes_a_launched_incident(house):
    """An Azure Monitor alert over HTTP ends as one work item, channel, link, owner, task and announcement."""
    worker, intake = await house.work(), await house.intake()
    answer = await intake.post("/v1/alerts/azure-monitor", json=METRIC_ALERT)
    [accepted] = answer.json()["accepted"]

    async def placed():
        answer = await intake.get(accepted["status_url"])
        return answer.json()["incident_id"] if answer.status_code == 200 else None

    opened = await eventually(placed, limit=2 * LIMIT)
    shown = await settled(intake, opened)
    assert (await house.world()).effects(opened) == one_of_each(BRUNO)
    assert {step["state"] for step in shown["steps"]} == {"done"}
    assert await worker.stop() == 0


async def test_fifty_incidents_at_once_with_two_workers(house):
    """A burst is shared by two workers, and every incident is launched once."""
    workers = [await house.work(), await house.work()]
    intake = await house.intake()
    raised = await asyncio.gather(*(raise_incident(intake, title=f"Number {number}") for number in range(50)))
    for incident_id in raised:
        await settled(intake, incident_id)
    world = await house.world()
    assert [world.effects(incident_id) for incident_id in raised] == [one_of_each(BRUNO)] * 50
    assert all("incident.launched" in worker.log for worker in workers)
    assert [await worker.stop() for worker in workers] == [0, 0]


async def test_another_worker_finishes_what_a_killed_one_began(house):
    """SIGKILL in the middle of a launch: another worker takes over, and every effect is there once."""
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="delay", seconds=LIMIT)
    doomed, intake = await house.work(**HASTY), await house.intake()
    incident_id = await raise_incident(intake)

    async def work_item_is_there():
        return (await house.world()).effects(incident_id)["work item"]

    await eventually(work_item_is_there)
    await doomed.kill()
    await house.behave()
    heir = await house.work()
    await settled(intake, incident_id)
    assert (await house.world()).effects(incident_id) == one_of_each(BRUNO)
    assert await heir.stop() == 0


async def test_a_message_that_comes_twice_is_one_launch(house):
    """The same event under two message ids, at the same time, launches once."""
    workers = [await house.work(**HASTY), await house.work(**HASTY)]
    intake = await house.intake()
    key = uuid.uuid4().hex
    body = json.dumps({"title": "Twice", "service": "checkout", "key": key})
    connection = house.env["TOCSIN_SERVICEBUS_CONNECTION_STRING"]
    async with (
        ServiceBusClient.from_connection_string(connection) as client,
        client.get_queue_sender("incidents") as sender,
    ):
        await sender.send_messages([ServiceBusMessage(body, message_id=f"{key}-{copy}") for copy in range(2)])
    opened = id_of(key)
    await settled(intake, opened)
    await queue_is_empty(house)
    assert (await house.world()).effects(opened) == one_of_each(BRUNO)
    assert [await worker.stop() for worker in workers] == [0, 0]


async def test_a_step_that_can_never_succeed_leaves_the_rest_done_and_says_why(house):
    """With a work item type that does not exist people are told all the same, and a dead letter names the type."""
    worker, intake = await house.work(boards_work_item_type="Isue"), await house.intake()
    before = await dead_letters(house)
    incident_id = await raise_incident(intake, title="No such type")
    shown = await settled(intake, incident_id, "failed")
    effects = (await house.world()).effects(incident_id)
    [letter] = [letter for letter in await dead_letters(house) if letter not in before]
    assert effects == {"work item": 0, "channel": 1, "link": 0, "owner": 0, "announcement": 1, "tasks": []}
    assert letter["dead_letter_reason"].endswith(":create-work-item")
    assert "Isue" in shown["failure"]
    assert await worker.stop() == 0


async def test_a_message_that_nobody_understands_is_dead_lettered_at_once(house):
    """What is no event goes to the dead letters with its body and a sentence, and the next message is handled."""
    worker, intake = await house.work(), await house.intake()
    connection = house.env["TOCSIN_SERVICEBUS_CONNECTION_STRING"]
    async with ServiceBusClient.from_connection_string(connection) as client:
        async with client.get_queue_sender("incidents") as sender:
            await sender.send_messages(ServiceBusMessage(b'{"title": 3}', message_id="nonsense"))
        await settled(intake, await raise_incident(intake, title="The next one"))
        async with client.get_queue_receiver("incidents", sub_queue="deadletter") as receiver:
            letters = await receiver.peek_messages(50, sequence_number=1)
    [letter] = [letter for letter in letters if letter.message_id == "nonsense"]
    assert letter.dead_letter_reason == "Undecodable"
    assert "title: " in letter.dead_letter_error_description
    assert b"".join(letter.body) == b'{"title": 3}'
    assert await worker.stop() == 0


async def test_a_delegated_user_announces_too(house):
    """With the other posting route the message is there once, from a person."""
    worker, intake = await house.work(posting="delegated"), await house.intake()
    incident_id = await raise_incident(intake)
    await settled(intake, incident_id)
    assert (await house.world()).effects(incident_id) == one_of_each(BRUNO)
    assert await worker.stop() == 0


async def test_nobody_on_call_is_said_loudly(house):
    """A service without people, and no default: the launch is whole, and both places say that nobody was found."""
    async with TableServiceClient.from_connection_string(house.env["TOCSIN_TABLES_CONNECTION_STRING"]) as tables:
        await tables.create_table("nobody")
    worker, intake = await house.work(tables_oncall="nobody"), await house.intake()
    incident_id = await raise_incident(intake, service="unheard-of")
    await settled(intake, incident_id)
    world = await house.world()
    [item] = [item for item in world.work_items if incident_id in item["fields"]["System.Title"]]
    [channel] = [channel for channel in world.channels if channel["displayName"].startswith(incident_id)]
    [message] = channel["messages"]
    assert "NOBODY IS ON CALL" in message["attachments"][0]["content"]
    assert "Nobody is on call" in item["fields"]["System.History"]
    assert await worker.stop() == 0


async def test_each_service_lives_in_its_own_team_and_project(house):
    """The catalogue's rows tell where; all of an incident is made there, and nothing of it elsewhere."""
    await catalogue(house, storefront={"teams": RESERVE, "project": "Storefront", "area_path": r"Storefront\Web"})
    worker, intake = await house.work(), await house.intake()
    at_home, away = [await raise_incident(intake, service=service) for service in ("checkout", "storefront")]
    shown = [await settled(intake, incident_id) for incident_id in (at_home, away)]
    assert [step["result"]["service"] for each in shown for step in each["steps"] if step["name"] == "route"] == [
        "",
        "storefront",
    ]
    world = await house.world()
    assert (places(world, at_home), places(world, away)) == (HOME, (["Storefront"], [RESERVE]))
    tasks = [item["fields"] for item in world.work_items if away in item["fields"]["System.Title"]]
    assert {fields["System.AreaPath"] for fields in tasks} == {r"Storefront\Web"}

    full = {"error": {"code": "Forbidden", "message": "This team has exceeded the Max allowed channels"}}
    refused = {"behaviour": "status", "status": 403, "body": full}
    await house.fault(system="graph", method="POST", path=f"{RESERVE}/channels$", **refused)
    crowded = await raise_incident(intake, service="storefront")
    await settled(intake, crowded)
    assert places(await house.world(), crowded) == (["Storefront"], [DEFAULT_WORLD.team_id])
    assert "teams.full" in worker.log
    assert await worker.stop() == 0


async def test_a_retry_goes_where_the_first_attempt_went(house):
    """A worker dies in the midst of it, somebody moves the service, and what is left is made in the first place."""
    await catalogue(house, moving={"teams": RESERVE, "project": "Storefront"})
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="delay", seconds=LIMIT)
    doomed, intake = await house.work(**HASTY), await house.intake()
    incident_id = await raise_incident(intake, service="moving")

    async def work_item_is_there():
        return places(await house.world(), incident_id)[0]

    await eventually(work_item_is_there)
    await doomed.kill()
    await catalogue(house, moving={"teams": DEFAULT_WORLD.team_id, "project": "Incidents"})
    await house.behave()
    heir = await house.work()
    await settled(intake, incident_id)
    assert places(await house.world(), incident_id) == (["Storefront"], [RESERVE])
    assert await heir.stop() == 0


async def catalogue(house, **services):
    """Rows of the table of schedules, as a person types them."""
    async with (
        TableServiceClient.from_connection_string(house.env["TOCSIN_TABLES_CONNECTION_STRING"]) as tables,
        tables.get_table_client("schedules") as table,
    ):
        for name, columns in services.items():
            await table.upsert_entity({"PartitionKey": f"service:{name}", "RowKey": "service", **columns})


def places(world, incident_id):
    """The projects of its work item, and the teams of its channel, with their announcements."""
    items = [item for item in world.work_items if item["fields"]["System.Title"].startswith(f"[{incident_id}]")]
    channels = [channel for channel in world.all_channels if channel["displayName"].startswith(incident_id)]
    assert all(len(channel["messages"]) == 1 for channel in channels)
    return [item["fields"]["System.TeamProject"] for item in items], [channel["team"] for channel in channels]


async def dead_letters(house):
    return (await house.world()).queues["incidents"]["dead_letters"]


async def queue_is_empty(house):
    async def empty():
        queue = (await house.world()).queues["incidents"]
        return queue["active"] == 0

    await eventually(empty)
