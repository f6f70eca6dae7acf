"""The look-up of the people on call, against Azurite and the stand-in for Graph."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from brief_definitions import definitions, week
from escalations import level
from patience import LIMIT, PATIENCE

from handlers.launch import find_on_call
from handlers.launch.find_on_call import FindOnCall
from worker.clients.teams.client import open_teams
from worker.domain.errors import Transient
from worker.domain.last_resort import read_last_resort
from worker.engine.step import Done
from worker.oncall.first_level import OpeningRules
from worker.oncall.lookup import open_lookup
from worker.oncall.rows import Row
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.stored.table import open_schedules
from worker.oncall.stored.writing import SchedulesWriter
from worker.oncall.table import open_on_call
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings

AMARA, BRUNO, *_ = DEFAULT_WORLD.people
PAGER = "webhook:pager"
YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%a}".lower()


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture
def of_tables(azurite):
    names = {"tables_oncall": f"oncall{uuid.uuid4().hex}", "tables_schedules": f"schedules{uuid.uuid4().hex}"}
    return Settings.read(_env_file=None, tables_connection_string=azurite, **names)


@pytest.fixture
async def table(of_tables):
    async with open_on_call(of_tables, None) as client:
        await client.create()
        yield client


@pytest.fixture
async def lookup(of_tables):
    async with open_lookup(of_tables, None) as lookup:
        yield lookup


@pytest.fixture(autouse=True)
def _mentions_are_worth_waiting_for(monkeypatch):
    """The step's own patience is for a launch; who is found here must not depend on how busy the machine is."""
    monkeypatch.setattr(find_on_call, "_PATIENCE", PATIENCE)


def row(person, **others):
    return Row(**{"name": person.name, "email": person.email, "service": "checkout", "oncall": True, **others})


@pytest.fixture
def step(table, lookup, teams, boards):
    return FindOnCall(lookup, teams, boards)


STRANGER = {"name": "Former Colleague", "email": "gone@contoso.example", "service": "checkout", "oncall": True}


async def test_the_people_of_the_service_come_with_their_entra_ids(table, step, incident):
    """Everyone Teams knows by the address can be mentioned."""
    await table.upsert(row(AMARA, role="primary"))
    await table.upsert(row(BRUNO))
    found = await step.run(incident, Done())
    assert [(person.name, person.object_id) for person in found.people] == [
        (AMARA.name, AMARA.entra_id),
        (BRUNO.name, BRUNO.entra_id),
    ]


async def test_a_person_teams_does_not_know_is_on_call_all_the_same(table, step, team, incident):
    """A look-up that fails costs the mention, not the person; only a plain no says that there is nobody."""
    await table.upsert(row(AMARA))
    await table.upsert(Row(**STRANGER))
    team.disturb(path=f"/users/{AMARA.email}", behaviour="status", status=429, headers={"Retry-After": "60"})
    known, unknown = (await step.run(incident, Done())).people
    assert (known.name, known.object_id, known.in_directory) == (AMARA.name, None, None)
    assert (unknown.name, unknown.object_id, unknown.in_directory) == (STRANGER["name"], None, False)


async def test_an_entra_id_in_the_table_is_not_looked_up(table, step, team, incident):
    """The table's own word stands, without a request."""
    await table.upsert(row(AMARA, object_id="e-of-the-table"))
    (person,) = (await step.run(incident, Done())).people
    assert person.object_id == "e-of-the-table"
    assert team.server.requests.listing() == []


async def test_nobody_on_call_is_a_result(step, incident):
    """An empty table is an answer with a loud note, not a failure."""
    found = await step.run(incident, Done())
    assert found.people == ()
    assert "NOBODY IS ON CALL" in found.note


async def test_people_whom_nobody_knows_fall_through_to_the_default(table, step, incident):
    """With the reason, and the addresses to mend; those of the default are looked up like any others."""
    await table.upsert(Row(**STRANGER))
    await table.upsert(row(BRUNO, service="default"))
    found = await step.run(incident, Done())
    assert [(person.name, person.object_id) for person in found.people] == [(BRUNO.name, BRUNO.entra_id)]
    assert (found.service, found.from_default) == ("checkout", True)
    assert "Neither Teams nor Azure Boards knows Former Colleague (gone@contoso.example)" in found.note
    assert found.note.endswith("These are the people of 'default'.")


