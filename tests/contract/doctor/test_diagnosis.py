"""The doctor against all stand-ins: each thing that can be wrong is found, told with its mending, and left as it is."""

import asyncio
import json
import socket
import uuid
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from azure.core.exceptions import ResourceExistsError
from azure.data.tables import AccountSasPermissions, ResourceTypes, UpdateMode, generate_account_sas
from azure.data.tables.aio import TableClient, TableServiceClient
from kept_logging import kept_logging
from msgraph.generated.models.channel import Channel
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.user import User
from patience import LIMIT, PATIENCE
from pydantic import SecretStr
from typer.testing import CliRunner

from worker.cli.commands.doctor import doctor
from worker.doctor.checks import CHECKS
from worker.doctor.checks.credentials import signature_end
from worker.doctor.checks.tables import clock
from worker.doctor.checks.teams import _room
from worker.doctor.diagnosis import diagnose
from worker.doctor.finding import Verdict
from worker.domain.settlement import DeadLetter
from worker.messaging.connection import open_queue
from worker.oncall.rows import read_row
from worker.oncall.table import open_on_call
from worker.sandbox.boards import Boards
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.sandbox.teams import Teams
from worker.sandbox.teams.bot import Bot
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings
from worker.storage.stores import open_stores

# Of a check that is to come to its end, on whatever machine.
UNHURRIED = timedelta(hours=1)
KNOWN = [row for row in DEFAULT_WORLD.on_call if row["name"] in {"Amara Okafor", "Bruno Costa", "Chiyo Tanaka"}]


# The first of them imports the Graph SDK, which takes a busy machine minutes.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", autouse=True)
def _graph_is_imported():
    """Its twelve hundred modules, which would else hold up all checks that go on meanwhile."""
    for model in (Channel, ChatMessage, User):
        model().get_field_deserializers()


@dataclass
class House:
    """Every system a launch needs, and settings that point at them."""

    server: SandboxServer
    queue: ServiceBusServer
    boards: Boards
    teams: Teams
    bot: Bot
    settings: Settings

    async def on_call(self, *rows: dict[str, Any]) -> None:
        """These rows as people typed them, read or not."""
        connection = self.settings.tables_connection_string.get_secret_value()
        async with TableClient.from_connection_string(connection, self.settings.tables_oncall) as table:
            for number, row in enumerate(rows):
                await table.upsert_entity({"PartitionKey": "typed", "RowKey": str(number), **row})

    async def schedule(self, person: str, **columns: str) -> None:
        """One of the name `search`, in which that person alone has every turn."""
        connection = self.settings.tables_connection_string.get_secret_value()
        rows = {
            "schedule": {"time_zone": "UTC"},
            "layer:week": {"starts": "2020-01-01", "every": "1 week", **columns},
            "people:week:0000": {"people": person},
        }
        async with TableClient.from_connection_string(connection, self.settings.tables_schedules) as table:
            with suppress(ResourceExistsError):
                await table.create_table()
            for key, row in rows.items():
                entity = {"PartitionKey": "schedule:search", "RowKey": key, **row}
                await table.upsert_entity(entity, mode=UpdateMode.REPLACE)

    def fault(self, system: str, status: int, **where: Any) -> None:
        self.server.faults.add({"system": system, "behaviour": "status", "status": status, **where})

    async def found(self, area: str, **changed: Any) -> list[Any]:
        settings = self.settings.model_copy(update=changed)
        return [result async for result in CHECKS[area](settings)]

    async def wrong(self, area: str, **changed: Any) -> Any:
        """The one thing that is wrong there, whose mending is told."""
        [result] = [each for each in await self.found(area, **changed) if each.verdict is Verdict.WRONG]
        assert result.area == area
        assert result.why
        assert result.remedy
        return result

    async def note(self, area: str, about: str, **changed: Any) -> Any:
        found = await self.found(area, **changed)
        [result] = [each for each in found if each.verdict is Verdict.NOTE and about in each.what]
        assert result.why
        assert result.remedy
        return result

    async def everything(self) -> Any:
        """What stands in any of the systems, as it can be compared."""
        rows = []
        connection = self.settings.tables_connection_string.get_secret_value()
        for name in (self.settings.tables_incidents, self.settings.tables_oncall):
            async with TableClient.from_connection_string(connection, name) as table:
                rows += [(name, dict(row), row.metadata["etag"]) async for row in table.list_entities()]
        paths = ("incidents", "incidents/$deadletterqueue")
        messages = [self.queue.broker.peek(path, 0, 999) for path in paths]
        states = [json.dumps(each.state(), default=str) for each in (self.boards, self.teams, self.bot)]
        return (
            rows,
            [[(m.sequence_number, m.delivery_count, m.locked_until) for m in each] for each in messages],
            states,
        )


