"""Who is on call now, from both tables against Azurite, and from their copies where they do not answer."""

import asyncio
import re
import uuid
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from azure.data.tables.aio import TableClient
from brief_definitions import NOWHERE, definitions, week
from pydantic import SecretStr
from seen import Seen
from structlog.testing import capture_logs

from worker.domain.errors import Forbidden, Misconfigured, Transient, Unreachable
from worker.observability.telemetry import reporting_to
from worker.oncall import lookup as lookup_module
from worker.oncall.lookup import keep_fresh, open_lookup
from worker.oncall.stored import table as table_module
from worker.oncall.stored.table import open_schedules
from worker.oncall.stored.writing import SchedulesWriter
from worker.oncall.table import open_on_call
from worker.settings import Settings

SIMPLEST = {"name": "Ada", "email": "ada@contoso.example", "service": "checkout", "oncall": True}
BEN = {"ben": {"name": "Ben", "email": "ben@contoso.example"}}


@pytest.fixture
def of_tables(azurite):
    """Settings for two tables of this test's own."""
    names = {table: f"{table[7:9]}{uuid.uuid4().hex}" for table in ("tables_oncall", "tables_schedules")}
    return Settings.read(_env_file=None, tables_connection_string=azurite, **names)


@pytest.fixture
async def bare(of_tables):
    """The simple table itself, made and filled without the client under test."""
    connection = of_tables.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, of_tables.tables_oncall) as table:
        await table.create_table()
        yield table


@pytest.fixture
def holding(bare, of_tables):
    """Fills the simple table with rows under keys that mean nothing, and opens both."""

    @asynccontextmanager
    async def filled(*rows):
        for number, row in enumerate(rows):
            await bare.create_entity({"PartitionKey": f"p{number % 3}", "RowKey": str(number), **row})
        async with open_lookup(of_tables, None) as lookup:
            yield lookup

    return filled


async def stand(settings, **given):
    """Let that stand in the table of schedules."""
    async with open_schedules(settings, None) as table:
        await SchedulesWriter(table, "lea").replace(definitions(**given), await table.stored())


def without_tables(settings, **changed):
    """The same settings, while nobody answers for the account."""
    away = {"tables_connection_string": SecretStr(NOWHERE), "call_timeout_seconds": timedelta(seconds=1)}
    return settings.model_copy(update={**away, **changed})


@pytest.fixture(autouse=True)
def _no_second_try(monkeypatch):
    """The client's own tries are not what is held to something here."""
    once = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 5}
    for module in ("worker.oncall.table", "worker.oncall.stored.table"):
        monkeypatch.setattr(f"{module}.transport", lambda _: once)


async def test_schedules_and_rows_are_one_answer(holding, of_tables):
    """The service's schedules come first; its rows stand in where they name nobody."""
    await stand(of_tables, people=BEN, schedules={"checkout": week("ben"), "search": week()})
    async with holding(SIMPLEST, {**SIMPLEST, "service": "search"}) as lookup:
        found = {service: await lookup.on_call(service) for service in ("checkout", "search")}
    assert {service: [person.name for person in each.people] for service, each in found.items()} == {
        "checkout": ["Ben"],
        "search": ["Ada"],
    }
    assert found["checkout"].people[0].schedule == "checkout"
    assert [each.note for each in found.values()] == ["", ""]


async def test_schedules_answer_while_there_is_no_simple_table(of_tables):
    """Who is not named by a schedule is told that the table is missing."""
    await stand(of_tables, people=BEN, schedules={"checkout": week("ben")})
    async with open_lookup(of_tables, None) as lookup:
        found = await lookup.on_call("checkout")
        with pytest.raises(Misconfigured, match="roster import"):
            await lookup.on_call("search")
    assert ([person.name for person in found.people], found.note) == (["Ben"], "")


async def test_a_broken_row_of_a_schedule_is_told_to_those_it_is_for(holding, of_tables):
    """By its keys; other services are not bothered."""
    await stand(of_tables, people=BEN, schedules={"checkout": week("ben"), "search": week("ben")})
    async with open_schedules(of_tables, None) as table:
        wrong = {"PartitionKey": "schedule:checkout", "RowKey": "override:1:1", "kind": "cove"}
        await table.client.create_entity(wrong)
    async with holding() as lookup:
        notes = [(await lookup.on_call(service)).note for service in ("checkout", "search")]
    told, untold = notes
    assert told.startswith(
        "A row of the table of schedules cannot be read, and does not count: schedule:checkout/override:1"
    )
    assert "kind: must be cover, replace or add" in told
    assert untold == ""


