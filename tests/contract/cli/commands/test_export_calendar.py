"""`tocsin roster ics`: a file of shifts, and the address of a person's calendar."""

import json
from datetime import UTC, datetime

import icalendar
import pytest
from azure.data.tables.aio import TableClient

from worker.oncall.calendars.calendars import open_calendars

ROTA = (
    {"PartitionKey": "schedule:checkout", "RowKey": "schedule", "time_zone": "Europe/Berlin"},
    {"PartitionKey": "schedule:checkout", "RowKey": "layer:week", "starts": "2026-03-02T09:00", "every": "1 week"},
    {"PartitionKey": "schedule:checkout", "RowKey": "people:week:0000", "people": "ines; jon@contoso.example"},
    {"PartitionKey": "person:ines", "RowKey": "person", "name": "Ines Sousa", "email": "ines.sousa@contoso.example"},
)
FILE = """
people: {ines: {name: Ines Sousa, email: ines.sousa@contoso.example}}
schedules:
  checkout:
    time_zone: Europe/Berlin
    layers: [{name: week, starts: 2026-03-02T09:00, every: 1 week, people: [ines, jon]}]
"""
AT = ("--at", "2026-11-30T12:00:00+00:00")


@pytest.fixture
async def rota(connection, settings, schedules, monkeypatch):
    """A table of schedules of the test's own; settings for whoever serves from it."""
    calendars = f"c{schedules}"
    monkeypatch.setenv("TOCSIN_TABLES_CALENDARS", calendars)
    monkeypatch.setenv("TOCSIN_INTAKE_URL", "https://tocsin.example/")
    async with TableClient.from_connection_string(connection, schedules) as table:
        await table.create_table()
        for row in ROTA:
            await table.create_entity(row)
    return settings.model_copy(update={"tables_schedules": schedules, "tables_calendars": calendars})


async def served(settings, link):
    """What an intake answers at that address; None for nothing."""
    token = link.removeprefix("https://tocsin.example/v1/on-call/calendars/").removesuffix(".ics")
    async with open_calendars(settings, None) as calendars:
        return await calendars.find(token)


def summaries(content):
    return [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(content).walk("VEVENT")]


async def test_a_file_of_a_person_or_of_everybody(tocsin, tmp_path):
    """From definitions in a file nothing else is read; and everybody's says whose each shift is."""
    (tmp_path / "rota.yaml").write_text(FILE)
    mine = (await tocsin("roster", "ics", "Ines.Sousa@contoso.example", "--file", "rota.yaml", *AT)).stdout_bytes
    told = await tocsin("roster", "ics", "--file", "rota.yaml", "--out", "all.ics", *AT)
    all_of_them = (tmp_path / "all.ics").read_bytes()
    assert set(summaries(mine)) == {"On call: checkout (primary)"}
    assert set(summaries(all_of_them)) == {f"On call: checkout (primary): {name}" for name in ("Ines Sousa", "jon")}
    assert told.stderr == f"{len(summaries(all_of_them))} shifts in all.ics.\n"
    assert told.stdout == ""


async def test_the_same_for_programs(tocsin, tmp_path):
    """Each shift with its name, its times and why."""
    (tmp_path / "rota.yaml").write_text(FILE)
    found = json.loads((await tocsin("roster", "ics", "ines", "--file", "rota.yaml", "--json", *AT)).stdout)["shifts"]
    first = found[0]
    assert (first["schedule"], first["person"], first["name"], first["rank"]) == ("checkout", "ines", "Ines Sousa", 1)
    assert (first["from"], first["to"]) == ("2026-11-23T08:00:00+00:00", "2026-11-30T08:00:00+00:00")
    assert first["why"].startswith("Layer week, Ines Sousa's turn since")
    assert len({each["uid"] for each in found}) == len(found)


async def test_an_address_is_made_anew_and_ended(tocsin, rota):
    """Told once; a new one ends the one before, and all of it is in the audit."""
    told = await tocsin("roster", "ics", "INES.SOUSA@contoso.example", "--link")
    first = told.stdout.strip()
    assert "Outlook and Google ask again when they like" in told.stderr
    assert b"On call: Ines Sousa" in await served(rota, first)
    second = json.loads((await tocsin("roster", "ics", "ines", "--link", "--json")).stdout)["link"]
    assert (await served(rota, first), bool(await served(rota, second))) == (None, True)
    assert "is served no more" in (await tocsin("roster", "ics", "ines", "--revoke")).stdout
    assert await served(rota, second) is None
    again = await tocsin("roster", "ics", "ines", "--revoke", code=1)
    assert "has no address of a calendar" in str(again.exception)
    audit = (await tocsin("audit", "--json")).stdout
    assert audit.count("calendar-link") == 2
    assert audit.count("calendar-revoke") == 1
    assert first.rpartition("/")[2].removesuffix(".ics") not in audit


async def test_the_address_of_somebody_who_got_a_record_since_is_theirs(tocsin, rota, connection):
    """Made by the address alone, it is found by the name."""
    link = (await tocsin("roster", "ics", "jon@contoso.example", "--link")).stdout.strip()
    async with TableClient.from_connection_string(connection, rota.tables_schedules) as table:
        row = {"PartitionKey": "person:jon", "RowKey": "person", "name": "Jon Weber", "email": "Jon@contoso.example"}
        await table.create_entity(row)
    assert b"On call: Jon Weber" in await served(rota, link)
    await tocsin("roster", "ics", "jon", "--link")
    assert await served(rota, link) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zoe"], "is neither among the people nor in any schedule"),
        (["zoe", "--link"], "is neither among the people nor in any schedule"),
        (["ines", "--out", "no/such/folder.ics"], "cannot be written"),
    ],
)
@pytest.mark.usefixtures("rota")
async def test_what_cannot_be_done_is_said(tocsin, arguments, said):
    """And nothing is changed."""
    told = await tocsin("roster", "ics", *arguments, code=1)
    assert said in str(told.exception)


@pytest.mark.parametrize(
    "arguments", [["--link"], ["--revoke"], ["ines", "--link", "--revoke"], ["ines", "--link", "--out", "x.ics"]]
)
async def test_an_address_is_asked_for_by_a_person_alone(tocsin, arguments):
    """With nothing that belongs to a file."""
    told = await tocsin("roster", "ics", *arguments, code=2)
    assert "either of them stands alone with a person" in " ".join(told.output.replace("│", " ").split())


async def test_a_file_is_no_json(tocsin):
    """Whoever asks for both is told."""
    told = await tocsin("roster", "ics", "--json", "--out", "x.ics", code=2)
    assert "the file is a calendar" in " ".join(told.output.replace("│", " ").split())


async def test_an_address_needs_to_know_where_the_intake_is(tocsin):
    """It is said which setting that is."""
    told = await tocsin("roster", "ics", "ines", "--link", code=1)
    assert "TOCSIN_INTAKE_URL" in str(told.exception)


async def test_times_are_as_of_now_unless_said(tocsin, rota):
    """From the table, as it stands."""
    del rota
    found = json.loads((await tocsin("roster", "ics", "ines", "--json")).stdout)["shifts"]
    assert any(each["from"] <= datetime.now(UTC).isoformat() for each in found)
    assert any(each["to"] > datetime.now(UTC).isoformat() for each in found)
