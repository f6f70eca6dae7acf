"""What the journal relies on in a table store, asked of the real Azurite through the real client."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableServiceClient
from patience import LIMIT

from worker.sandbox.tables.azurite import start_azurite
from worker.sandbox.tables.install import AzuriteError

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Seconds.
DEFAULT_KEPT_BY_AIOHTTP = 15
LEASE = {"PartitionKey": "inc-1", "RowKey": "lease", "owner": "worker-1"}
CHECKPOINT = {"PartitionKey": "inc-1", "RowKey": "step:create-channel", "state": "begun"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def azurite():
    running = await start_azurite()
    yield running
    await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def table(azurite):
    async with TableServiceClient.from_connection_string(azurite.connection_string, retry_total=0) as service:
        client = await service.create_table("incidents")
        yield client
        await service.delete_table("incidents")


def replace_if(etag, **changes):
    condition = {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", LEASE | changes, condition)


async def rows(table):
    return {row["RowKey"]: row async for row in table.list_entities()}


async def test_transaction_under_the_right_lease_writes_everything(table):
    """A conditional update and a create in one transaction are both applied while the condition holds."""
    leased = await table.create_entity(LEASE)
    await table.submit_transaction([replace_if(leased["etag"], renewed=1), ("create", CHECKPOINT)])
    stored = await rows(table)
    assert stored["lease"]["renewed"] == 1
    assert stored["step:create-channel"]["state"] == "begun"


async def test_transaction_under_a_lost_lease_writes_nothing(table):
    """A transaction whose conditional update is refused leaves no trace of its other writes."""
    leased = await table.create_entity(LEASE)
    await table.update_entity(LEASE | {"owner": "worker-2"}, mode=UpdateMode.REPLACE)
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([("create", CHECKPOINT), replace_if(leased["etag"], renewed=1)])
    assert refused.value.status_code == 412
    assert refused.value.error_code == "UpdateConditionNotSatisfied"
    stored = await rows(table)
    assert list(stored) == ["lease"]
    assert stored["lease"]["owner"] == "worker-2"


async def test_second_create_is_a_conflict(table):
    """Creating a row that exists is refused with 409 EntityAlreadyExists."""
    await table.create_entity(LEASE)
    with pytest.raises(ResourceExistsError, match="EntityAlreadyExists") as refused:
        await table.create_entity(LEASE)
    assert refused.value.status_code == 409


async def test_second_create_in_a_transaction_is_a_conflict(table):
    """Creating a row that exists is refused inside a transaction too, with the index of the refused write."""
    await table.create_entity(CHECKPOINT)
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([("create", LEASE), ("create", CHECKPOINT)])
    assert refused.value.status_code == 409
    assert refused.value.error_code == "EntityAlreadyExists"
    assert refused.value.index == 1
    assert list(await rows(table)) == ["step:create-channel"]


async def test_update_with_an_old_etag_is_refused(table):
    """A row changed since it was read is not overwritten: 412 UpdateConditionNotSatisfied."""
    old = await table.create_entity(LEASE)
    await table.update_entity(LEASE | {"owner": "worker-2"}, mode=UpdateMode.REPLACE)
    with pytest.raises(ResourceModifiedError) as refused:
        await table.update_entity(
            LEASE, mode=UpdateMode.REPLACE, etag=old["etag"], match_condition=MatchConditions.IfNotModified
        )
    assert refused.value.status_code == 412
    assert refused.value.error_code == "UpdateConditionNotSatisfied"


async def test_answers_carry_the_clock_of_the_store(table):
    """Every answer has a Date header and every row a Timestamp, so that leases expire by the store's clock."""
    answers = []
    created = await table.create_entity(LEASE, raw_response_hook=lambda it: answers.append(it.http_response))
    stored = await table.get_entity("inc-1", "lease")
    assert "Date" in answers[0].headers
    for clock in (created["date"], stored.metadata["timestamp"]):
        assert abs(datetime.now(UTC) - clock) < timedelta(minutes=1)


async def test_an_idle_connection_is_kept_for_longer_than_a_client_keeps_it(table):
    """Or the next request may leave on one that is just being closed, which no sender can tell from an outage."""
    answers = []
    await table.create_entity(LEASE, raw_response_hook=lambda it: answers.append(it.http_response))
    kept = int(answers[0].headers["Keep-Alive"].removeprefix("timeout="))
    assert kept > DEFAULT_KEPT_BY_AIOHTTP


async def test_refusal_carries_the_clock_of_the_store(table):
    """A refused transaction tells the store's time, though only to a hook: the error has the inner answer alone."""
    answers = []
    leased = await table.create_entity(LEASE)
    await table.update_entity(LEASE, mode=UpdateMode.REPLACE)
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction(
            [replace_if(leased["etag"])], raw_response_hook=lambda it: answers.append(it.http_response)
        )
    assert "Date" in answers[0].headers
    assert "Date" not in refused.value.response.headers


async def test_tables_in_a_directory_survive_a_restart(tmp_path):
    """What was written into a data directory is read again by the next Azurite on it."""
    first = await start_azurite(data=tmp_path)
    async with TableServiceClient.from_connection_string(first.connection_string) as service:
        await (await service.create_table("incidents")).create_entity(LEASE)
        await first.close()  # with the client's connection still open
    second = await start_azurite(data=tmp_path)
    try:
        async with TableServiceClient.from_connection_string(second.connection_string) as service:
            assert (await rows(service.get_table_client("incidents")))["lease"]["owner"] == "worker-1"
    finally:
        await second.close()


async def test_tables_survive_when_our_process_is_killed(tmp_path):
    """Azurite ends with a process that got SIGKILL, and writes its tables before it does."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from worker.sandbox.tables.azurite import start_azurite\n"
        "async def main():\n"
        "    azurite = await start_azurite(data=pathlib.Path(sys.argv[1]))\n"
        "    print(azurite.connection_string, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(tmp_path), stdout=PIPE)
    connection_string = (await parent.stdout.readline()).decode().strip()
    async with TableServiceClient.from_connection_string(connection_string) as service:
        await (await service.create_table("incidents")).create_entity(LEASE)
    parent.send_signal(signal.SIGKILL)
    async with asyncio.timeout(LIMIT):
        await parent.stdout.read()
        await parent.wait()
        while not any("worker-1" in file.read_text() for file in tmp_path.glob("*.json")):
            await asyncio.sleep(0.02)
    port = int(connection_string.rsplit(":", 1)[1].split("/")[0])
    async with asyncio.timeout(LIMIT):
        while await accepts_connections(port):
            await asyncio.sleep(0.02)


async def accepts_connections(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_taken_port_is_said_in_a_sentence(azurite):
    """A port that somebody has is reported with Azurite's own words."""
    with pytest.raises(AzuriteError, match="ended with exit code") as refused:
        await start_azurite(port=azurite.port)
    assert "EADDRINUSE" in str(refused.value)


async def test_closing_twice_is_harmless():
    """A second close returns as quietly as the first."""
    running = await start_azurite()
    await running.close()
    await running.close()
    assert not await accepts_connections(running.port)


async def test_ctrl_c_leaves_the_store_to_us():
    """Azurite is outside our process group, so that a worker can still store checkpoints while it drains."""
    running = await start_azurite()
    try:
        assert os.getpgid(running._process.pid) != os.getpgid(0)
    finally:
        await running.close()
