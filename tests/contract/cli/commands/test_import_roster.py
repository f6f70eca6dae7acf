"""The on-call table by command: what an import changes is told first, keeps what it does not name, and is recorded."""

import json

import pytest

from worker.storage.stores import open_stores


def rota(tmp_path, text, name="rota.csv"):
    (tmp_path / name).write_text(text)
    return name


async def test_an_import_tells_first_keeps_other_columns_and_is_recorded(tocsin, table, tmp_path, settings):
    """The difference is shown without changing anything; with --yes it is done in the row that was there."""
    file = rota(tmp_path, "name,email,service,oncall\nAda,ada@x.example,default,no\nBen,ben@x.example,default,yes\n")
    tried = await tocsin("roster", "import", file)
    assert "change  ada@x.example for default: oncall True -> False" in tried.stdout
    assert "Nothing was changed" in tried.stderr
    assert [row["OnCall"] async for row in table.list_entities()] == ["yes"]
    await tocsin("roster", "import", file, "--yes")
    rows = {row["name"]: row async for row in table.list_entities()}
    assert rows["Ada"]["Phone"] == "+49 30 1234567"
    assert (await tocsin("roster", "who", "x")).stdout == "Ben  ben@x.example\n"
    async with open_stores(settings, owner="test") as store:
        [record] = await store.audit.read(None)
    assert (record.action, record.details["file"]) == ("import", "rota.csv")
    assert record.details["changes"] == [
        "change ada@x.example for default: oncall True -> False",
        "add ben@x.example for default: Ben, on call",
    ]
    told = await tocsin("audit", "--utc")
    assert "import by " in told.stdout
    assert json.loads((await tocsin("audit", "--json")).stdout)[0]["who"] == record.who


async def test_an_import_that_changes_nothing_is_not_recorded(tocsin, table, tmp_path):
    """The same file twice is one import."""
    del table
    file = rota(tmp_path, '[{"name": "Ada", "email": "ada@x.example", "oncall": true}]', "rota.json")
    assert "0 of 1 rows written, 1 are so already" in (await tocsin("roster", "import", file, "--yes")).stdout
    assert (await tocsin("roster", "lint")).exit_code == 0


async def test_a_table_is_linted(tocsin, table):
    """What would call nobody is exit code 1, with the row and its mending; programs read it as JSON."""
    await table.upsert_entity({"PartitionKey": "typed", "RowKey": "2", "name": "Ben", "email": "?", "oncall": "maybe"})
    told = await tocsin("roster", "lint", code=1)
    assert "✗ on-call" in told.stdout
    assert "typed/2" in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80
    told = json.loads((await tocsin("roster", "lint", "--json", code=1)).stdout)
    assert [result["verdict"] for result in told["results"]] == ["wrong"]


@pytest.mark.parametrize("command", [("roster", "list"), ("roster", "who", "default")])
async def test_a_row_that_cannot_be_read_is_told_to_whoever_looks_at_the_roster(tocsin, table, command):
    """On standard error, beside those who are called."""
    await table.upsert_entity({"PartitionKey": "typed", "RowKey": "2", "name": "Ben", "email": "?", "oncall": "maybe"})
    told = await tocsin(*command)
    assert "ada@x.example" in told.stdout
    assert told.stderr.startswith("tocsin: a row cannot be read: typed/2: email")


async def test_an_import_takes_out_what_the_file_lacks_when_asked(tocsin, table, tmp_path, settings):
    """Rows that it does not name, one that cannot be read included, are told, and go with --yes alone."""
    await table.upsert_entity({"PartitionKey": "typed", "RowKey": "2", "name": "Eve", "email": "?", "oncall": "maybe"})
    file = rota(tmp_path, "name,email,service,oncall\nBen,ben@x.example,default,yes\n")
    kept = await tocsin("roster", "import", file)
    assert "remove" not in kept.stdout
    tried = await tocsin("roster", "import", file, "--remove-missing")
    assert "remove  ada@x.example for default: Ada, on call" in tried.stdout
    assert "remove  the row typed/2: email" in tried.stdout
    assert "1 of 1 rows would be written, 0 are so already, 2 others would be removed." in tried.stdout
    assert len([row async for row in table.list_entities()]) == 2
    await tocsin("roster", "import", file, "--remove-missing", "--yes")
    assert [row["email"] async for row in table.list_entities()] == ["ben@x.example"]
    async with open_stores(settings, owner="test") as store:
        [record] = await store.audit.read(None)
    assert "remove ada@x.example for default: Ada, on call" in record.details["changes"]
