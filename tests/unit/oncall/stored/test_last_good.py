"""The last good copy of a table: what is kept, and what of a file counts."""

import json
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from worker.oncall.stored import last_good
from worker.oncall.stored.last_good import Copy, LastGood, Shape

NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)
SHAPE = Shape(encode=list, decode=lambda content, _: tuple(str(each) for each in content))


def copies(directory, source="account/oncall", name="oncall"):
    return LastGood(name, source, directory, SHAPE)


async def test_what_was_kept_is_recalled_by_the_same_process_and_by_the_next(tmp_path):
    """With the time at which the table said so."""
    kept = Copy(("ada", "ben"), NOON)
    first = copies(tmp_path / "new" / "copies")
    await first.keep(kept.content, NOON)
    assert await first.recall() == kept
    assert await copies(tmp_path / "new" / "copies").recall() == kept


async def test_without_a_directory_it_is_kept_in_memory_alone(tmp_path):
    """Nothing is written anywhere."""
    only = copies(None)
    assert await only.recall() is None
    await only.keep(("ada",), NOON)
    assert (await only.recall()).content == ("ada",)
    assert list(tmp_path.iterdir()) == []


async def test_the_file_is_its_owners_alone_and_nothing_else_is_left(tmp_path):
    """It holds addresses and telephone numbers."""
    await copies(tmp_path).keep(("ada",), NOON)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_copy_that_says_the_same_is_written_once_a_minute(tmp_path):
    """Its time is true to the minute, and a storm of launches does not wear the disk."""
    file, kept = tmp_path / "oncall.json", copies(tmp_path)
    await kept.keep(("ada",), NOON)
    file.unlink()
    await kept.keep(("ada",), NOON + timedelta(seconds=59))
    assert not file.exists()
    await kept.keep(("ben",), NOON + timedelta(seconds=59))
    assert (await copies(tmp_path).recall()).content == ("ben",)
    await kept.keep(("ben",), NOON + timedelta(minutes=2))
    assert (await copies(tmp_path).recall()).read_at == NOON + timedelta(minutes=2)


WHOLE = {"format": 1, "source": "account/oncall", "read_at": NOON.isoformat(), "content": ["ada"]}
DAMAGED = {
    "cut off": json.dumps(WHOLE)[:-9].encode(),
    "empty": b"",
    "no text": b"\xff\xfe\x00",
    "no object": b"[1]",
    "another format": json.dumps({**WHOLE, "format": 2}).encode(),
    "another table": json.dumps({**WHOLE, "source": "account/other"}).encode(),
    "no time": json.dumps({**WHOLE, "read_at": "noon"}).encode(),
    "no content": json.dumps({**WHOLE, "content": 5}).encode(),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_damaged_copy_counts_as_none_and_is_told(tmp_path, damage):
    """Whatever became of the file; the next good one takes its place."""
    (tmp_path / "oncall.json").write_bytes(DAMAGED[damage])
    with capture_logs() as logged:
        assert await copies(tmp_path).recall() is None
    assert [entry["event"] for entry in logged] == ["roster.copy_unreadable"]
    await copies(tmp_path).keep(("ben",), NOON)
    assert (await copies(tmp_path).recall()).content == ("ben",)


async def test_a_directory_that_cannot_be_written_costs_the_file_alone(tmp_path):
    """What is in memory counts, and the log says why there is no file."""
    (tmp_path / "taken").write_text("no directory")
    kept = copies(tmp_path / "taken")
    with capture_logs() as logged:
        await kept.keep(("ada",), NOON)
    assert (await kept.recall()).content == ("ada",)
    assert [entry["event"] for entry in logged] == ["roster.copy_not_written"]


async def test_a_missing_copy_is_no_trouble(tmp_path):
    """The first worker of all has none."""
    with capture_logs() as logged:
        assert await copies(tmp_path).recall() is None
    assert logged == []


async def test_a_disk_that_hangs_keeps_nobody_waiting(tmp_path, monkeypatch):
    """What is in memory counts; one writing at a time hangs, and no more are begun."""
    begun, ended = [], threading.Event()

    def hang(path, content):
        begun.append(path)
        ended.wait()

    monkeypatch.setattr(last_good, "_write", hang)
    monkeypatch.setattr(last_good, "_PATIENCE", timedelta(milliseconds=1))
    kept = copies(tmp_path)
    await kept.keep(("ada",), NOON)
    await kept.keep(("ben",), NOON)
    assert ((await kept.recall()).content, len(begun)) == (("ben",), 1)
    ended.set()
