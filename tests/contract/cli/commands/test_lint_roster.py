"""What stands in both tables of people, or in a file, is looked through by command."""

import json

import pytest
from azure.data.tables.aio import TableClient

FILE = """
people:
  ines: {name: Ines Costa, email: ines@x.example}
schedules:
  checkout:
    time_zone: Europe/Berlin
    layers:
      - name: week
        starts: 2027-05-03T09:00
        every: 1 week
        people: [ines, jon@x.example]
        windows: [mon-fri 00:00-24:00]
"""
ROWS = [
    {"PartitionKey": "schedule:checkout", "RowKey": "schedule", "time_zone": "Europe/Berlin"},
    {"PartitionKey": "schedule:checkout", "RowKey": "layer:week", "starts": "2027-05-03T09:00", "every": "1 week"},
    {"PartitionKey": "schedule:checkout", "RowKey": "people:week:0000", "people": "ines; jon@x.example"},
    {"PartitionKey": "schedule:search", "RowKey": "schedule", "time_zone": "CET"},
    {"PartitionKey": "person:ines", "RowKey": "person", "name": "Ines Costa", "email": "ines@x.example"},
]


@pytest.fixture
async def stored(connection, schedules):
    """The table of schedules, as somebody filled it by hand."""
    async with TableClient.from_connection_string(connection, schedules) as client:
        await client.create_table()
        for row in ROWS:
            await client.upsert_entity(row)
        yield client


async def test_both_tables_are_looked_through(tocsin, table, stored):
    """A row of the simple one, a gap and a broken row of the other; nothing before the time that is asked for."""
    told = await tocsin("roster", "lint", "--json", "--at", "2027-04-26T08:00Z", "--days", "14", code=1)
    results = json.loads(told.stdout)["results"]
    assert [(result["verdict"], result["kind"], result["thing"]) for result in results if result["kind"]] == [
        ("wrong", "broken-row", "row:schedule:search/schedule"),
        ("note", "gap", "schedule:checkout"),
    ]
    assert [result["verdict"] for result in results if not result["kind"]] == ["well"]
    told = await tocsin("roster", "lint", "--at", "2027-05-04T08:00Z", code=1)
    assert "checkout names nobody" not in " ".join(told.stdout.split())


async def test_whoever_has_schedules_needs_no_other_table(tocsin, stored):
    """The simple one may never have been made."""
    await stored.delete_entity("schedule:search", "schedule")
    told = await tocsin("roster", "lint", "--at", "2027-05-04T08:00Z")
    assert "1 schedule, and nothing to mend in the next 30 days." in told.stdout


async def test_a_file_is_looked_through_alone(tocsin, tmp_path):
    """Neither table is read, and nobody answers but the file."""
    (tmp_path / "rota.yaml").write_text(FILE)
    told = await tocsin("roster", "lint", "--file", "rota.yaml", "--at", "2027-05-03T08:00Z", "--days", "8", code=1)
    assert (
        "checkout names nobody from Sat 8 May 00:00 to Mon 10 May 00:00 (layer week has no window open)."
        in " ".join(told.stdout.split())
    )
    await tocsin("roster", "lint", "--file", "rota.yaml", "--at", "2027-05-03T08:00Z", "--days", "4")


@pytest.mark.parametrize("option", [("--days", "0"), ("--days", "367"), ("--at", "tomorrow")])
async def test_what_cannot_be_asked_is_wrong_use(tocsin, option):
    """Said before anything is read."""
    await tocsin("roster", "lint", *option, code=2)
