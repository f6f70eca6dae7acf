"""`tocsin sweep` as a person or a program runs it."""

import asyncio
import json

import pytest
import typer
from kept_logging import kept_logging
from launched_house import launched
from typer.testing import CliRunner

from handlers.launch.create_channel import description
from worker.cli.commands.sweep import sweep


@pytest.fixture(autouse=True)
def _logs_as_before():
    with kept_logging():
        yield


@pytest.fixture
def command():
    app = typer.Typer()
    app.command()(sweep)
    return app


@pytest.fixture
async def house(settings):
    async with launched(settings) as house:
        yield house


@pytest.fixture
def run(house, command, tmp_path, monkeypatch):
    """Runs the command in a thread, since it brings its own event loop."""
    monkeypatch.chdir(tmp_path)
    told = {
        "TABLES_CONNECTION_STRING": house.settings.tables_connection_string.get_secret_value(),
        "TABLES_INCIDENTS": house.settings.tables_incidents,
        "BOARDS_URL": f"{house.server.url}/boards",
        "GRAPH_URL": house.settings.graph_url,
        "TEAMS_TEAM_ID": house.settings.teams_team_id,
        "BOT_SERVICE_URL": house.settings.bot_service_url,
        "BOT_APP_ID": house.settings.bot_app_id,
        "CREDENTIAL": "anonymous",
    }
    environment = {f"TOCSIN_{name}": value for name, value in told.items()}

    async def invoked(*arguments):
        return await asyncio.to_thread(CliRunner().invoke, command, arguments, env=environment)

    return invoked


async def test_it_prints_what_it_would_do_and_does_it_when_told(house, run):
    """Without --yes nothing changes; with it the duplicate is closed; then there is nothing left."""
    twin = await house.twin()
    previewed = await run("--since", "2h")
    assert previewed.exit_code == 0
    assert "found" in previewed.stdout
    assert str(twin.id) in previewed.stdout
    assert "nothing changed" in previewed.stderr
    assert twin.id in house.open_items()
    repaired = await run("--yes", "--json")
    assert repaired.exit_code == 0
    told = json.loads(repaired.stdout)
    assert told["counts"]["repaired"] == 1
    assert [(each["kind"], each["id"], each["outcome"]) for each in told["findings"]] == [
        ("work-item", str(twin.id), "repaired")
    ]
    assert twin.id not in house.open_items()
    assert "nothing stands twice" in (await run("--yes")).stderr


async def test_what_is_left_to_people_shows_in_the_exit_code(house, run):
    """A second channel is told with what to do, and a program learns that not all was done."""
    await house.teams.create_channel("[bold]second", description(house.incident))
    told = await run("--yes", "--json")
    assert told.exit_code == 1
    assert "archive it by hand" in json.loads(told.stdout)["findings"][0]["because"]


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "1.5h", "yesterday", "99999999999d", "999999w"])
def test_a_wrong_duration_is_wrong_use(command, text):
    """What is no duration is refused with an example of one."""
    refused = CliRunner().invoke(command, ["--since", text])
    assert refused.exit_code == 2
    assert "24h" in refused.stderr