@pytest.fixture
async def house(settings):
    boards, teams = Boards(DEFAULT_WORLD), Teams(DEFAULT_WORLD)
    bot = Bot(DEFAULT_WORLD, teams)
    async with AsyncExitStack() as stack:
        server = await SandboxServer.start([boards, teams, bot])
        stack.push_async_callback(server.close)
        queue = await ServiceBusServer.start([QueueSettings("incidents")])
        stack.push_async_callback(queue.close)
        there = {
            "servicebus_connection_string": SecretStr(queue.connection_string),
            "tables_oncall": f"o{uuid.uuid4().hex}",
            "tables_schedules": f"s{uuid.uuid4().hex}",
            "boards_url": f"{server.url}/boards",
            "boards_project": DEFAULT_WORLD.project,
            "graph_url": f"{server.url}/graph/v1.0",
            "teams_team_id": DEFAULT_WORLD.team_id,
            "bot_service_url": f"{server.url}/bot",
            "bot_app_id": DEFAULT_WORLD.bot_app_id,
            "tenant_id": DEFAULT_WORLD.tenant_id,
            "credential": "anonymous",
            "call_timeout_seconds": PATIENCE,
        }
        chosen = settings.model_copy(update=there)
        store = await stack.enter_async_context(open_stores(chosen, owner="test"))
        await store.table.prepare()
        on_call = await stack.enter_async_context(open_on_call(chosen, None))
        await on_call.create()
        for row in (*KNOWN, {**KNOWN[0], "service": "default"}):
            await on_call.upsert(read_row(row))
        yield House(server, queue, boards, teams, bot, chosen)


