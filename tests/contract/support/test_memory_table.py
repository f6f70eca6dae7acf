"""The table in memory and the real one keep the same promises to the store of leases."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held, Misconfigured
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched, Closing
from worker.domain.states import LaunchState, StepState
from worker.storage.incident_store import IncidentStore

BY_PARTITION = "PartitionKey eq @pk"
BY_KEY = "PartitionKey eq @pk and RowKey eq @rk"


@pytest.fixture(params=["azurite", "memory"])
async def absent(request, settings) -> AsyncIterator[TableClient | MemoryTableClient]:
    """A table that is not there yet."""
    if request.param == "memory":
        yield MemoryTableClient(MemoryTable(utc_now), straight)
        return
    connection = settings.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, settings.tables_incidents, retry_total=0) as client:
        yield client


@pytest.fixture
async def table(absent):
    await absent.create_table()
    return absent


def row(key, **columns):
    return {"PartitionKey": "p", "RowKey": key, **columns}


def conditional(key, etag, **columns):
    condition = {"mode": UpdateMode.MERGE, "etag": etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", row(key, **columns), condition)


async def rows_of(table, partition="p", **options):
    return [found async for found in table.query_entities(BY_PARTITION, parameters={"pk": partition}, **options)]


async def one(table, key):
    found = [each async for each in table.query_entities(BY_KEY, parameters={"pk": "p", "rk": key})]
    return found[0] if found else None


async def test_what_was_stored_comes_back_with_its_types(table):
    """Numbers, truth, text and moments survive, and a column without value is none."""
    moment = datetime(2026, 3, 2, 9, 5, 1, 250000, tzinfo=UTC)
    await table.submit_transaction([("create", row("a", n=1, f=1.5, b=True, s="x", d=moment, nothing=None))])
    assert await one(table, "a") == row("a", n=1, f=1.5, b=True, s="x", d=moment)


async def test_rows_come_in_the_order_of_their_keys(table):
    """A partition is read sorted, whatever the order of the writes, and without its neighbours."""
    await table.submit_transaction([("create", row("b")), ("create", row("a"))])
    await table.upsert_entity({"PartitionKey": "q", "RowKey": "c"})
    assert [found["RowKey"] for found in await rows_of(table)] == ["a", "b"]


async def test_a_small_page_loses_no_row(table):
    """Rows beyond the page are asked for again."""
    await table.submit_transaction([("create", row(key)) for key in "abc"])
    assert [found["RowKey"] for found in await rows_of(table, results_per_page=1)] == ["a", "b", "c"]


async def test_an_empty_answer_tells_the_time(table):
    """The table's clock can be read also where there are no rows, and goes by whole seconds."""
    dates = []
    await rows_of(table, raw_response_hook=lambda answer: dates.append(answer.http_response.headers["Date"]))
    told = parsedate_to_datetime(dates[0])
    assert told.microsecond == 0
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


async def test_a_row_says_when_it_was_written_and_in_which_version(table):
    """Each write gives the row the table's time and a new etag, the one that the transaction answered."""
    first = (await table.submit_transaction([("create", row("a"))]))[0]["etag"]
    before = (await one(table, "a")).metadata
    second = (await table.submit_transaction([conditional("a", first, n=1)]))[0]["etag"]
    after = (await one(table, "a")).metadata
    assert (before["etag"], after["etag"]) == (first, second)
    assert first != second
    assert before["timestamp"] <= after["timestamp"]


async def test_a_row_that_is_there_is_not_created_again(table):
    """The whole transaction is refused as a conflict, and its other rows are not stored."""
    await table.submit_transaction([("create", row("a", n=1))])
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([("create", row("b")), ("create", row("a", n=2))])
    assert (refused.value.status_code, refused.value.error_code) == (409, "EntityAlreadyExists")
    assert await rows_of(table) == [row("a", n=1)]


async def test_a_version_that_has_passed_is_not_updated(table):
    """A conditional write of an old version takes its whole transaction with it."""
    old = (await table.submit_transaction([("create", row("a", n=1))]))[0]["etag"]
    await table.submit_transaction([conditional("a", old, n=2)])
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([conditional("a", old, n=3), ("upsert", row("b"), {"mode": UpdateMode.REPLACE})])
    assert (refused.value.status_code, refused.value.error_code) == (412, "UpdateConditionNotSatisfied")
    assert await rows_of(table) == [row("a", n=2)]


