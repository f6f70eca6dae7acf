"""The on-call table on the real SDK, against Azurite."""

import uuid
from contextlib import asynccontextmanager

import pytest
from azure.data.tables.aio import TableClient

from worker.domain.errors import Misconfigured, Unreachable
from worker.oncall.rows import Row, read_row
from worker.oncall.table import open_on_call
from worker.settings import Settings

SIMPLEST = {"name": "Ada", "email": "ada@contoso.example", "service": "checkout", "oncall": True}


@pytest.fixture
def of_a_table(azurite):
    """Settings for an on-call table of this test's own."""
    name = f"oncall{uuid.uuid4().hex}"
    return Settings.read(_env_file=None, tables_connection_string=azurite, tables_oncall=name)


@pytest.fixture
async def bare(of_a_table):
    """The table itself, made and filled without the client under test."""
    connection = of_a_table.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, of_a_table.tables_oncall) as table:
        await table.create_table()
        yield table


@pytest.fixture
def holding(bare, of_a_table):
    """Fills the table with rows under keys that mean nothing, and opens it."""

    @asynccontextmanager
    async def filled(*rows):
        for number, row in enumerate(rows):
            await bare.create_entity({"PartitionKey": f"p{number % 3}", "RowKey": str(number), **row})
        async with open_on_call(of_a_table, None) as table:
            yield table

    return filled


async def test_the_simplest_row_is_enough(holding):
    """Name, email, service and oncall find a person."""
    async with holding(SIMPLEST) as table:
        found = (await table.roster()).on_call("checkout")
    assert [(person.name, person.email) for person in found.people] == [("Ada", "ada@contoso.example")]
    assert (found.service, found.from_default, found.note) == ("checkout", False, "")


async def test_all_that_is_beside_it_is_kept(holding):
    """Role, order, how the person is reached and the identities of other systems come along."""
    beside = {"role": "primary", "order": 2, "object_id": "e-1", "boards_identity": "ada@boards.example"}
    beside |= {"phone": "0049 30 1234567", "paging": "Mention + SMS"}
    async with holding({**SIMPLEST, **beside}) as table:
        (person,) = (await table.roster()).on_call("checkout").people
    assert person.model_dump(include=set(beside)) == beside


@pytest.mark.parametrize(
    ("written", "on_call"),
    [(True, True), ("true", True), ("Yes", True), (1, True), ("on", True), (False, False), ("no", False), (0, False)],
)
async def test_on_call_is_read_as_people_write_it(holding, written, on_call):
    """A true boolean, or its words and numbers in text."""
    async with holding({**SIMPLEST, "oncall": written}) as table:
        assert bool((await table.roster()).on_call("checkout").people) is on_call


async def test_a_service_is_found_whatever_its_case(holding):
    """Services are compared without regard to case, on both sides."""
    async with holding({**SIMPLEST, "service": "CheckOut"}) as table:
        assert (await table.roster()).on_call("cHECKoUT").people


async def test_a_hostile_service_finds_nobody_elses_people(holding):
    """A service that looks like a filter is only a name."""
    async with holding(SIMPLEST) as table:
        assert (await table.roster()).on_call("x' or PartitionKey ne '").people == ()


async def test_without_own_people_the_default_ones_are_called(holding):
    """A service without anybody is answered by the people of `default`, and the note says so."""
    default = {**SIMPLEST, "name": "Bo", "email": "bo@contoso.example", "service": "Default"}
    off = {**SIMPLEST, "oncall": False}
    async with holding(default, off) as table:
        found = (await table.roster()).on_call("checkout")
    assert [person.name for person in found.people] == ["Bo"]
    assert found.from_default
    assert "'checkout'" in found.note


async def test_an_incident_without_a_service_calls_the_default_people(holding):
    """No service means the people of `default`."""
    async with holding({**SIMPLEST, "service": "default"}) as table:
        assert [person.name for person in (await table.roster()).on_call("").people] == ["Ada"]


async def test_nobody_on_call_is_loud(holding):
    """Nobody is an answer, with a note that nobody overlooks."""
    async with holding({**SIMPLEST, "oncall": "no"}) as table:
        found = (await table.roster()).on_call("checkout")
    assert found.people == ()
    assert found.note.startswith("NOBODY IS ON CALL")


async def test_a_phone_and_ways_that_nobody_can_read_hide_nobody(holding):
    """The person is called all the same, with what was typed there."""
    unclear = {"phone": "ask the desk", "paging": "shout"}
    async with holding({**SIMPLEST, **unclear}) as table:
        roster = await table.roster()
    (person,) = roster.on_call("checkout").people
    assert (person.phone, person.paging, roster.unreadable) == ("ask the desk", "shout", ())


async def test_people_come_in_the_order_they_are_called(holding):
    """Primary first, then by order, then by name; an address once, whatever its case."""
    rows = (
        {**SIMPLEST, "name": "Dan", "email": "d@contoso.example", "order": 2},
        {**SIMPLEST, "name": "Cy", "email": "c@contoso.example", "order": "2"},
        {**SIMPLEST, "name": "Bea", "email": "b@contoso.example", "order": "first"},
        {**SIMPLEST, "name": "Eve", "email": "e@contoso.example", "role": "Primary", "order": 9},
        {**SIMPLEST, "name": "Eve again", "email": "E@contoso.example", "order": 1},
    )
    async with holding(*rows) as table:
        people = (await table.roster()).on_call("checkout").people
    assert [person.name for person in people] == ["Eve", "Cy", "Dan", "Bea"]