@pytest.fixture
def nowhere():
    """An address at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{unused.getsockname()[1]}"


def after(connection, **parts):
    """The connection string with these parts in place of its own."""
    given = dict(part.split("=", 1) for part in connection.get_secret_value().strip(";").split(";"))
    return SecretStr(";".join(f"{name}={value}" for name, value in (given | parts).items()))


async def test_all_is_well_where_all_is_well_and_nothing_is_changed(house):
    """Every check of what is set has something good to say, nothing is wrong, and all systems stand as before."""
    before = await house.everything()
    diagnosis = await diagnose(house.settings, longest=UNHURRIED)
    assert diagnosis.well, [each for each in diagnosis.results if each.verdict is Verdict.WRONG]
    good = {result.area for result in diagnosis.results if result.verdict is Verdict.WELL}
    assert good == set(CHECKS) - {"credentials", "formats", "sms", "pagers", "retention"}
    assert await house.everything() == before


async def test_a_diagnosis_has_a_shape_that_programs_rely_on(house):
    """The names of `doctor --json` stay."""
    diagnosis = await diagnose(house.settings.model_copy(update={"boards_url": None}), longest=UNHURRIED)
    told = diagnosis.model_dump(mode="json")
    assert set(told) == {"well", "results"}
    assert told["well"] is False
    assert {frozenset(result) for result in told["results"]} == {
        frozenset(("area", "verdict", "what", "why", "remedy", "about", "kind", "thing"))
    }
    assert {result["verdict"] for result in told["results"]} == {"well", "note", "wrong"}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("TOCSIN_SERVICEBUS_CONNECTION_STRING or TOCSIN_SERVICEBUS_NAMESPACE", "servicebus_connection_string"),
        ("TOCSIN_TABLES_CONNECTION_STRING or TOCSIN_TABLES_ENDPOINT", "tables_connection_string"),
        ("TOCSIN_BOARDS_URL", "boards_url"),
        ("TOCSIN_TEAMS_TEAM_ID", "teams_team_id"),
        ("TOCSIN_BOT_SERVICE_URL", "bot_service_url"),
        ("TOCSIN_BOT_APP_ID", "bot_app_id"),
    ],
)
async def test_a_setting_that_is_missing_is_named_and_the_rest_is_examined(house, name, missing):
    """One missing setting is one result; what needs it is left out, and all else is still looked at."""
    assert name in (await house.wrong("settings", **{missing: None})).what
    for area in set(CHECKS) - {"settings", "queue"}:
        assert not [each for each in await house.found(area, **{missing: None}) if each.verdict is Verdict.WRONG]


async def test_a_mistyped_setting_is_noticed(house, monkeypatch):
    """A variable of ours that means nothing is told, with the one that was probably meant; who types is none."""
    monkeypatch.setenv("TOCSIN_BOARDS_PROJET", "Incidents")
    monkeypatch.setenv("TOCSIN_ME", "ada")
    assert not [each for each in await house.found("settings") if "TOCSIN_ME" in each.what]
    assert "TOCSIN_BOARDS_PROJECT" in (await house.note("settings", "TOCSIN_BOARDS_PROJET")).remedy


async def test_half_of_a_link_is_none(house):
    """Where one of its two settings is missing, the other has no effect, and that is told."""
    assert "link" in (await house.note("settings", "TOCSIN_LINK_SECRET", intake_url="https://tocsin.example")).what
    await house.note("settings", "TOCSIN_INTAKE_URL", link_secret=SecretStr("a secret of the links"))


async def test_a_queue_that_refuses_the_key(house):
    """Whoever may neither send nor receive is told both grants."""
    wrong = after(house.settings.servicebus_connection_string, SharedAccessKey="bm90IHRoZSBrZXk=")
    found = await house.found("queue", servicebus_connection_string=wrong)
    assert [each.verdict for each in found] == [Verdict.WRONG] * 2
    assert "Data Sender" in found[0].remedy
    assert "Data Receiver" in found[1].remedy


async def test_a_queue_that_is_not_there(house):
    """The command that creates it is told."""
    found = await house.found("queue", servicebus_queue="incident")
    assert {each.verdict for each in found} == {Verdict.WRONG}
    assert "az servicebus queue create --name incident " in found[0].remedy


async def test_dead_letters_are_pointed_at(house):
    """What waits for a person is counted, without a lock on it."""
    async with open_queue(house.settings) as queue:
        await queue.sender.send(_message("{}"))
        slot = queue.receiver("test")
        await slot.settle(await slot.receive(), DeadLetter("Rejected:announce", "No."))
        await slot.close()
    before = await house.everything()
    assert (await house.note("queue", "1 dead letter waits")).remedy == "tocsin dead-letters groups"
    assert await house.everything() == before


def _message(body):
    from azure.servicebus import ServiceBusMessage  # noqa: PLC0415 (only here)

    return ServiceBusMessage(body)


async def test_a_table_that_is_not_there(house):
    """Who creates it is told."""
    assert "Start a worker" in (await house.wrong("tables", tables_incidents="missing")).remedy


async def test_a_table_store_that_refuses_the_key(house):
    """A wrong key is a role or a key to remedy."""
    wrong = after(house.settings.tables_connection_string, AccountKey="bm90IHRoZSBrZXk=")
    assert "Storage Table Data Contributor" in (await house.wrong("tables", tables_connection_string=wrong)).remedy
    assert "Storage Table Data Reader" in (await house.wrong("on-call", tables_connection_string=wrong)).remedy


async def test_a_table_that_may_only_be_read(house):
    """The right to write is tried without writing."""
    given = dict(
        part.split("=", 1) for part in house.settings.tables_connection_string.get_secret_value().strip(";").split(";")
    )
    signature = generate_account_sas(
        _key(given),
        resource_types=ResourceTypes.from_string("sco"),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(days=1),
    )
    reading = SecretStr(f"TableEndpoint={given['TableEndpoint']};SharedAccessSignature={signature}")
    result = await house.wrong("tables", tables_connection_string=reading)
    assert "Tried to write to the table of incidents; the table store answered 403" in result.what
    ends = await house.note("credentials", "TOCSIN_TABLES_CONNECTION_STRING", tables_connection_string=reading)
    assert "ends on" in ends.what


def _key(given):
    from azure.core.credentials import AzureNamedKeyCredential  # noqa: PLC0415 (only here)

    return AzureNamedKeyCredential(given["AccountName"], given["AccountKey"])


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(0, Verdict.WELL), (-4, Verdict.WELL), (40, Verdict.NOTE), (-400, Verdict.WRONG)]
)
def test_a_clock_that_is_wrong(seconds, verdict):
    """Seconds are nothing, more is worth knowing, and from five minutes on Azure refuses us."""
    result = clock(timedelta(seconds=seconds))
    assert result.verdict is verdict
    assert ("behind" in result.what, "ahead of" in result.what) == (seconds > 5, seconds < -5)


async def test_an_on_call_table_that_is_not_there(house):
    """The command that creates it is told."""
    assert "tocsin roster import" in (await house.wrong("on-call", tables_oncall="missing")).remedy


async def test_a_row_that_cannot_be_read(house):
    """Its keys and its fault are told."""
    await house.on_call({"name": "X", "email": "x@contoso.example", "service": "mail", "oncall": "maybe"})
    assert "typed/0" in (await house.wrong("on-call")).what


async def test_what_is_wrong_with_schedules(house):
    """Beside the rows of the simple table, which answer where schedules do not."""
    await house.schedule("ada@contoso.example", ends="2020-02-01")
    result = await house.note("on-call", "search names nobody")
    assert (result.kind, result.thing) == ("gap", "schedule:search")
    assert "layer week has ended" in result.what
    await house.schedule("zoe")
    assert (await house.wrong("on-call")).kind == "unknown-person"


@pytest.mark.parametrize(("area", "person"), [("boards", "dario@contoso.example"), ("teams", "gone@contoso.example")])
async def test_somebody_whom_a_schedule_calls_next_and_who_is_not_known(house, area, person):
    """Whoever is on call within a fortnight is asked for in Boards and in the directory."""
    await house.schedule(person)
    assert person in (await house.wrong(area)).what


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "Renew TOCSIN_BOARDS_PAT"), (403, "Edit work items"), (500, "may reach it")]
)
async def test_boards_that_refuse_us(house, status, remedy):
    """Without a usable sign-in or right, one result says so, and nobody's assignability is guessed at."""
    house.fault("boards", status, times=20)
    assert remedy in (await house.wrong("boards")).remedy


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"boards_project": "Nowhere"}, "TOCSIN_BOARDS_PROJECT"),
        ({"boards_work_item_type": "Nothing"}, "TOCSIN_BOARDS_WORK_ITEM_TYPE"),
        ({"boards_key_field": "Custom.Missing"}, "Custom.Missing"),
        ({"boards_resolved_state": "Finished"}, "'Finished'"),
    ],
)
async def test_boards_that_are_not_as_the_settings_say(house, changed, told):
    """Project, type, fields and states are asked for by name."""
    assert told in (await house.wrong("boards", **changed)).what


