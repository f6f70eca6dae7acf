"""The spool: what is on disk, what is sent from it, and what it says of itself when it cannot be used."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import structlog
from patience import PATIENCE

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Misconfigured, Rejected, Throttled, TocsinError, Unreachable
from worker.domain.event import Event, decode
from worker.intake import spool as spool_module
from worker.intake.spool import open_spool
from worker.intake.spool_file import SpoolFile

LIMIT = 10_000_000


def event(name, **facts):
    return EncodedEvent.of(Event(title=name, key=name, **facts))


class Queue:
    """Takes events, or fails as it is told to."""

    def __init__(self):
        self.taken = []
        self.trouble = None
        self.refused = set()
        self.faults = []

    async def publish(self, encoded):
        if self.faults:
            raise self.faults.pop()
        if encoded.event.title in self.refused:
            raise Rejected("too large")
        if self.trouble:
            raise Unreachable(self.trouble)
        self.taken.append(encoded.event.title)


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr(spool_module, "_LOOK_AGAIN", spool_module.timedelta())
    monkeypatch.setattr(spool_module, "_LOOK_AGAIN_AT_PASSED_OVER", spool_module.timedelta())
    return Queue()


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "spool"


@asynccontextmanager
async def delivering(spool, queue):
    task = asyncio.create_task(spool.deliver(queue.publish, lambda: queue.trouble))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(condition):
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while not condition():
            await asyncio.sleep(0.001)


def on_disk(directory):
    file = SpoolFile.open(directory)
    kept = [decode(each.body).title for each in file.after(0, 1_000)]
    file.close()
    return kept


# What is kept


async def test_what_is_put_is_there_after_a_restart(directory):
    """An event comes out of the spool as it went in, in another life of the process."""
    given = event("e", description="🔥" * 1_000, raw={"deep": [1, 2.5, None]})
    async with open_spool(directory, LIMIT) as spool:
        await spool.put(given)
    file = SpoolFile.open(directory)
    assert [EncodedEvent.read(kept.body) for kept in file.after(0, 10)] == [given]
    file.close()


async def test_those_who_come_together_are_written_together(directory):
    """A storm of events waits for a few writes, and each of them is kept once."""
    writes = []
    async with open_spool(directory, LIMIT) as spool:
        spool._file._connection.set_trace_callback(writes.append)
        await asyncio.gather(*(spool.put(event(str(number))) for number in range(100)))
        assert spool.fill.events == 100
    assert writes.count("COMMIT") < 10
    assert sorted(on_disk(directory), key=int) == [str(number) for number in range(100)]


async def test_a_full_spool_says_when_to_come_again(directory):
    """Beyond its limit nothing is taken, on its way to the disk or not, and nothing that was taken is dropped."""
    size = len(event("0").body)
    async with open_spool(directory, 3 * size) as spool:
        puts = [spool.put(event(str(number))) for number in range(5)]
        results = await asyncio.gather(*puts, return_exceptions=True)
        assert not spool.has_room
    refused = [result for result in results if result is not None]
    assert [type(error) for error in refused] == [Throttled, Throttled]
    assert refused[0].retry_after is not None
    assert on_disk(directory) == ["0", "1", "2"]


async def test_there_is_room_again_once_the_queue_took_something(directory, queue):
    """What was sent makes way for what comes."""
    given = event("0", description="x" * 1_000)
    async with open_spool(directory, 1_300) as spool:
        await spool.put(given)
        with pytest.raises(Throttled):
            await spool.put(given)
        async with delivering(spool, queue):
            await until(lambda: not spool.fill.events)
        await spool.put(given)


async def test_a_disk_that_fails_is_told_to_the_sender_and_harms_nothing(directory):
    """A full disk refuses the event with a sentence; what was kept stays, and with room again all goes on."""
    async with open_spool(directory, LIMIT) as spool:
        await spool.put(event("before"))
        pages = spool._file._connection.execute("PRAGMA page_count").fetchone()[0]
        spool._file._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Unreachable, match=r"disk is full"):
            await spool.put(event("during", description="x" * 30_000))
        assert spool.fill.events == 1
        spool._file._connection.execute("PRAGMA max_page_count = 1000000")
        await spool.put(event("after"))
    assert on_disk(directory) == ["before", "after"]


async def test_an_end_waits_for_what_is_being_written(directory):
    """Who was about to be told that an event is kept is told so, although the intake stops."""
    async with open_spool(directory, LIMIT) as spool:
        putting = asyncio.create_task(spool.put(event("a")))
        await asyncio.sleep(0)
    await putting
    assert on_disk(directory) == ["a"]


# What is sent


async def test_the_oldest_is_sent_first_and_all_is_forgotten(directory, queue):
    """When the queue answers it gets what was kept, in the order in which it was accepted."""
    names = [str(number) for number in range(50)]
    async with open_spool(directory, LIMIT) as spool:
        for name in names:
            await spool.put(event(name))
        async with delivering(spool, queue):
            await until(lambda: not spool.fill.events)
    assert queue.taken == names
    assert on_disk(directory) == []


async def test_nothing_is_forgotten_before_the_broker_has_acknowledged(directory, queue):
    """An outage in the middle leaves the rest on disk, and they go when it is over."""
    async with open_spool(directory, LIMIT) as spool:
        for name in "abc":
            await spool.put(event(name))
        queue.trouble = "nobody there"
        with structlog.testing.capture_logs() as lines:
            async with delivering(spool, queue):
                await until(lambda: lines)
                assert spool.fill.events == 3
                queue.trouble = None
                await until(lambda: not spool.fill.events)
    assert queue.taken == ["a", "b", "c"]
    assert [line["event"] for line in lines] == ["spool.waiting", "spool.delivered"]


async def test_what_fails_by_itself_holds_up_nothing(directory, queue):
    """An event that the queue refuses stays, aloud, and those after it go."""
    queue.refused = {"b"}
    async with open_spool(directory, LIMIT) as spool:
        for name in "abc":
            await spool.put(event(name))
        with structlog.testing.capture_logs() as lines:
            async with delivering(spool, queue):
                await until(lambda: spool.fill.events == 1)
    assert queue.taken == ["a", "c"]
    assert "spool.passed_over" in [line["event"] for line in lines]
    assert on_disk(directory) == ["b"]


@pytest.mark.parametrize("trouble", [None, "nobody there"], ids=["the queue answers", "the queue is down"])
async def test_what_fails_while_the_queue_answers_holds_up_nothing(directory, queue, trouble):
    """Whatever the failure is called, only a queue that is down for all keeps the others waiting."""
    queue.faults = [Throttled("slow")]
    queue.trouble = trouble
    async with open_spool(directory, LIMIT) as spool:
        for name in "abc":
            await spool.put(event(name))
        is_sent = await sent_in_one_pass(spool, queue)
        assert queue.taken == ([] if trouble else ["b", "c"])
        assert (spool.delivered_at > 0) is not bool(trouble)
    assert not is_sent


async def sent_in_one_pass(spool, queue):
    """Whether all went."""
    with suppress(TocsinError):
        return await spool._send_all(queue.publish, lambda: queue.trouble)
    return False


async def test_a_fault_of_ours_does_not_end_the_sending(directory, queue):
    """Whatever a delivery stumbles over is logged, and the next attempt delivers."""

    queue.faults = [ZeroDivisionError("a fault of ours")]
    async with open_spool(directory, LIMIT) as spool:
        await spool.put(event("a"))
        with structlog.testing.capture_logs() as lines:
            async with delivering(spool, queue):
                await until(lambda: not spool.fill.events)
    assert queue.taken == ["a"]
    assert lines[0]["event"] == "spool.crashed"


# What cannot be used


async def test_two_intakes_do_not_share_a_spool(directory):
    """The second one ends with a sentence, and the first one goes on."""
    async with open_spool(directory, LIMIT) as spool:
        with pytest.raises(Misconfigured, match="Another intake has the spool in"):
            SpoolFile.open(directory)
        await spool.put(event("a"))
    assert on_disk(directory) == ["a"]


def garbled(content):
    return content[:4_000] + b"\xff" * 5_000 + content[9_000:]


def altered(content):
    assert content.count(b"needle") >= 1
    return content.replace(b"needle", b"noodle")


def is_open_here(path):
    """Whether this process has the file open."""
    for descriptor in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the one that lists them is closed by now
            if path.samefile(descriptor):
                return True
    return False


@pytest.mark.parametrize(
    "damage", [garbled, altered, lambda _: b"", lambda _: b"no database", lambda content: content[: len(content) // 2]]
)
async def test_a_damaged_file_is_no_empty_spool(directory, damage):
    """An intake does not start over what it cannot read: it says what is at stake, and leaves the file as it is."""
    async with open_spool(directory, LIMIT) as spool:
        for number in range(20):
            await spool.put(event(str(number), description="needle " * 400))
    path = directory / "spool.db"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(Misconfigured, match="may hold events that were accepted") as refusal:
        SpoolFile.open(directory)
    assert path.read_bytes() == damaged
    # Whoever keeps the error keeps its frames, and whatever they left open.
    assert refusal.value.__traceback__
    assert not is_open_here(path)


async def test_a_spool_of_another_release_is_not_touched(directory):
    """A layout that this release does not know is named."""
    SpoolFile.open(directory).close()
    connection = sqlite3.connect(directory / "spool.db")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(Misconfigured, match="layout 2"):
        SpoolFile.open(directory)


def test_a_file_is_no_directory(tmp_path):
    """A setting that names something else ends the start with a sentence."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(Misconfigured, match="cannot be used"):
        SpoolFile.open(tmp_path / "file")


async def test_strangers_on_the_machine_cannot_read_it(directory):
    """Alerts may hold secrets; the directory is for the intake's own user."""
    SpoolFile.open(directory).close()
    assert directory.stat().st_mode & 0o077 == 0