async def test_a_row_that_is_missing_is_not_updated(table):
    """There is nothing whose version could match."""
    etag = (await table.submit_transaction([("create", row("a"))]))[0]["etag"]
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([conditional("b", etag, n=1)])
    assert refused.value.status_code == 404


def deletion(key, etag):
    return ("delete", row(key), {"etag": etag, "match_condition": MatchConditions.IfNotModified})


async def test_rows_are_deleted_in_the_versions_that_were_read_or_not_at_all(table):
    """One that has changed since, or is gone, keeps the others of its transaction where they are."""
    a, b = (each["etag"] for each in await table.submit_transaction([("create", row(key)) for key in "ab"]))
    newer = (await table.submit_transaction([conditional("b", b, n=1)]))[0]["etag"]
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([deletion("a", a), deletion("b", b)])
    assert (refused.value.status_code, refused.value.error_code) == (412, "UpdateConditionNotSatisfied")
    assert [found["RowKey"] for found in await rows_of(table)] == ["a", "b"]
    await table.submit_transaction([deletion("a", a), deletion("b", newer)])
    assert await rows_of(table) == []
    with pytest.raises(TableTransactionError) as missing:
        await table.submit_transaction([deletion("a", a)])
    assert (missing.value.status_code, missing.value.error_code) == (404, "ResourceNotFound")


async def test_rows_may_be_deleted_behind_a_reader(table):
    """Whoever reads page by page misses none of the rows that are still to come."""
    await table.submit_transaction([("create", row(key)) for key in "abcde"])
    seen = []
    async for found in table.query_entities(BY_PARTITION, parameters={"pk": "p"}, results_per_page=2):
        seen.append(found["RowKey"])
        await table.submit_transaction([deletion(found["RowKey"], found.metadata["etag"])])
    assert seen == list("abcde")


async def test_a_row_stands_once_in_a_transaction(table):
    """Two changes of one row at the same moment are refused."""
    with pytest.raises(TableTransactionError) as refused:
        await table.submit_transaction([("upsert", row("a", n=1)), ("upsert", row("a", n=2))])
    assert (refused.value.status_code, refused.value.error_code) == (400, "InvalidDuplicateRow")


async def test_a_transaction_stays_in_its_partition(table):
    """Rows of two partitions are refused before anything leaves."""
    with pytest.raises(ValueError, match="must all be the same"):
        await table.submit_transaction([("upsert", row("a")), ("upsert", {"PartitionKey": "q", "RowKey": "a"})])


async def test_a_merge_keeps_the_other_columns_and_a_replacement_does_not(table):
    """The lease row is merged, the rows of steps are replaced."""
    await table.submit_transaction([("create", row("a", n=1, s="x"))])
    await table.upsert_entity(row("a", n=2), mode=UpdateMode.MERGE)
    assert await one(table, "a") == row("a", n=2, s="x")
    await table.submit_transaction([("upsert", row("a", n=3), {"mode": UpdateMode.REPLACE})])
    assert await one(table, "a") == row("a", n=3)


async def test_a_row_by_itself_is_created_once(table):
    """Whoever comes second is refused, and the first row stays."""
    await table.create_entity(row("a", n=1))
    with pytest.raises(ResourceExistsError) as refused:
        await table.create_entity(row("a", n=2))
    assert refused.value.status_code == 409
    assert await one(table, "a") == row("a", n=1)


async def test_a_row_by_itself_is_updated_in_the_version_that_was_read(table):
    """Of two who read the same version one is refused."""
    version = {"etag": (await table.create_entity(row("a", n=1)))["etag"]}
    version["match_condition"] = MatchConditions.IfNotModified
    await table.update_entity(row("a", n=2), UpdateMode.REPLACE, **version)
    with pytest.raises(ResourceModifiedError) as refused:
        await table.update_entity(row("a", n=3), UpdateMode.REPLACE, **version)
    assert refused.value.status_code == 412
    assert await one(table, "a") == row("a", n=2)