async def test_without_default_people_nobody_is_left(table, step, incident):
    """Loudly."""
    await table.upsert(Row(**STRANGER))
    found = await step.run(incident, Done())
    assert found.people == ()
    assert found.note.endswith("NOBODY IS ON CALL by default.")


@pytest.mark.parametrize(
    "others",
    [{"phone": "+1 500 555 0199"}, {"paging": "webhook:pager"}, {"boards_identity": BRUNO.email}, {"object_id": "e-1"}],
    ids=["a telephone", "a way of their own", "known to Boards", "an id of the roster's"],
)
async def test_whoever_can_be_reached_is_not_passed_over(table, step, incident, others):
    """One of them by one way is enough."""
    await table.upsert(Row(**STRANGER, **others))
    await table.upsert(Row(**{**STRANGER, "email": "gone.2@contoso.example"}))
    await table.upsert(row(BRUNO, service="default"))
    found = await step.run(incident, Done())
    assert len(found.people) == 2
    assert not found.from_default
    assert found.note == ""


@pytest.mark.parametrize("down", ["graph", "boards"])
async def test_in_doubt_nobody_is_passed_over(table, step, team, sandbox, incident, down):
    """Whoever the roster names is not replaced because a system cannot be asked."""
    await table.upsert(Row(**STRANGER))
    await table.upsert(row(BRUNO, service="default"))
    server = {"graph": team.server, "boards": sandbox}[down]
    server.faults.add({"system": down, "behaviour": "status", "status": 503, "times": None})
    (person,) = (await step.run(incident, Done())).people
    assert person.email == STRANGER["email"]


async def test_a_table_that_hangs_is_not_waited_for(teams, boards, incident, monkeypatch):
    """Whoever is paged for want of people is paged after it; it is tried again."""
    connections = []

    async def hang(reader, writer):
        connections.append(writer)
        await reader.read()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = Settings.read(
            _env_file=None,
            tables_connection_string=f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
            f"TableEndpoint=http://127.0.0.1:{port}/a;",
        )
        async with open_lookup(settings, None) as lookup:
            monkeypatch.setattr(find_on_call, "_PATIENCE", timedelta(seconds=1))
            with pytest.raises(Transient, match="the table did not answer in 1 s"):
                await FindOnCall(lookup, teams, boards).run(incident, Done())
        for writer in connections:
            writer.close()
    assert connections


def test_the_bound_is_five_seconds(monkeypatch):
    """As long as the announcement waits for people."""
    monkeypatch.undo()
    assert timedelta(seconds=5) == find_on_call._PATIENCE


@pytest.mark.parametrize("hanging", ["graph", "boards"])
async def test_a_directory_that_hangs_is_not_waited_for(  # pytest passes them by name
    table, step, team, sandbox, incident, monkeypatch, hanging
):
    """The launch goes on without the mention, and with whom the roster names."""
    await table.upsert(Row(**STRANGER))
    await step.run(incident, Done())  # all connections stand
    server = {"graph": team.server, "boards": sandbox}[hanging]
    server.faults.add({"system": hanging, "behaviour": "hang", "times": None})
    monkeypatch.setattr(find_on_call, "_PATIENCE", timedelta(seconds=0.3))
    async with asyncio.timeout(LIMIT):
        (person,) = (await step.run(incident, Done())).people
    assert (person.email, person.object_id) == (STRANGER["email"], None)


async def test_the_first_level_of_a_policy_is_called(of_tables, step, incident):
    """In the policy's order, past a level that names nobody; what comes of it is handed on with the people."""
    await write(of_tables, incident, level("5 min", "role:incident-commander"), level("5 min", "person:bruno", PAGER))
    found = await step.run(incident, Done())
    assert [(person.name, person.email, person.object_id) for person in found.people] == [
        (BRUNO.name, BRUNO.email, BRUNO.entra_id),
        (PAGER, "", None),
    ]
    assert (found.note, found.from_default, found.is_held) == ("", False, False)
    skipped, told = found.opening.told
    assert (skipped.is_skipped, told.people) == (True, ("bruno", PAGER))
    assert FindOnCall.result.model_validate_json(found.model_dump_json()) == found