async def test_a_person_without_a_name_is_called_by_the_address(holding):
    """An address is enough to wake somebody."""
    row = {name: value for name, value in SIMPLEST.items() if name != "name"}
    async with holding(row) as table:
        (person,) = (await table.roster()).on_call("checkout").people
    assert person.name == person.email


async def test_columns_may_be_spelt_as_people_spell_them(holding):
    """Case, underscores and hyphens in the names of columns do not matter."""
    row = {"Name": "Ada", "E_Mail": "ada@contoso.example", "SERVICE": "checkout", "On_Call": "1", "ObjectId": "e-1"}
    async with holding(row) as table:
        (person,) = (await table.roster()).on_call("checkout").people
    assert person.object_id == "e-1"


async def test_every_page_is_read(bare, of_a_table):
    """A table of more rows than one page holds is read to its end."""
    rows = [
        {"PartitionKey": "p", "RowKey": f"{n:05}", **SIMPLEST, "email": f"a{n}@contoso.example"} for n in range(1_100)
    ]
    for start in range(0, len(rows), 100):
        await bare.submit_transaction([("create", row) for row in rows[start : start + 100]])
    async with open_on_call(of_a_table, None) as table:
        assert len((await table.roster()).on_call("checkout").people) == 1_100


async def test_a_row_is_written_and_read_back(holding):
    """What an import writes is what a look finds."""
    row = read_row({**SIMPLEST, "role": "primary", "order": "3"})
    async with holding() as table:
        await table.upsert(row)
        (found,) = await table.rows()
    assert found.model_copy(update={"keys": None}) == row
    assert found.keys == ("checkout", "ada@contoso.example")


async def test_a_written_row_leaves_other_columns_alone(holding, bare):
    """Columns that Tocsin does not know stay as they are, under the keys the row has."""
    async with holding({**SIMPLEST, "desk": "2.41"}) as table:
        (row,) = await table.rows()
        await table.upsert(row.model_copy(update={"oncall": False}))
        assert len(await table.rows()) == 1
    entity = await bare.get_entity("p0", "0")
    assert (entity["desk"], entity["oncall"]) == ("2.41", False)


async def test_a_row_is_taken_out_by_its_keys(holding, bare):
    """That one and no other, whether it can be read or not; twice is no fault."""
    async with holding(SIMPLEST, {**SIMPLEST, "email": "?"}, {**SIMPLEST, "service": "mail"}) as table:
        roster = await table.roster()
        for keys in (roster.rows[0].keys, roster.unreadable[0].keys, roster.unreadable[0].keys):
            await table.delete(keys)
    assert [row["service"] async for row in bare.list_entities()] == ["mail"]


@pytest.mark.parametrize(
    "email",
    [
        "s.o'neil@contoso.example",
        "lena_fabrikam.example#EXT#@contoso.onmicrosoft.example",
        "!#$%&'*+/=?^_`{|}~-@contoso.example",
        "\u7528\u6237@\u4f8b\u5b50.example",
    ],
)
async def test_a_row_of_every_address_is_written_and_read_and_taken_out(holding, email):
    """Whatever keys of tables and filters make of its characters."""
    row = Row(name="Ada", email=email, service="checkout", oncall=True)
    async with holding() as table:
        await table.upsert(row)
        await table.upsert(row)
        [person] = (await table.roster()).on_call("checkout").people
        [stored] = await table.rows()
        await table.delete(stored.keys)
        assert person.email == email
        assert await table.rows() == ()


async def test_a_row_with_characters_that_keys_may_not_hold_is_written(holding):
    """A service with a slash in its name is stored all the same."""
    async with holding() as table:
        await table.upsert(Row(name="Ada", email="ada@contoso.example", service="eu/pay#1?", oncall=True))
        assert (await table.roster()).on_call("EU/pay#1?").people


async def test_a_missing_table_is_a_wrong_setting(of_a_table):
    """A table that is not there is told with the way to make it, and can be made, twice."""
    async with open_on_call(of_a_table, None) as table:
        with pytest.raises(Misconfigured, match="roster import"):
            await table.roster()
        await table.create()
        await table.create()
        assert (await table.roster()).on_call("checkout").people == ()


async def test_a_store_that_nobody_answers_for_is_unreachable():
    """No connection is a passing failure, soon told."""
    connection = (
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;"
        "TableEndpoint=http://127.0.0.1:9/devstoreaccount1;"
    )
    settings = Settings.read(_env_file=None, tables_connection_string=connection, call_timeout_seconds=1)
    async with open_on_call(settings, None) as table:
        with pytest.raises(Unreachable, match="on-call table"):
            await table.roster()


async def test_a_wrong_connection_string_is_told_without_its_key():
    """A connection string that makes no sense is a wrong setting, and its key stays secret."""
    settings = Settings.read(_env_file=None, tables_connection_string="AccountKey=c2VjcmV0")
    with pytest.raises(Misconfigured) as caught:
        async with open_on_call(settings, None):
            pass
    assert "c2VjcmV0" not in str(caught.value)


async def test_an_address_of_the_tables_is_needed():
    """Without a connection string or an endpoint both settings are named."""
    with pytest.raises(Misconfigured, match="TOCSIN_TABLES_ENDPOINT"):
        async with open_on_call(Settings.read(_env_file=None), None):
            pass
