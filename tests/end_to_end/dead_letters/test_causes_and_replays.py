"""Dead letters from every cause and their replays, with real processes; what counts is what is there in the end."""

import asyncio
import json
import signal
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.amqp import AmqpAnnotatedMessage
from chaos_oracle import falls_due_later, is_timer
from house import House, eventually, one_of_each

from worker.domain.incident import incident_id

# Many processes, each of which starts slowly on a busy machine.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

BRUNO = "bruno@contoso.example"
WHOLE = one_of_each(BRUNO)
REFUSED = {"behaviour": "status", "status": 403, "times": 100}

ISSUES = {"system": "boards", "method": "POST", "path": r"workitems/\$Issue"}
TASKS = {"system": "boards", "method": "POST", "path": r"workitems/\$Task"}
CHANGES = {"system": "boards", "method": "PATCH"}
CHANNELS = {"system": "graph", "method": "POST", "path": "/channels$"}
MESSAGES = {"system": "bot", "method": "POST"}
THROTTLED = {"behaviour": "status", "status": 429, "times": 100, "headers": {"Retry-After": "1"}}

# What makes each step impossible, until the stand-ins are told to behave.
CAUSES = {
    "create-work-item": [ISSUES | REFUSED],
    "create-channel": [CHANNELS | REFUSED],
    "assign": [TASKS | REFUSED],
    # The first change of the work item is its owner's, the second is the link.
    "link-channel": [CHANGES | {"behaviour": "delay", "seconds": 0.001}, CHANGES | REFUSED],
    "announce": [MESSAGES | REFUSED],
    "given-up": [CHANNELS | THROTTLED],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    """With times that a busy machine keeps: nothing here depends on one that ends."""
    settings = {"lease_seconds": 30, "call_timeout_seconds": 30, "lookup_lag_seconds": 1}
    async with House(tmp_path_factory.mktemp("dead-letters"), nursery=nursery, **settings) as running:
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _nothing_is_left(house):
    """A test that failed leaves the next ones their own dead letters."""
    yield
    await house.behave()
    if await counts(house) != (0, 0):
        async with client(house) as opened:
            await eventually(lambda: taken_out(house, opened))


async def taken_out(house, opened):
    """Whether nothing is left; what somebody holds, whose process was killed, comes when its lock is over."""
    for sub_queue in (None, ServiceBusSubQueue.DEAD_LETTER):
        async with opened.get_queue_receiver(
            "incidents", sub_queue=sub_queue, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE
        ) as receiver:
            await receiver.receive_messages(100, max_wait_time=1)
    return await counts(house) == (0, 0)


@asynccontextmanager
async def at_work(house, **settings):
    """A worker that is stopped however the test ends, or it would take what the next one sends."""
    worker = await house.work(**settings)
    try:
        yield
    finally:
        code = await worker.stop()
    assert code == 0


@dataclass
class Command:
    """`tocsin dead-letters …` in a process of its own, and what it writes."""

    process: Any
    out: Path
    err: Path

    async def ended(self, *, limit=60):
        """Its exit code, standard output and standard error, once it has ended by itself."""
        code = await asyncio.wait_for(self.process.wait(), limit)
        return code, self.out.read_text(), self.err.read_text()


async def command(house, *arguments, **settings):
    out, err = (house.directory / f"{uuid.uuid4().hex}.{stream}" for stream in ("out", "err"))
    words = ("dead-letters", *map(str, arguments))
    return Command(await house.begin(*words, out=out, err=err, **settings), out, err)


async def said(house, *arguments, code=0, **settings):
    """What it wrote to standard output, once it has ended as expected."""
    ended, out, err = await (await command(house, *arguments, **settings)).ended()
    assert ended == code, err[-4000:]
    return out


async def answered(house, *arguments, **how):
    return json.loads(await said(house, *arguments, "--json", **how))


@asynccontextmanager
async def client(house):
    async with ServiceBusClient.from_connection_string(house.env["TOCSIN_SERVICEBUS_CONNECTION_STRING"]) as opened:
        yield opened


async def send(house, *messages):
    async with client(house) as opened, opened.get_queue_sender("incidents") as sender:
        for message in messages:
            await sender.send_messages(message)


def event(key, **facts):
    return json.dumps({"title": "Checkout is down", "service": "checkout", "key": key} | facts)


async def counts(house):
    """What waits to be launched, and the dead letters; not what the responses of earlier incidents sent themselves."""
    queue = (await house.world()).queues["incidents"]
    return sum(not is_timer(message) for message in queue["messages"]), queue["dead_lettered"]


async def idle(house):
    async def nothing_left():
        return all(map(falls_due_later, (await house.world()).queues["incidents"]["messages"]))

    await eventually(nothing_left)


async def dead(house, number):
    async def there():
        return (await counts(house))[1] == number or None

    await eventually(there)


async def launched(house, *ids):
    """Until the queue is empty; then each effect is there once."""

    async def done():
        return await counts(house) == (0, 0) or None

    await eventually(done)
    world = await house.world()
    assert {each: world.effects(each) for each in ids} == dict.fromkeys(ids, WHOLE)


async def expired(house, *keys):
    """Dead letters that no worker ever saw."""
    before = (await counts(house))[1]
    await send(house, *(ServiceBusMessage(event(key), time_to_live=timedelta(milliseconds=1)) for key in keys))
    await dead(house, before + len(keys))
    return [incident_id(key) for key in keys]


def keys(number):
    mark = uuid.uuid4().hex[:8]
    return [f"{mark}-{each}" for each in range(number)]


async def never_seen(house, key):
    """One that waited for too long, one that nobody could finish, and one that another program put aside."""
    await expired(house, f"{key}-expired")
    async with client(house) as opened, opened.get_queue_receiver("incidents") as receiver:
        await send(house, ServiceBusMessage(event(f"{key}-deliveries")))
        for _ in range(10):
            [message] = await receiver.receive_messages(1, max_wait_time=10)
            await receiver.abandon_message(message)
        foreign = {"title": "Checkout is down", "service": "checkout", "key": f"{key}-foreign"}
        await send(house, AmqpAnnotatedMessage(value_body=foreign, application_properties={"team": "payments"}))
        [message] = await receiver.receive_messages(1, max_wait_time=10)
        await receiver.dead_letter_message(message, reason="Their own: reason", error_description="Not for us.")
    return [incident_id(f"{key}-{cause}") for cause in ("expired", "deliveries", "foreign")]


async def impossible(house, key):
    """A launch for each cause, at a worker without patience; and one where there is no table of people on call."""
    # One after the other: else what a response changes of a work item is the change that is to be refused.
    async with at_work(house, give_up_after_seconds=1, slots=1, waiting=0):
        for number, (cause, faults) in enumerate(CAUSES.items(), start=(await counts(house))[1] + 1):
            for fault in faults:
                await house.fault(**fault)
            await send(house, ServiceBusMessage(event(f"{key}-{cause}")))
            await dead(house, number)
            await house.behave()
            await idle(house)
    async with at_work(house, tables_oncall="nowhere"):
        await send(house, ServiceBusMessage(event(f"{key}-find-on-call")), ServiceBusMessage('{"caption": "no title"}'))
        await dead(house, number + 2)
    return [incident_id(f"{key}-{cause}") for cause in (*CAUSES, "find-on-call")]


async def test_every_cause_is_told_apart_and_a_replay_ends_each(house):
    """Refused at any step, given up, undecodable, expired, delivered too often, foreign: replayed, each is whole."""
    key = uuid.uuid4().hex[:8]
    ids = [*await never_seen(house, key), *await impossible(house, key)]
    groups = (await answered(house, "groups"))["groups"]
    assert {(group["cause"], group["step"]): group["count"] for group in groups} == {
        ("TTLExpiredException", None): 1,
        ("MaxDeliveryCountExceeded", None): 1,
        ("Their own: reason", None): 1,
        ("Undecodable", None): 1,
        ("Throttled", "create-channel"): 1,
        ("Misconfigured", "find-on-call"): 1,
        **{("Forbidden", step): 1 for step in CAUSES if step != "given-up"},
    }
    [page] = (await answered(house, "show", "--incident", incident_id(f"{key}-announce")))["dead_letters"]
    number = page["letter"]["sequence_number"]
    for which in (number, page["letter"]["incident_id"]):
        assert (await answered(house, "show", which))["dead_letters"] == [page]
    exported = (await said(house, "export", number)).splitlines()
    assert [json.loads(line)["sequence_number"] for line in exported] == [number]
    # The bot was refused in every place.
    assert {step["name"]: step["will"] for step in page["steps"] if step["state"] != "done"} == {
        "announce": "run again",
        "announce-elsewhere": "run again",
        "report-trouble": "run again",
    }

    # The worker takes each as it comes back.
    async with at_work(house):
        summary = await answered(house, "replay", "--yes", code=1)
        assert summary["counts"] == {"done": 10, "skipped": 1, "gone": 0, "failed": 0, "left": 0}
        mended = await answered(house, "replay", "--set", f"title=Mended {key}", "--set", "service=checkout", "--yes")
        assert mended["counts"]["done"] == 1
        await launched(house, *ids, mended["outcomes"][0]["incident_id"])


async def test_an_edited_replay_is_launched_as_edited(house):
    """The step that was refused is taken with the new title; the step that was done is not taken again."""
    key = uuid.uuid4().hex
    async with at_work(house):
        await house.fault(**ISSUES, **REFUSED)
        await send(house, ServiceBusMessage(event(key, title="With a bad word")))
        await dead(house, 1)
        await house.behave()
        await answered(house, "replay", "--incident", incident_id(key), "--set", "title=Without it", "--yes")
        await launched(house, incident_id(key))
    world = await house.world()
    titles = [item["fields"]["System.Title"] for item in world.work_items if item["type"] != "Task"]
    assert [title.endswith("Without it") for title in titles if incident_id(key) in title] == [True]


async def killed(house, when, *arguments):
    """A replay that is killed as soon as the condition holds, wherever it is then."""
    replay = await command(house, "replay", "--yes", *arguments)

    async def reached():
        assert replay.process.returncode is None, replay.err.read_text()
        return await when() or None

    await eventually(reached, every=0.01)
    replay.process.send_signal(signal.SIGKILL)
    await replay.process.wait()


async def test_a_replay_killed_again_and_again_loses_and_doubles_nothing(house):
    """Killed with locks held, among its sendings, and between a sending and its taking out; then run to the end."""
    ids = await expired(house, *keys(12))

    async def locks():
        letters = (await house.world()).queues["incidents"]["dead_letters"]
        return any(letter["locked_until"] for letter in letters)

    async def sent(number):
        return (await counts(house))[0] >= number

    # So slowly that it is still at work when a busy machine comes to kill it.
    await killed(house, locks, "--rate", "1")
    await killed(house, lambda: sent(4), "--rate", "1")
    await house.fault(system="queue", behaviour="mute")
    before = (await counts(house))[0]
    await killed(house, lambda: sent(before + 1))
    await house.behave()
    summary = await answered(house, "replay", "--yes")
    assert summary["counts"] == {"done": summary["selected"], "skipped": 0, "gone": 0, "failed": 0, "left": 0}
    assert await counts(house) == (12, 0)
    async with at_work(house):
        await launched(house, *ids)


async def test_a_replay_that_is_interrupted_says_what_is_left(house):
    """Ctrl-C ends it after the one in hand, with counts that add up; nothing stays locked for the next run."""
    await expired(house, *keys(12))
    replay = await command(house, "replay", "--yes", "--json", "--rate", "1")

    async def begun():
        assert replay.process.returncode is None
        return (await counts(house))[0] or None

    await eventually(begun)
    replay.process.send_signal(signal.SIGINT)
    code, out, err = await replay.ended()
    summary = json.loads(out)
    assert (code, summary["selected"]) == (1, 12)
    assert summary["counts"]["done"] + summary["counts"]["left"] == 12
    assert "Stopping" in err
    assert await counts(house) == (summary["counts"]["done"], summary["counts"]["left"])
    assert (await answered(house, "replay", "--yes"))["counts"]["done"] == summary["counts"]["left"]
    assert await counts(house) == (12, 0)


async def test_what_is_discarded_is_out_and_on_record(house):
    """Nothing happens without --yes; with it the dead letter is gone, and the export before has the whole of it."""
    await expired(house, *keys(1))
    assert "1 would be discarded" in await said(house, "discard")
    assert await counts(house) == (0, 1)
    exported = [json.loads(line) for line in (await said(house, "export")).splitlines()]
    assert json.loads(exported[0]["body"])["title"] == "Checkout is down"
    assert "1 discarded" in await said(house, "discard", "--yes", "--because", "a drill")
    assert await counts(house) == (0, 0)
