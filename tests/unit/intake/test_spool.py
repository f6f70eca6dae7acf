"""The spool: what is on disk, what is sent from it, and what it says of itself when it cannot be used."""

import asyncio
import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from patience import PATIENCE

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Misconfigured, Rejected, Throttled, TocsinError, Unreachable
from worker.domain.event import Event, decode
from worker.domain.response.act import Act, ActKind
from worker.domain.response.act_event import act_event
from worker.domain.response.actor import Actor, ActorKind, Right, Source
from worker.domain.sender_scope import Sender, SenderScope
from worker.intake import spool as spool_module
from worker.intake import spool_disk, spool_file
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


async def test_an_act_is_kept_whole(directory):
    """Who did it, when, and under which id: it is recorded as what it was, however late it is sent."""
    actor = Actor(kind=ActorKind.PERSON, id="ada@x.example", name="Ada", right=Right.MEMBER)
    act = Act(act=ActKind.UPDATE, id="desk:7", actor=actor, source=Source.HTTP, text="We look.", next_in_minutes=20)
    received_at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    given = EncodedEvent.of(act_event(act, key="k", received_at=received_at, sender=Sender("desk", SenderScope())))
    async with open_spool(directory, LIMIT) as spool:
        await spool.put(given)
    file = SpoolFile.open(directory)
    [kept] = [EncodedEvent.read(each.body) for each in file.after(0, 10)]
    file.close()
    assert kept == given
    assert (kept.event.act, kept.event.received_at) == (act, received_at)


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
        return not await spool._send_all(queue.publish, lambda: queue.trouble)
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


# A disk that is full