async def test_somebody_whom_boards_do_not_know(house):
    """Each person on call is tried, and whoever cannot be given a work item is named."""
    await house.on_call({"name": "Dario", "email": "dario@contoso.example", "service": "mail", "oncall": True})
    result = await house.wrong("boards")
    assert "dario@contoso.example" in result.what
    assert "boards_identity" in result.remedy


async def test_a_team_that_cannot_be_seen(house):
    """A wrong id and a missing grant are two things to remedy."""
    assert "TOCSIN_TEAMS_TEAM_ID" in (await house.wrong("teams", teams_team_id=str(uuid.uuid4()))).remedy
    house.fault("graph", 403, method="GET", path="/channels")
    assert "ChannelSettings.Read.Group" in (await house.wrong("teams")).remedy


@pytest.mark.parametrize(
    ("where", "grant"),
    [
        ({"method": "POST", "path": "/channels$"}, "Channel.Create.Group"),
        ({"method": "GET", "path": "/messages"}, "ChannelMessage.Read.Group"),
    ],
)
async def test_a_right_in_the_team_that_is_missing(house, where, grant):
    """What a launch will do there is tried so that nothing comes of it, and the grant is named."""
    house.fault("graph", 403, **where)
    assert grant in (await house.wrong("teams")).remedy


