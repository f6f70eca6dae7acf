"""The look-up of the people on call, against Azurite and the stand-in for Graph."""

import uuid

import pytest
from patience import PATIENCE

from handlers.launch import find_on_call
from handlers.launch.find_on_call import FindOnCall
from worker.clients.teams.client import open_teams
from worker.engine.step import Done
from worker.oncall.rows import Row
from worker.oncall.table import open_on_call
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings

AMARA, BRUNO, *_ = DEFAULT_WORLD.people


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture
async def table(azurite):
    settings = Settings.read(
        _env_file=None, tables_connection_string=azurite, tables_oncall=f"oncall{uuid.uuid4().hex}"
    )
    async with open_on_call(settings, None) as client:
        await client.create()
        yield client


@pytest.fixture(autouse=True)
def _mentions_are_worth_waiting_for(monkeypatch):
    """The step's own patience is for a launch; who is found here must not depend on how busy the machine is."""
    monkeypatch.setattr(find_on_call, "_PATIENCE", PATIENCE)


def row(person, **others):
    return Row(**{"name": person.name, "email": person.email, "service": "checkout", "oncall": True, **others})


async def test_the_people_of_the_service_come_with_their_entra_ids(table, teams, incident):
    """Everyone Teams knows by the address can be mentioned."""
    await table.upsert(row(AMARA, role="primary"))
    await table.upsert(row(BRUNO))
    found = await FindOnCall(table, teams).run(incident, Done())
    assert [(person.name, person.object_id) for person in found.people] == [
        (AMARA.name, AMARA.entra_id),
        (BRUNO.name, BRUNO.entra_id),
    ]


async def test_a_person_teams_does_not_know_is_on_call_all_the_same(table, teams, incident):
    """A look-up that fails costs the mention, not the person."""
    await table.upsert(Row(name="Gone", email="gone@contoso.example", service="checkout", oncall=True))
    (person,) = (await FindOnCall(table, teams).run(incident, Done())).people
    assert (person.name, person.object_id) == ("Gone", None)


async def test_an_entra_id_in_the_table_is_not_looked_up(table, teams, team, incident):
    """The table's own word stands, without a request."""
    await table.upsert(row(AMARA, object_id="e-of-the-table"))
    (person,) = (await FindOnCall(table, teams).run(incident, Done())).people
    assert person.object_id == "e-of-the-table"
    assert team.server.requests.listing() == []


async def test_nobody_on_call_is_a_result(table, teams, incident):
    """An empty table is an answer with a loud note, not a failure."""
    found = await FindOnCall(table, teams).run(incident, Done())
    assert found.people == ()
    assert "NOBODY IS ON CALL" in found.note