async def break_off(lookup, monkeypatch):
    """From now on nobody answers the clients of this lookup."""

    async def refuse():
        raise Unreachable("Tried to read it; no connection stood.")

    monkeypatch.setattr(table_module, "_FRESH", timedelta())
    monkeypatch.setattr(lookup._table, "roster", refuse)
    monkeypatch.setattr(lookup._schedules, "_rows", refuse)


async def test_a_worker_that_has_read_the_tables_calls_people_while_they_are_down(holding, of_tables, monkeypatch):
    """As of when they answered last, and the note says so."""
    monkeypatch.setattr(table_module, "_FRESH", timedelta())
    await stand(of_tables, people=BEN, schedules={"checkout": week("ben")})
    async with holding({**SIMPLEST, "service": "search"}) as lookup:
        await lookup.refresh()
        await break_off(lookup, monkeypatch)
        with capture_logs() as logged:
            by_schedule, by_row = await lookup.on_call("checkout"), await lookup.on_call("search")
    assert ([person.name for person in by_schedule.people], [person.name for person in by_row.people]) == (
        ["Ben"],
        ["Ada"],
    )
    assert re.search(r"The schedules are as of \d\d:\d\d UTC: their table does not answer\.", by_schedule.note)
    assert re.search(r"The rows of the on-call table are as of \d\d:\d\d UTC: it does not answer\.", by_row.note)
    assert {entry["event"] for entry in logged} == {"roster.copy_used"}


async def test_a_worker_that_starts_while_the_tables_are_down_has_the_copy_of_another(holding, of_tables, tmp_path):
    """From the directory that outlives both."""
    kept = of_tables.model_copy(update={"on_call_copy": tmp_path})
    await stand(of_tables, people=BEN, schedules={"checkout": week("ben")})
    async with holding({**SIMPLEST, "service": "search"}), open_lookup(kept, None) as before:
        await before.refresh()
    async with open_lookup(without_tables(kept), None) as lookup:
        found = [await lookup.on_call(service) for service in ("checkout", "search")]
    assert [[person.name for person in each.people] for each in found] == [["Ben"], ["Ada"]]
    assert all("as of" in each.note for each in found)


async def test_without_any_copy_an_outage_is_tried_again(of_tables, tmp_path):
    """Nobody may take it for a night on which nobody is on call; a copy of other tables is none."""
    other = of_tables.model_copy(
        update={"on_call_copy": tmp_path, "tables_schedules": "other", "tables_oncall": "other2"}
    )
    async with open_on_call(other, None) as table, open_lookup(other, None) as lookup:
        await table.create()
        await lookup.refresh()
    away = without_tables(of_tables, on_call_copy=tmp_path)
    async with open_lookup(away, None) as lookup:
        with pytest.raises(Transient):
            await lookup.on_call("checkout")


async def test_a_table_that_is_silent_is_not_waited_for_longer_than_a_launch_does(of_tables, bare, tmp_path):
    """The copy answers within the patience, and while the outage lasts at once."""
    kept = of_tables.model_copy(update={"on_call_copy": tmp_path})
    await bare.create_entity({"PartitionKey": "p", "RowKey": "1", **SIMPLEST})
    async with open_lookup(kept, None) as before:
        await before.refresh()
    ended = asyncio.Event()

    async def hang(reader, writer):
        await ended.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        silent = SecretStr(NOWHERE.replace(":9/", f":{port}/"))
        patience = timedelta(milliseconds=300)
        async with open_lookup(
            without_tables(kept, tables_connection_string=silent), None, patience=patience
        ) as lookup:
            found = await lookup.on_call("checkout")
        ended.set()
    assert [person.name for person in found.people] == ["Ada"]


async def test_an_identity_that_may_read_the_simple_table_alone_calls_its_people(holding, of_tables, monkeypatch):
    """As before there were schedules; the note says what is left out."""
    async with holding(SIMPLEST) as lookup:

        async def refuse():
            raise Forbidden("Tried to read it; the table store answered 403.")

        monkeypatch.setattr(lookup._schedules, "_rows", refuse)
        found = await lookup.on_call("checkout")
    assert [person.name for person in found.people] == ["Ada"]
    assert found.note == "The schedules are left out: Tried to read it; the table store answered 403."