@pytest.mark.parametrize("grant", ["ChannelSettings.ReadWrite.All", "TeamMember.ReadWrite.All"])
async def test_a_right_that_a_launch_can_do_without_is_worth_knowing(house, grant):
    """It is no fault, is tried so that nothing comes of it, and said by name; with both all is well."""
    before = await house.everything()
    assert not [each for each in await house.found("teams") if each.verdict is Verdict.NOTE]
    assert await house.everything() == before
    house.teams.grants.change({grant: False})
    note = await house.note("teams", grant)
    assert grant in note.remedy
    assert "Optional" in note.why


async def test_people_who_cannot_be_mentioned(house):
    """Somebody unknown to the directory is wrong; a directory that may not be read is worth knowing."""
    house.fault("graph", 403, path="/users/", times=20)
    assert "User.ReadBasic.All" in (await house.note("teams", "Nobody can be looked up")).remedy
    house.server.faults.clear()
    await house.on_call({"name": "Gone", "email": "gone@contoso.example", "service": "mail", "oncall": True})
    assert "gone@contoso.example" in (await house.wrong("teams")).what


@pytest.mark.parametrize(("used", "verdict"), [(799, Verdict.WELL), (800, Verdict.NOTE), (1000, Verdict.WRONG)])
def test_a_team_that_fills_up(used, verdict):
    """There is a warning before the last channel is made."""
    assert _room(used).verdict is verdict


async def test_whoever_has_another_name_in_boards_is_asked_for_by_it(house):
    """The column boards_identity is what a work item is given to, whatever the address."""
    amara = DEFAULT_WORLD.people[0].email
    row = {"name": "Gone", "email": "gone@contoso.example", "service": "mail", "oncall": True, "boards_identity": amara}
    await house.on_call(row)
    assert [each for each in await house.found("boards") if each.verdict is Verdict.WRONG] == []
    await house.on_call({**row, "email": amara, "boards_identity": "gone@contoso.example"})
    assert "'gone@contoso.example'" in (await house.wrong("boards")).what


async def test_a_bot_that_is_not_installed(house):
    """The route is tried as far as it goes without posting, and where to install the bot is told."""
    house.bot.installed = False
    assert "Manage team, Apps" in (await house.wrong("posting")).remedy


async def test_a_bot_whose_sign_in_is_refused(house):
    """A wrong secret shows before the first announcement."""
    house.fault("bot", 401)
    assert "secret" in (await house.wrong("posting")).what


async def test_nobody_who_posts(house, tmp_path):
    """Without a person's sign-in the delegated route cannot post; the command for it is told."""
    cache = str(tmp_path / "sign-in")
    changed = {"posting": "delegated", "credential": "default", "delegated_token_cache": cache}
    assert (await house.wrong("posting", **changed)).remedy == "tocsin sign-in"


async def test_somebody_who_posts(house):
    """The delegated route is let in where the person is in the team."""
    found = await house.found("posting", posting="delegated")
    assert [each.verdict for each in found] == [Verdict.WELL] * 3
    house.fault("graph", 403, method="GET", path="/messages")
    assert "Add the account to the team" in (await house.wrong("posting", posting="delegated")).remedy


async def test_a_token_whose_end_nobody_tells(house):
    """A personal access token does not say when it ends, and where that is seen is told."""
    assert "calendar" in (await house.note("credentials", "TOCSIN_BOARDS_PAT", boards_pat=SecretStr("x"))).remedy