async def test_nobody_is_called_before_the_hours_begin(of_tables, step, incident):
    """That is as it should be, and said."""
    closed = {"hours": {"time_zone": "UTC", "windows": [f"{YESTERDAY} 00:00-00:01"]}}
    await write(of_tables, incident, level("5 min", "person:bruno"), **closed)
    found = await step.run(incident, Done())
    assert (found.people, found.is_held) == ((), True)
    assert found.note.startswith("Held until ")
    assert found.note.endswith(" 00:00 by the hours of policy 'urgent'.")


async def test_a_policy_that_names_nobody_calls_the_last_resort(of_tables, lookup, teams, boards, incident):
    """Its own, else that of the settings, by the way that is given there."""
    await write(of_tables, incident, level("5 min", "role:incident-commander"))
    rules = OpeningRules(read_last_resort("webhook:pager, +49 30 1234567"))
    found = await FindOnCall(lookup, teams, boards, rules).run(incident, Done())
    assert [(person.key, person.paging, person.phone) for person in found.people] == [
        ("webhook:pager", "1-5=webhook:pager", ""),
        ("sms:+4930…67", "1-5=sms", "+49301234567"),
    ]
    assert "No level of policy 'urgent' names anybody" in found.note
    nobody = await FindOnCall(lookup, teams, boards).run(incident, Done())
    assert (nobody.people, nobody.is_held) == ((), False)
    assert "NOBODY IS ON CALL" in nobody.note


async def test_without_a_policy_the_list_is_followed_by_the_last_resort(table, lookup, teams, boards, incident):
    """Whoever is called is level 1 of what comes next."""
    await table.upsert(row(BRUNO))
    rules = OpeningRules(read_last_resort("lea@contoso.example"))
    found = await FindOnCall(lookup, teams, boards, rules).run(incident, Done())
    assert [person.email for person in found.people] == [BRUNO.email]
    state = found.opening.state
    assert found.opening.level_1.people == (BRUNO.email,)
    assert state.due - found.opening.at == 10
    assert [str(target) for target in state.policy.last_resort] == ["chat:lea@contoso.example"]


async def test_a_quick_clock_begins_with_the_receipt(of_tables, lookup, teams, boards, incident):
    """Then it is the schedules of that time that count."""
    await write(of_tables, incident, level("5 min", "person:bruno"))
    found = await FindOnCall(lookup, teams, boards, OpeningRules(minute_seconds=1.0)).run(incident, Done())
    assert found.opening.at == minute_of(incident.received_at)


async def write(of_tables, incident, *levels, **policy):
    """A policy for the incident's service, and people whom it may name."""
    people = {"amara": {"name": AMARA.name, "email": AMARA.email}, "bruno": {"name": BRUNO.name, "email": BRUNO.email}}
    wanted = definitions(
        people=people,
        services={incident.event.service: {"policies": ["urgent"]}},
        policies={"urgent": {"levels": list(levels), **policy}},
    )
    async with open_on_call(of_tables, None) as table, open_schedules(of_tables, None) as schedules:
        await table.create()
        await SchedulesWriter(schedules, "lea").replace(wanted, await schedules.stored())


async def test_the_people_of_a_schedule_come_with_why_and_until(of_tables, step, incident):
    """As anybody of the table they can be mentioned; the checkpoint keeps what put them there."""
    people = {"amara": {"name": AMARA.name, "email": AMARA.email}, "bruno": {"name": BRUNO.name, "email": BRUNO.email}}
    wanted = definitions(people=people, schedules={incident.event.service: week("amara", "bruno", depth=2)})
    async with open_on_call(of_tables, None) as table, open_schedules(of_tables, None) as schedules:
        await table.create()
        await SchedulesWriter(schedules, "lea").replace(wanted, await schedules.stored())
    found = await step.run(incident, Done())
    assert {person.email for person in found.people} == {AMARA.email, BRUNO.email}
    assert all(person.object_id and person.until for person in found.people)
    first, second = found.people
    assert first.why.startswith(f"layer week, {first.name}'s turn since Mon ")
    assert second.why == f"layer week, behind {first.name} (next turn)"
    assert FindOnCall.result.model_validate_json(found.model_dump_json()) == found
