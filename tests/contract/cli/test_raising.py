"""A queue that takes no incident is told within seconds, with whom to call, whatever ails it."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import uuid
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import pytest
from patience import PATIENCE
from queue_bench import QueueBench, forget_lost_sockets

from worker.cli.raising import NotRaised, raise_in_time
from worker.domain.errors import Misconfigured
from worker.domain.event import Event
from worker.oncall.rows import Row
from worker.oncall.table import open_on_call
from worker.settings import Settings

SECRET = "c2VjcmV0"  # base64 of a word, no secret
EVENT = Event(title="Checkout is down", service="checkout", key="k-7")
# Of the command; that of a test is its own, so that a busy machine looks people up as well.
SOON = timedelta(seconds=1.5)

NOBODY_LISTENS = "127.0.0.1:9"


def connection(address, key=SECRET):
    return f"Endpoint=sb://{address};SharedAccessKeyName=Root;SharedAccessKey={key};UseDevelopmentEmulator=true;"


@pytest.fixture(autouse=True)
async def _forget_sockets():
    """While the loop runs that the SDK left them to."""
    yield
    forget_lost_sockets()


@pytest.fixture
async def people(azurite):
    """Settings for an on-call table with one person for checkout."""
    settings = Settings.read(
        _env_file=None, tables_connection_string=azurite, tables_oncall=f"oncall{uuid.uuid4().hex}"
    )
    async with open_on_call(settings, None) as table:
        await table.create()
        await table.upsert(Row(name="Amara Okafor", email="amara@contoso.example", service="checkout", oncall=True))
    return settings


@asynccontextmanager
async def listening(serve):
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield "{}:{}".format(*server.sockets[0].getsockname())
    finally:
        server.close()


@contextmanager
def silence():
    """An address where every connection stands, and nobody ever reads or answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield "{}:{}".format(*listener.getsockname())


async def told(settings, queue, limit=PATIENCE, **others):
    settings = settings.model_copy(update={"servicebus_connection_string": None})
    chosen = {name: getattr(settings, name) for name in ("tables_connection_string", "tables_oncall")}
    given = Settings.read(_env_file=None, servicebus_connection_string=queue, **{**chosen, **others})
    with pytest.raises(NotRaised) as caught:
        await raise_in_time(given, EVENT, limit=limit)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
    assert SECRET not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("address", [NOBODY_LISTENS, "nowhere.invalid"])
async def test_a_queue_that_cannot_be_reached_is_told_with_whom_to_call(people, address):
    """Its address, that nothing was raised, what to do and who is on call: all that a person needs."""
    sentence = await told(people, connection(address))
    assert sentence.startswith(f"The queue 'incidents' at {address} did not take the incident. ")
    assert "It was NOT RAISED. Tell people by other means now" in sentence
    assert "On call for checkout: Amara Okafor (amara@contoso.example)." in sentence


async def test_a_queue_that_hangs_is_given_up_in_time(people):
    """The limit holds though the connection stands and nothing comes; people are looked up meanwhile."""
    clock = asyncio.get_running_loop().time
    with silence() as address:
        began = clock()
        sentence = await told(people, connection(address), SOON)
        assert clock() - began < SOON.total_seconds() + 0.5
    assert "No answer came within 1.5 s. It was NOT RAISED." in sentence


async def test_a_wrong_key_is_told_as_such(people, tmp_path):
    """The queue answers, and refuses: the sentence says what to look at, and shows no key."""
    async with QueueBench(tmp_path) as bench:
        sentence = await told(people, connection(f"127.0.0.1:{bench.port}"))
    assert "check the connection string" in sentence
    assert "It was NOT RAISED." in sentence


async def test_what_was_on_its_way_is_not_said_to_be_lost(people, tmp_path):
    """Where the answer to the message itself is missing, the key says how to raise it again without a second one."""
    async with QueueBench(tmp_path) as bench, listening(deaf_after(bench.port, b"Checkout is down")) as address:
        key = re.search("SharedAccessKey=([^;]+)", bench.server.connection_string)[1]
        name = re.search("SharedAccessKeyName=([^;]+)", bench.server.connection_string)[1]
        queue = connection(address, key).replace("Name=Root", f"Name={name}")
        sentence = await told(people, queue, timedelta(seconds=5))
    assert "It is NOT KNOWN whether it was raised" in sentence
    assert "with --key k-7, it is the same incident" in sentence


def deaf_after(port, words):
    """A relay to the queue that hands on no answer once these words have gone through it."""

    async def relay(reader, writer):
        to_queue, from_queue = (await asyncio.open_connection("127.0.0.1", port))[::-1]
        deaf = asyncio.Event()

        async def hand_back():
            while data := await from_queue.read(65_536):
                if not deaf.is_set():
                    writer.write(data)

        answers = asyncio.create_task(hand_back())
        while data := await reader.read(65_536):
            if words in data:
                deaf.set()
            to_queue.write(data)
        answers.cancel()
        to_queue.close()
        writer.close()

    return relay


async def test_people_who_cannot_be_looked_up_are_said_to_be_unknown(people):
    """A table that hangs takes no more time than is left; one that is not set is named."""
    with silence() as address:
        account = f"AccountName=a;AccountKey={SECRET};TableEndpoint=http://{address}/a;"
        hanging = await told(people, connection(NOBODY_LISTENS), SOON, tables_connection_string=account)
    assert "Who is on call could not be looked up in time." in hanging
    unset = await told(people, connection(NOBODY_LISTENS), tables_connection_string=None)
    assert "Who is on call could not be looked up. Not set: TOCSIN_TABLES_CONNECTION_STRING" in unset


async def test_a_setting_that_is_missing_is_told_all_the_same(people):
    """Nobody can be told by a queue that nobody named; the fault is one of the settings."""
    with pytest.raises(NotRaised, match=r"at an unknown address .* Not set: TOCSIN_SERVICEBUS") as caught:
        await raise_in_time(people, EVENT)
    assert isinstance(caught.value.__cause__, Misconfigured)
    assert "Amara Okafor" in str(caught.value)


async def test_a_queue_that_answers_has_it(people, tmp_path):
    """Nothing is told, and one message is there."""
    async with QueueBench(tmp_path) as bench:
        await raise_in_time(bench.settings, EVENT)
        assert len(bench.messages) == 1


@pytest.mark.parametrize("arguments", [(), ("--wait",)])
def test_the_command_ends_with_the_sentence_alone(arguments, tmp_path):
    """Exit code 1, nothing on standard output, and no word of the SDKs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    environment["TOCSIN_SERVICEBUS_CONNECTION_STRING"] = connection(NOBODY_LISTENS)
    ran = subprocess.run(
        [sys.executable, "-m", "worker", "raise", "Checkout is down", *arguments],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    [line] = ran.stderr.splitlines()
    assert line.startswith(f"tocsin: The queue 'incidents' at {NOBODY_LISTENS} did not take the incident. ")
