"""What lint and doctor advise can be done: a person, or a row that cannot be read, is taken out by command."""

import pytest

from worker.storage.stores import open_stores


async def keys(table):
    return {f"{row['PartitionKey']}/{row['RowKey']}" async for row in table.list_entities()}


async def test_a_person_is_taken_out_after_it_was_told(tocsin, table, settings):
    """The first run says who goes and that nobody is left; --yes does it, and it is recorded."""
    told = await tocsin("roster", "remove", "ADA@x.example")
    assert told.stdout == "remove  ada@x.example for default: Ada, on call\n1 row would be removed.\n"
    assert "Then NOBODY IS ON CALL for 'default'" in told.stderr
    assert "Nothing was changed" in told.stderr
    assert await keys(table) == {"typed/1"}
    assert "1 row removed." in (await tocsin("roster", "remove", "ada@x.example", "--yes")).stdout
    assert await keys(table) == set()
    async with open_stores(settings, owner="test") as store:
        [record] = await store.audit.read(None)
    assert (record.action, record.details["changes"]) == ("remove", ["remove ada@x.example for default: Ada, on call"])


async def test_a_person_is_taken_out_of_one_service(tocsin, table):
    """The rows for the others stay."""
    mine = {"PartitionKey": "typed", "name": "Ada", "email": "ada@x.example", "oncall": "yes"}
    await table.upsert_entity({**mine, "RowKey": "2", "service": "checkout"})
    await tocsin("roster", "remove", "ada@x.example", "--service", "Checkout", "--yes")
    assert await keys(table) == {"typed/1"}


async def test_a_row_that_cannot_be_read_is_taken_out_by_its_keys(tocsin, table):
    """As lint advises, with the keys as it prints them."""
    await table.upsert_entity({"PartitionKey": "typed", "RowKey": "2", "name": "Ben", "email": "?", "oncall": "maybe"})
    linted = await tocsin("roster", "lint", code=1)
    assert "tocsin roster remove typed/2 --yes" in " ".join(linted.stdout.split())
    await tocsin("roster", "remove", "typed/2", "--yes")
    assert await keys(table) == {"typed/1"}
    await tocsin("roster", "lint")


@pytest.mark.parametrize("arguments", [("eve@x.example",), ("ada@x.example", "--service", "checkout"), ("typed/7",)])
async def test_who_is_not_there_is_a_sentence(tocsin, table, arguments):
    """Nothing to take out is a failure with its way on, not a silent success."""
    told = await tocsin("roster", "remove", *arguments, "--yes", code=1)
    assert f"has no row of {arguments[0]!r}" in str(told.exception)
    assert await keys(table) == {"typed/1"}


async def test_an_id_that_is_nowhere_is_a_sentence_without_the_other_table(tocsin, rota):
    """Whoever has schedules alone is not told to make a table of people."""
    told = await tocsin("roster", "remove", "c3777184", code=1)
    assert "has no row of 'c3777184'" in str(told.exception)
    assert "`tocsin roster remove` alone" in str(told.exception)
