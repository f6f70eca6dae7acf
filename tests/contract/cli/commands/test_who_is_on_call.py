"""`tocsin roster who`, `shifts` and `gaps` of the tables: what a launch would read."""

import json

import pytest
from azure.data.tables.aio import TableClient

ROWS = [
    {"PartitionKey": "person:ben", "RowKey": "person", "name": "Ben", "email": "ben@x.example"},
    {"PartitionKey": "service:checkout", "RowKey": "service", "schedules": "nights"},
    {"PartitionKey": "schedule:nights", "RowKey": "schedule", "time_zone": "Europe/Berlin"},
    {
        "PartitionKey": "schedule:nights",
        "RowKey": "layer:all",
        "starts": "2027-01-04T20:00",
        "every": "1 week",
        "windows": "20:00-08:00",
    },
    {"PartitionKey": "schedule:nights", "RowKey": "people:all:0000", "people": "ben; zoe@x.example"},
]


@pytest.fixture
async def nights(connection, schedules):
    """Schedules beside the on-call table, in which Ada is called by default."""
    async with TableClient.from_connection_string(connection, schedules) as client:
        await client.create_table()
        for row in ROWS:
            await client.upsert_entity(row)
        yield client


async def test_schedules_answer_before_rows(tocsin, table, nights):
    """By their key, with why and until when; the rows of `default` where they name nobody, until they do."""
    del table, nights
    night = json.loads((await tocsin("roster", "who", "checkout", "--at", "2027-01-05T03:00Z", "--json")).stdout)
    assert [(each["person"], each["email"], each["until"]) for each in night["on_call"]] == [
        ("ben", "ben@x.example", "2027-01-05T07:00Z")
    ]
    day = json.loads((await tocsin("roster", "who", "checkout", "--at", "2027-01-05T12:00", "--json")).stdout)
    assert (day["at"], day["from_default"]) == ("2027-01-05T11:00Z", True)
    assert [(each["person"], each["why"], each["until"]) for each in day["on_call"]] == [
        ("ada@x.example", "row of the on-call table", "2027-01-05T19:00Z")
    ]
    assert [(each["person"], each["from"]) for each in day["next"]] == [("ben", "2027-01-05T19:00Z")]


async def test_the_days_to_come_are_read_off_the_tables(tocsin, table, nights):
    """Shifts and gaps, of a schedule or of the service that lists it."""
    del table, nights
    words = ("--at", "2027-01-05T11:00Z", "--days", "1", "--json")
    listed = json.loads((await tocsin("roster", "shifts", "checkout", *words)).stdout)
    assert [(each["schedule"], each["name"]) for each in listed["shifts"]] == [("nights", "Ben")]
    gaps = json.loads((await tocsin("roster", "gaps", "nights", *words, code=1)).stdout)
    assert [each["reason"] for each in gaps["gaps"]] == ["layer all has no window open"] * 2
    mine = json.loads((await tocsin("roster", "mine", "zoe@x.example", *words)).stdout)
    assert mine["shifts"] == []


async def test_every_service_that_is_known_has_a_line(tocsin, table, nights):
    """Those of schedules, and those of rows."""
    del table, nights
    told = json.loads((await tocsin("roster", "who", "--at", "2027-01-05T03:00Z", "--json")).stdout)
    assert [each["service"] for each in told["services"]] == ["checkout", "default"]
