"""`tocsin raise` where something is open already: it says so, joins on demand, and is held up by nothing."""

import asyncio
import socket
import time

import pytest
import typer
from kept_logging import kept_logging
from launched_house import launched
from queue_bench import QueueBench
from typer.testing import CliRunner

from worker.cli.commands.raise_incident import raise_incident
from worker.domain.event import EventType, decode

TITLE = "Checkout is slow"
WORDS = ("--description", "Since noon", "--impact", "EU cannot pay")


@pytest.fixture(autouse=True)
def _logs_as_before():
    with kept_logging():
        yield


@pytest.fixture
async def house(settings):
    """One incident of the service `checkout`, launched for real."""
    async with launched(settings) as house:
        yield house


@pytest.fixture
async def queue(tmp_path):
    async with QueueBench(tmp_path / "queue") as bench:
        yield bench


class Command:
    """Runs `tocsin raise` in a thread, since it brings its own event loop."""

    def __init__(self, house, queue, **others):
        self.queue = queue
        self.environment = {
            "TOCSIN_SERVICEBUS_CONNECTION_STRING": queue.server.connection_string,
            "TOCSIN_TABLES_CONNECTION_STRING": house.settings.tables_connection_string.get_secret_value(),
            "TOCSIN_TABLES_INCIDENTS": house.settings.tables_incidents,
            "COLUMNS": "80",
            **others,
        }
        self.app = typer.Typer()
        self.app.command()(raise_incident)

    async def run(self, *arguments, typed=None, code=0):
        given = {"env": self.environment, "input": typed}
        told = await asyncio.to_thread(CliRunner().invoke, self.app, [TITLE, *arguments], **given)
        assert told.exit_code == code, (told.output, told.exception)
        return told

    async def sent(self):
        """The event of the next message in the queue."""
        return decode((await self.queue.take(self.queue.receiver())).body)


@pytest.fixture
def command(house, queue, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Command(house, queue)


@pytest.fixture
def of_the_house(house):
    return ("--service", house.incident.event.service)


async def test_a_script_raises_and_is_told_what_is_open(command, house, of_the_house):
    """Silence at night is worse than a double: the id on standard output, the open ones beside it."""
    told = await command.run(*of_the_house)
    assert (await command.sent()).type is EventType.TRIGGER
    assert told.stdout.startswith("inc-")
    assert house.incident.id not in told.stdout
    assert house.incident.id in told.stderr
    assert "Amara Okafor" in told.stderr
    assert "http" in told.stderr
    assert "--join ID" in told.stderr


async def test_a_person_is_asked_and_may_join(command, house, of_the_house, monkeypatch):
    """By its number; the question is asked again until it is understood."""
    monkeypatch.setattr("worker.cli.commands.raise_incident.can_ask", lambda: True)
    told = await command.run(*of_the_house, *WORDS, typed="7\n\n1\n")
    event = await command.sent()
    assert told.stdout.splitlines()[-1].endswith(house.incident.id)
    assert (event.type, event.key, event.title) == (EventType.REPORT, house.incident.key, TITLE)
    assert (event.description, event.impact) == ("Since noon", "EU cannot pay")


async def test_a_person_may_insist_or_abort(command, of_the_house, monkeypatch):
    """What is aborted raises nothing, and says so with its exit code."""
    monkeypatch.setattr("worker.cli.commands.raise_incident.can_ask", lambda: True)
    told = await command.run(*of_the_house, typed="a\n", code=1)
    assert "Nothing was raised." in told.stderr
    await command.run(*of_the_house, typed="n\n")
    assert (await command.sent()).type is EventType.TRIGGER


async def test_whoever_insists_is_not_asked(command, house, of_the_house, monkeypatch):
    """Neither with --new, nor with a key or without a service."""
    monkeypatch.setattr("worker.cli.commands.raise_incident.can_ask", lambda: True)
    for options in ((*of_the_house, "--new"), (*of_the_house, "--key", "ticket-7"), ()):
        told = await command.run(*options)
        assert house.incident.id not in told.stderr
        assert (await command.sent()).type is EventType.TRIGGER


@pytest.mark.parametrize(("options", "severity"), [((), 5), (("--severity", "1"), 1)])
async def test_a_report_joins_by_the_beginning_of_an_id(command, house, options, severity):
    """It prints the id of what it joined; only a severity that was chosen can raise that one's."""
    told = await command.run("--join", house.incident.id[:9], *options)
    event = await command.sent()
    assert told.stdout.strip() == house.incident.id
    assert (event.type, event.key, event.severity) == (EventType.REPORT, house.incident.key, severity)


async def test_what_cannot_be_joined_can_be_raised_as_it_was(command, of_the_house):
    """Nothing that was typed is lost: the command to raise it by itself stands there."""
    told = await command.run("--join", "inc-0000000000", *of_the_house, *WORDS, code=1)
    assert "There is no incident" in str(told.exception)
    assert "tocsin raise 'Checkout is slow' --severity 3 --service " in told.stderr
    assert "--description 'Since noon' --impact 'EU cannot pay' --detection-source employee --new" in told.stderr


@pytest.mark.parametrize("beside", [("--new",), ("--key", "k")])
async def test_joining_and_raising_exclude_each_other(command, beside):
    """That is wrong use."""
    told = await command.run("--join", "inc-0000000000", *beside, code=2)
    assert "--join" in told.stderr


@pytest.mark.parametrize("asks", [True, False])
async def test_a_store_that_says_nothing_holds_up_no_raise(command, of_the_house, monkeypatch, asks):
    """After two seconds it is raised all the same, with a line on standard error."""
    monkeypatch.setattr("worker.cli.commands.raise_incident.can_ask", lambda: asks)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and answers nobody
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/a"
        tables = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint={address};"
        command.environment["TOCSIN_TABLES_CONNECTION_STRING"] = tables
        began = time.monotonic()
        told = await command.run(*of_the_house)
        took = time.monotonic() - began
    assert (await command.sent()).title == TITLE
    assert "could not be looked up: no answer within 2 s. It is raised anyway." in told.stderr
    # The table's own client would wait for ten.
    assert took < 8