@pytest.mark.parametrize(
    ("connection", "end"),
    [
        ("TableEndpoint=https://x;SharedAccessSignature=sv=2020&se=2026-03-02T09%3A05%3A00Z&sig=s", (2026, 3, 2)),
        ("Endpoint=sb://x/;SharedAccessSignature=SharedAccessSignature sr=y&se=1772442300&sig=z", (2026, 3, 2)),
        ("Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=b", None),
        ("TableEndpoint=https://x;SharedAccessSignature=se=soon", None),
    ],
)
def test_the_end_of_a_signature_is_read(connection, end):
    """In either of the two forms; a key has none, and what cannot be read is not guessed at."""
    found = signature_end(connection)
    assert (found and (found.year, found.month, found.day)) == end


async def test_what_does_not_answer(house, nowhere):
    """Boards, Teams, the bot and the tables at an address where nobody is are told to be checked."""
    assert "TOCSIN_BOARDS_URL" in (await house.wrong("boards", boards_url=f"http://{nowhere}")).remedy
    assert "TOCSIN_GRAPH_URL" in (await house.wrong("teams", graph_url=f"http://{nowhere}")).remedy
    assert "TOCSIN_BOT_SERVICE_URL" in (await house.wrong("posting", bot_service_url=f"http://{nowhere}")).remedy
    endpoint = f"http://{nowhere}/devstoreaccount1"
    silent = after(house.settings.tables_connection_string, TableEndpoint=endpoint)
    assert "may reach the account" in (await house.wrong("tables", tables_connection_string=silent)).remedy


@pytest.fixture
def checked(monkeypatch):
    """The areas whose check has come to its end."""
    ended = set()

    def noted(area, check):
        async def examining(settings):
            async for result in check(settings):
                yield result
            ended.add(area)

        return examining

    for area, check in CHECKS.items():
        monkeypatch.setitem(CHECKS, area, noted(area, check))
    return ended


async def test_what_hangs_is_a_finding_too(house, checked, loop_clock):
    """Somebody is waiting: a check without an end is ended, and the others are told."""
    house.server.faults.add({"system": "boards", "behaviour": "hang", "times": 20})
    diagnosing = asyncio.create_task(diagnose(house.settings, longest=PATIENCE))
    async with asyncio.timeout(LIMIT):
        while checked != set(CHECKS) - {"boards"}:
            await asyncio.sleep(0.05)
    loop_clock.move(PATIENCE)
    wrong = [result for result in (await diagnosing).results if result.verdict is Verdict.WRONG]
    assert [(result.area, result.what) for result in wrong] == [("boards", "No end of the check within 60 s.")]


@pytest.fixture
def run(house, tmp_path, monkeypatch):
    """Runs the command in a thread, since it brings its own event loop."""
    monkeypatch.chdir(tmp_path)
    given = {name: getattr(house.settings, name) for name in house.settings.model_fields_set}
    environment = {f"TOCSIN_{name.upper()}": _spelled(value) for name, value in given.items()}
    app = typer.Typer()
    app.command()(doctor)

    async def invoked(*arguments, **others):
        given = environment | {"COLUMNS": "80"} | others
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=given)

    with kept_logging():
        yield invoked


def _spelled(value):
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)


async def test_what_a_sandbox_has_planted_is_said_to_be_its_own(house, run):
    """All of it is shown, and counts as nothing to remedy: exit code 0 where nothing else is wrong."""
    await house.on_call(*DEFAULT_WORLD.on_call)
    settings = house.settings.model_copy(update={"sandbox_planted": DEFAULT_WORLD.planted})
    diagnosis = await diagnose(settings, longest=UNHURRIED)
    planted = [result for result in diagnosis.results if result.verdict is Verdict.PLANTED]
    assert diagnosis.well
    assert {result.about for result in planted} <= set(DEFAULT_WORLD.planted)
    assert [result.area for result in planted].count("boards") == 2
    assert {result.remedy.partition(",")[0] for result in planted} == {
        "Nothing: the sandbox has this person on call on purpose"
    }
    told = await run(TOCSIN_SANDBOX_PLANTED=",".join(DEFAULT_WORLD.planted))
    assert told.exit_code == 0
    assert "~ boards" in told.stdout
    ending = " ".join(told.stdout.split())
    assert ending.endswith("A launch would succeed. Of the sandbox's own, planted on purpose (~): 3 things.")