@contextmanager
def held_by_another(directory):
    """Another program has the right to write to the file, so that nothing goes in or out."""
    with closing(sqlite3.connect(directory / "spool.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def test_what_the_disk_does_not_let_go_of_is_sent_once_and_holds_up_nothing(directory, queue):
    """While nothing can be removed all that is owed is sent, each once; it is removed when the disk allows it."""
    names = [str(number) for number in range(50)]
    async with open_spool(directory, LIMIT) as spool:
        for name in names:
            await spool.put(event(name))
        size = spool.fill.bytes
        with held_by_another(directory), structlog.testing.capture_logs() as lines:
            async with delivering(spool, queue):
                await until(lambda: not spool.fill.events)
                passes = len(lines)
                await until(lambda: len(queue.taken) >= 50 and passes)
            assert spool.fill_level.endswith(f"and {size:,} of what was sent")
            assert spool.fill.oldest == 0
            with pytest.raises(Unreachable, match="another program holds the file"):
                await spool.put(event("late"))
        async with delivering(spool, queue):
            await until(lambda: "of what was sent" not in spool.fill_level)
    assert queue.taken == names
    assert [line["event"] for line in lines].count("spool.not_forgotten") == 1
    assert on_disk(directory) == []


async def test_what_was_sent_and_is_still_there_takes_its_space(directory, queue):
    """The limit holds for the disk: what cannot be removed yet makes no room."""
    given = event("0", description="x" * 1_000)
    async with open_spool(directory, 1_300) as spool:
        await spool.put(given)
        with held_by_another(directory):
            async with delivering(spool, queue):
                await until(lambda: not spool.fill.events)
            with pytest.raises(Throttled):
                await spool.put(given)


@pytest.mark.parametrize("size", [100, 3_000, 200_000])
def test_to_forget_needs_no_space(directory, size):
    """What removing writes has its place already: neither the file nor its journal grows, whatever is removed."""
    file = SpoolFile.open(directory)
    for _ in range(6 if size > 10_000 else 40):
        file.put([event(str(number), description="x" * size).body for number in range(10)])
    file._connection.execute("PRAGMA journal_size_limit = -1")
    before = {path.name: path.stat().st_size for path in directory.iterdir()}
    kept = file.after(0, 1_000)
    file.forget(kept)
    assert {path.name: path.stat().st_size for path in directory.iterdir()} == before
    assert file.after(0, 10) == []
    file.close()


def no_space(connection, _):
    connection.execute("PRAGMA max_page_count = 1")
    with connection:
        connection.execute("INSERT INTO events (kept_at, digest, body) VALUES (0, '', zeroblob(1000000))")


def test_a_disk_that_lets_go_of_nothing_lets_go_of_the_file(directory, monkeypatch):
    """Once all in it is sent, a file that grew before its journal had its space makes way, and the disk is free."""
    monkeypatch.setattr(spool_file, "_delete", no_space)
    file = SpoolFile.open(directory)
    file.put([event(str(number), description="x" * 30_000).body for number in range(30)])
    kept = file.after(0, 30)
    with pytest.raises(Unreachable, match="disk is full"):
        file.forget(kept[:20])
    assert file.after(0, 30) == kept[20:]
    file.forget(kept[20:])
    assert (file.fill.events, file.unforgotten, file.after(0, 30)) == (0, 0, [])
    assert (directory / "spool.db").stat().st_size < 20_000
    file.put([event("new").body])
    file.close()
    assert on_disk(directory) == ["new"]


def test_nothing_is_kept_without_the_space_to_forget_it(directory):
    """A disk that does not give the journal its space takes no event, and says so; with room again it does."""
    program = """
import resource, sys
from pathlib import Path
from worker.domain.errors import Unreachable
from worker.intake.spool_file import SpoolFile

directory = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
file = SpoolFile.open(directory)
print(file.trouble)
try:
    file.put([b"x"])
except Unreachable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
file.look()
print(file.trouble)
file.put([b"x"])
print([kept.body for kept in file.after(0, 10)])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(directory)],
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    refused = f"The spool in {directory} cannot be used: File too large."
    assert done.stdout.splitlines() == [refused, refused, "None", "[b'x']"]


@pytest.mark.parametrize("free", [0, 299_999, 300_000])
async def test_a_disk_that_others_fill_is_known(directory, monkeypatch, free):
    """What the disk has left counts besides the limit, also when nobody has put anything meanwhile."""
    monkeypatch.setattr(spool_module, "_LOOK_AT_DISK", spool_module.timedelta())
    async with open_spool(directory, LIMIT) as spool:
        assert spool.has_room
        monkeypatch.setattr(spool_disk, "free_bytes", lambda _: free)
        await until(lambda: spool._file.free == free)
        assert spool.has_room == (free >= 300_000)
        assert spool.has_room or "its disk has" in spool.why_no_room


async def test_room_within_the_file_is_room(directory, monkeypatch, queue):
    """What was forgotten left pages that take new events, however full the disk is."""
    monkeypatch.setattr(spool_disk, "free_bytes", lambda _: 0)
    async with open_spool(directory, LIMIT) as spool:
        assert not spool.has_room
        for number in range(15):
            await spool.put(event(str(number), description="x" * 100_000))
        async with delivering(spool, queue):
            await until(lambda: not spool.fill.events)
        spool._file.look()
        assert spool._file.free > 300_000
        assert spool.has_room


async def test_a_spool_that_failed_is_ready_again_by_itself(directory, monkeypatch):
    """After a refused event there is no room, until a look finds that the disk takes something again."""
    monkeypatch.setattr(spool_module, "_LOOK_AT_DISK", spool_module.timedelta(milliseconds=1))
    async with open_spool(directory, LIMIT) as spool:
        with structlog.testing.capture_logs() as lines:
            with held_by_another(directory):
                with pytest.raises(Unreachable):
                    await spool.put(event("a"))
                assert spool.why_no_room == "The spool cannot be used; the log says why."
            await until(lambda: spool.has_room)
    assert [line["event"] for line in lines] == ["spool.failed", "spool.unusable", "spool.usable"]


# A file that is damaged


def garbled(content):
    return content[:4_000] + b"\xff" * 5_000 + content[9_000:]


def altered(content):
    assert content.count(b"needle") >= 1
    return content.replace(b"needle", b"noodle", 1)


def without_header(content):
    return bytes(100) + content[100:]


def without_root(content):
    return content[:4_096] + bytes(4_096) + content[8_192:]


def one_page_lost(content):
    return content[:40_960] + b"\x0d" * 4_096 + content[45_056:]


DAMAGES = {
    garbled: 15,
    altered: 19,
    without_header: 20,
    without_root: 18,
    one_page_lost: 15,
    (lambda content: content[: len(content) // 2]): 8,
    (lambda _: b""): 0,
    (lambda _: b"no database"): 0,
    (lambda content: b"\xff" * len(content)): 0,
    (lambda content: content[:100] + b"\x0d" * (len(content) - 100)): 0,
}


async def filled(directory):
    async with open_spool(directory, LIMIT) as spool:
        for number in range(20):
            await spool.put(event(str(number), description="needle " * 400))
    return directory / "spool.db"


@pytest.mark.parametrize(("damage", "least"), DAMAGES.items())
async def test_a_damaged_file_is_kept_and_what_can_be_read_of_it_goes_on(directory, queue, damage, least):
    """The intake starts: the file gets another name, byte for byte, and its sound events go into a new one."""
    path = await filled(directory)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    with structlog.testing.capture_logs() as lines:
        async with open_spool(directory, LIMIT) as spool:
            assert spool.fill.events >= least
            assert spool.warning == "damaged files of the spool that were set aside: 1"
            await spool.put(event("new"))
            async with delivering(spool, queue):
                await until(lambda: not spool.fill.events)
    [aside] = directory.glob("salvaged-*.db")
    assert aside.read_bytes() == damaged
    assert {"new", *queue.taken} == {"new", *queue.taken} & {"new", *map(str, range(20))}
    assert len(set(queue.taken)) == len(queue.taken) > least
    assert {"spool.set_aside", "spool.salvaged"} <= {line["event"] for line in lines}


@pytest.mark.parametrize("damage", [garbled, altered, without_root, lambda content: b"\xff" * len(content)])
async def test_damage_that_shows_while_the_intake_runs_is_the_same(directory, queue, damage):
    """An event that comes then is kept, and what was sent before is not sent again."""
    path = await filled(directory)
    async with open_spool(directory, LIMIT) as spool:
        async with delivering(spool, queue):
            await until(lambda: not spool.fill.events)
        for number in range(20, 40):
            await spool.put(event(str(number), description="needle " * 400))
        path.write_bytes(damage(path.read_bytes()))
        # As if others had used the memory in which the database keeps what it has read.
        spool._file._connection.execute("PRAGMA shrink_memory")
        spool._file._connection.execute("PRAGMA cache_size = 1")
        await spool.put(event("new"))
        async with delivering(spool, queue):
            await until(lambda: "new" in queue.taken and not spool.fill.events)
    assert list(directory.glob("salvaged-*.db"))
    assert len(set(queue.taken)) == len(queue.taken)


async def test_damaged_files_never_take_each_others_place_and_have_a_bound(directory):
    """Each is kept; once there are ten the spool keeps nothing, the intake runs on, and says what to do."""
    for count in range(1, 12):
        file = SpoolFile.open(directory)
        assert (file.set_aside, file.trouble) == (count - 1, None)
        file.put([event(str(count)).body])
        file.close()
        (directory / "spool.db").write_bytes(f"damaged {count}".encode())
    async with open_spool(directory, LIMIT) as spool:
        with pytest.raises(Unreachable, match="10 damaged files are kept there already; move those elsewhere"):
            await spool.put(event("a"))
        assert not spool.has_room
        assert len({path.read_bytes() for path in directory.glob("salvaged-*.db")}) == 10
        assert (directory / "spool.db").read_bytes() == b"damaged 11"
        next(directory.glob("salvaged-*.db")).unlink()
        await spool.put(event("a"))
    assert on_disk(directory) == ["a"]


async def test_what_was_set_aside_is_salvaged_later_where_the_disk_is_full(directory, monkeypatch):
    """Without room for what can be read of it, a damaged file waits, and the intake does not."""
    path = await filled(directory)
    path.write_bytes(garbled(path.read_bytes()))
    adopt, full = SpoolFile._adopt, OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_):
        raise full

    monkeypatch.setattr(SpoolFile, "_adopt", refuse)
    file = SpoolFile.open(directory)
    assert "No space left" in file.trouble
    file.close()
    assert list(directory.glob("damaged-*.db"))
    monkeypatch.setattr(SpoolFile, "_adopt", adopt)
    assert len(on_disk(directory)) >= 15
    assert not list(directory.glob("damaged-*.db"))


async def test_a_fault_of_ours_in_salvaging_does_not_keep_the_intake_down(directory, monkeypatch):
    """The damaged file stays for somebody, and events are kept."""
    path = await filled(directory)
    path.write_bytes(garbled(path.read_bytes()))
    monkeypatch.setattr(spool_file, "salvage", lambda _: 1 / 0)
    with structlog.testing.capture_logs() as lines:
        async with open_spool(directory, LIMIT) as spool:
            await spool.put(event("new"))
    assert "spool.salvage_failed" in [line["event"] for line in lines]
    assert len(list(directory.glob("damaged-*.db"))) == 1
    monkeypatch.undo()
    assert "new" in on_disk(directory)


@pytest.mark.parametrize("move", [Path.unlink, lambda path: path.rename(path.with_name("elsewhere"))])
async def test_a_file_that_somebody_takes_away_is_begun_anew_with_all_that_is_owed(directory, move):
    """Nothing that was accepted hangs on a file that nobody can find again."""
    path = await filled(directory)
    async with open_spool(directory, LIMIT) as spool:
        move(path)
        await spool.put(event("new"))
        assert spool.fill.events == 21
    assert on_disk(directory) == [*map(str, range(20)), "new"]


async def test_a_directory_that_somebody_takes_away_is_made_anew(directory):
    """The same where the whole directory goes, its lock included."""
    await filled(directory)
    async with open_spool(directory, LIMIT) as spool:
        directory.rename(directory.with_name("elsewhere"))
        await asyncio.to_thread(spool._file.look)
        with pytest.raises(Misconfigured, match="Another intake"):
            SpoolFile.open(directory)
    assert len(on_disk(directory)) == 20


def test_a_journal_goes_with_its_file(directory):
    """What a kill left in the journal belongs to the damaged file, and is never played back into a new one."""
    SpoolFile.open(directory).close()
    (directory / "spool.db").rename(directory / "damaged-20260101T000000.000000Z.db")
    journal = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(1_000)
    (directory / "spool.db-journal").write_bytes(journal)
    SpoolFile.open(directory).close()
    assert (directory / "salvaged-20260101T000000.000000Z.db-journal").read_bytes() == journal


# What cannot be used


async def test_two_intakes_do_not_share_a_spool(directory):
    """The second one ends with a sentence, and the first one goes on."""
    async with open_spool(directory, LIMIT) as spool:
        with pytest.raises(Misconfigured, match="Another intake has the spool in"):
            SpoolFile.open(directory)
        await spool.put(event("a"))
    assert on_disk(directory) == ["a"]


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


@contextmanager
def masking(mask):
    before = os.umask(mask)
    yield
    os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
async def test_strangers_on_the_machine_cannot_read_it(directory, queue, mask):
    """Alerts may hold secrets: the directory and each file in it are for the intake's own user, whatever the umask."""
    with masking(mask):
        await filled(directory)
        (directory / "spool.db").write_bytes(b"damaged")
        async with open_spool(directory, LIMIT) as spool:
            await spool.put(event("a"))
            modes = {path.name.split("-")[0]: path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert modes.pop("salvaged") & 0o077 == 0
    assert modes == {"lock": 0o600, "spool.db": 0o600}
    assert directory.stat().st_mode & 0o777 == 0o700


def test_what_others_could_read_is_tightened(directory):
    """Files and a directory of an earlier release, which went by the umask, are closed to others at the next start."""
    SpoolFile.open(directory).close()
    aside = directory / "salvaged-20260101T000000.000000Z.db"
    aside.touch()
    for path in (directory, *directory.iterdir()):
        path.chmod(0o777)
    SpoolFile.open(directory).close()
    assert [path.name for path in (directory, *directory.iterdir()) if path.stat().st_mode & 0o077] == []