async def test_the_copy_is_kept_fresh_though_nothing_is_launched(holding, monkeypatch):
    """Until the worker stops, whatever the tables answer; what cannot be read is told."""
    looks = asyncio.Semaphore(0)
    async with holding(SIMPLEST) as lookup:

        async def refresh():
            looks.release()
            raise [Unreachable("No connection stood."), ValueError("A fault of ours.")][looks._value - 1]

        monkeypatch.setattr(lookup_module, "_REFRESHED", timedelta())
        monkeypatch.setattr(lookup, "refresh", refresh)
        with capture_logs() as logged:
            keeping = asyncio.create_task(keep_fresh(lookup))
            while looks._value < 2:
                await asyncio.sleep(0)
            keeping.cancel()
    assert [entry["event"] for entry in logged][:2] == ["roster.not_read", "roster.refresh_crashed"]


BROKEN = (
    {**SIMPLEST, "email": "ada at contoso"},
    {**SIMPLEST, "oncall": "perhaps"},
    {"service": "checkout"},
    {**SIMPLEST, "email": "a@b,c@d.example"},
)


async def test_a_broken_row_hides_nobody(holding):
    """The others count, and those of its service are told of the first one."""
    async with holding(*BROKEN, SIMPLEST) as lookup:
        found = await lookup.on_call("Checkout")
    assert [person.name for person in found.people] == ["Ada"]
    assert found.note == (
        "A row of the on-call table cannot be read, and whoever it names is not called: p0/0: email: is not an e-mail "
        "address: it has no @, and 3 more. `tocsin roster lint` says how to mend it."
    )


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"service": "cold-store", "email": "zed at nowhere"}, ["cold-store"]),
        ({"Service": "Cold-Store", "oncall": "perhaps"}, ["cold-store"]),
        ({"service": "\u202e ", "email": "?"}, ["default", "", "unknown", "cold-store"]),
        ({"email": "?"}, ["default", "", "unknown", "cold-store"]),
    ],
)
async def test_a_broken_row_is_told_where_it_can_be_mended(holding, broken, told):
    """By those whose row it is; without a service it is that of the people of `default`, wherever they are called."""
    default = {**SIMPLEST, "service": "default"}
    async with holding(
        {"name": "Zed", "email": "zed@x.example", "oncall": "yes", **broken}, SIMPLEST, default
    ) as lookup:
        services = ["checkout", "default", "", "unknown", "cold-store"]
        notes = {service: (await lookup.on_call(service)).note for service in services}
    assert sorted(service for service, note in notes.items() if "cannot be read" in note) == sorted(told)


async def test_broken_rows_are_logged_once_until_they_change(holding, bare):
    """Whoever keeps the roster finds the rows and their faults, not one line for each launch."""
    async with holding(*BROKEN, SIMPLEST) as lookup:
        with capture_logs() as first:
            await lookup.on_call("checkout")
        with capture_logs() as again:
            await lookup.on_call("payments")
        await bare.delete_entity("p0", "0")
        with capture_logs() as changed:
            await lookup.on_call("checkout")
    [line] = first
    assert (line["event"], line["log_level"], line["count"]) == ("roster.rows_unreadable", "warning", 4)
    assert line["rows"][0].startswith("p0/0: email")
    assert any("oncall: is neither yes nor no" in row for row in line["rows"])
    assert (again, [line["count"] for line in changed]) == ([], [3])


async def test_broken_rows_are_a_number(holding, bare):
    """A gauge says how many there are, and 0 once they are mended."""
    seen, told = Seen(), []
    async with holding(BROKEN[0]) as lookup:
        with reporting_to(seen.telemetry):
            for row in (BROKEN[0], SIMPLEST):
                await bare.upsert_entity({"PartitionKey": "p0", "RowKey": "0", **row})
                await lookup.on_call("checkout")
                told.append(seen.numbers["tocsin_roster_unreadable_rows",])
    seen.close()
    assert told == [1, 0]


async def test_many_broken_rows_stay_a_short_line(holding):
    """The line names the first few and counts the rest."""
    with capture_logs() as lines:
        async with holding(*({"name": str(n)} for n in range(20))) as lookup:
            await lookup.on_call("checkout")
    assert [(line["count"], len(line["rows"])) for line in lines] == [(20, 5)]


async def test_what_was_read_for_the_copy_does_not_delay_what_was_written_since(holding, of_tables):
    """A worker that has just started launches by the schedule that was imported a moment ago."""
    async with holding(SIMPLEST) as lookup:
        await lookup.refresh()
        await stand(of_tables, people=BEN, schedules={"checkout": week("ben")})
        assert [person.name for person in (await lookup.on_call("checkout")).people] == ["Ben"]