async def test_rows_can_be_asked_for_by_the_time_of_their_writing(table):
    """Only what was written at that moment or since is found."""
    await table.upsert_entity(row("a"))
    written = (await one(table, "a")).metadata["timestamp"]
    where = "PartitionKey eq @pk and Timestamp ge @moment"
    for moment, found in ((written, 1), (written + timedelta(seconds=1), 0)):
        parameters = {"pk": "p", "moment": moment}
        assert len([each async for each in table.query_entities(where, parameters=parameters)]) == found


async def test_a_row_is_got_by_its_keys_and_tells_the_time(table):
    """One row alone comes with its version, and with the table's clock as a whole answer does."""
    version = (await table.create_entity(row("a", n=1)))["etag"]
    dates = []
    found = await table.get_entity(
        "p", "a", raw_response_hook=lambda answer: dates.append(answer.http_response.headers["Date"])
    )
    assert (found, found.metadata["etag"]) == (row("a", n=1), version)
    assert abs(datetime.now(UTC) - parsedate_to_datetime(dates[0])) < timedelta(minutes=1)


async def test_a_row_that_is_missing_is_not_got(table):
    """It is answered 404."""
    with pytest.raises(ResourceNotFoundError):
        await table.get_entity("p", "a")


async def test_rows_can_be_asked_for_by_a_range_of_their_keys(table):
    """The first key belongs to the range, the last one does not."""
    for key in ("alert", "alert:1", "alert:2", "alert;", "state"):
        await table.create_entity(row(key))
    where = "PartitionKey eq @pk and RowKey ge @first and RowKey lt @last"
    asked = {"pk": "p", "first": "alert:", "last": "alert;"}
    found = [each["RowKey"] async for each in table.query_entities(where, parameters=asked, results_per_page=1)]
    assert found == ["alert:1", "alert:2"]


async def test_a_table_is_created_once(table):
    """A second creation is refused by the exception that the store takes for success."""
    with pytest.raises(ResourceExistsError) as refused:
        await table.create_table()
    assert refused.value.status_code == 409


async def test_a_missing_table_is_said_to_be_missing(absent):
    """Reading, writing and a transaction each are answered 404."""
    with pytest.raises(ResourceNotFoundError):
        await rows_of(absent)
    with pytest.raises(ResourceNotFoundError):
        await absent.upsert_entity(row("a"))
    with pytest.raises(TableTransactionError) as refused:
        await absent.submit_transaction([("create", row("a"))])
    assert refused.value.status_code == 404


def a_store(table, owner):
    return IncidentStore(table, owner=owner, lease_duration=timedelta(seconds=30))


AN_INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime(2026, 3, 2, tzinfo=UTC))


async def test_a_store_leases_commits_and_gives_back(table):
    """What the store of leases does with a table comes to the same on both."""
    one, two = a_store(table, "one"), a_store(table, "two")
    begun = Checkpoint("item", StepState.BEGUN, 1, datetime.now(UTC), allowance=timedelta(seconds=3))
    began = time.monotonic()
    lease = await one.lease(AN_INCIDENT, [begun])
    with pytest.raises(Held) as held:
        await two.lease(AN_INCIDENT, [])
    took = timedelta(seconds=time.monotonic() - began)
    assert timedelta(seconds=29) - took < held.value.retry_after <= timedelta(seconds=31)
    await one.commit(lease, [], Closing(LaunchState.LAUNCHING, failure="later"))
    taken = await two.lease(AN_INCIDENT, [])
    assert (taken.attempt, taken.checkpoints["item"].state) == (2, StepState.BEGUN)
    assert taken.checkpoints["item"].clear_at is not None
    with pytest.raises(Held):
        await one.commit(lease, [])
    await two.commit(taken, [], Closing(LaunchState.LAUNCHED))
    assert await one.lease(AN_INCIDENT, []) == AlreadyLaunched()


async def test_a_store_without_its_table_says_so(absent):
    """The store's sentence is the same, whichever table is missing."""
    with pytest.raises(Misconfigured, match="the table does not exist"):
        await a_store(absent, "one").lease(AN_INCIDENT, [])