async def test_nothing_of_a_real_system_passes_for_planted(house):
    """A setting that was left behind hides nobody where people sign in, nor anybody whom it does not name."""
    await house.on_call({"name": "Dario", "email": "dario@contoso.example", "service": "mail", "oncall": True})
    for changed in ({"credential": "default"}, {"sandbox_planted": ("somebody@contoso.example",)}):
        given = {"sandbox_planted": ("dario@contoso.example",), **changed}
        diagnosis = await diagnose(house.settings.model_copy(update=given), longest=UNHURRIED)
        assert not [result for result in diagnosis.results if result.verdict is Verdict.PLANTED]


async def test_a_person_reads_it_in_eighty_columns(house, run):
    """Exit code 1 with what is wrong, why it matters and what remedies it; 0 when that is done."""
    house.bot.installed = False
    told = await run()
    assert told.exit_code == 1
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert "✗ posting" in told.stdout
    assert "To remedy it: Install the bot's app" in " ".join(told.stdout.split())
    assert "1 thing to remedy." in told.stdout
    house.bot.installed = True
    mended = await run("--json")
    assert (mended.exit_code, json.loads(mended.stdout)["well"]) == (0, True)


SHOP = {"teams": DEFAULT_WORLD.other_team_id, "project": "Storefront", "area_path": "Storefront/Web"}


async def catalogue(house, **columns):
    """One service of the catalogue, and the settings by which it is read."""
    connection = house.settings.tables_connection_string.get_secret_value()
    name = f"s{uuid.uuid4().hex}"
    async with TableServiceClient.from_connection_string(connection) as tables:
        table = await tables.create_table(name)
        await table.upsert_entity({"PartitionKey": "service:shop", "RowKey": "service", **columns})
        await table.close()
    return {"tables_schedules": name}


async def test_each_place_of_the_catalogue_is_tried(house):
    """Its team and its project take what a launch makes there, and nothing is made."""
    before = await house.everything()
    found = await house.found("catalogue", **await catalogue(house, **SHOP))
    assert {result.verdict for result in found} == {Verdict.WELL}
    team, states, place = sorted(result.what for result in found)
    assert place == r"shop: a work item can be created in Storefront, Storefront\Web."
    assert team == f"shop: 1 of 1,000 channels of team {DEFAULT_WORLD.other_team_id} are used."
    assert states.startswith("shop: A work item of type 'Issue' is To Do (open)")
    assert await house.everything() == before


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"teams": "d0000000-0000-4000-8000-00000000000f"}, "No such team"),
        ({"project": "Nowhere", "area_path": ""}, "Nowhere"),
        ({"work_item_type": "Bugg"}, "Bugg"),
        ({"area_path": "Elsewhere"}, "System.AreaPath"),
    ],
)
async def test_what_is_wrong_of_a_place_is_told_with_its_service(house, columns, named):
    """Before the night on which half of it is left out."""
    result = await house.wrong("catalogue", **await catalogue(house, **SHOP | columns))
    assert result.what.startswith("shop: ")
    assert named in result.what


async def test_a_state_that_a_type_of_the_catalogue_lacks_is_told(house):
    """Its items are given another, which is worth knowing before one looks for them."""
    wished = {"boards_states": (("acknowledged", "Elsewhere"),)}
    note = await house.note("catalogue", "'Elsewhere'", **await catalogue(house, **SHOP), **wished)
    assert note.what.startswith("shop: The type 'Issue' in 'Storefront' has no state 'Elsewhere'")
    assert "'Doing'" in note.why


async def test_a_team_of_the_catalogue_in_which_the_bot_is_not_is_told(house):
    """Its channels would be made, and nothing be announced in them."""
    house.fault("bot", 403, path="/teams/")
    result = await house.wrong("catalogue", **await catalogue(house, **SHOP))
    assert "Tried to look at the team" in result.what


async def test_a_team_of_the_catalogue_that_is_nearly_full_is_a_note(house):
    """From nine tenths of what a team holds."""
    other = house.teams.teams[1]
    for number in range(899):
        other.channels.create(f"old-{number}", None, by="test", now=other.clock())
    await house.note("catalogue", "900 of 1,000", **await catalogue(house, **SHOP))
