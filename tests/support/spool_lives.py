"""Lives of an intake's spool that end by SIGKILL: at each step in turn, or whenever the parent chooses.

Run as a program, so that lives are forked from a process without threads. What a sender was told and what the queue
took is written outside, by single writes, which a kill of the process does not undo.
"""

import asyncio
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.intake import spool_database
from worker.intake.spool import open_spool
from worker.intake.spool_file import SpoolFile

EVENTS = 4
STEPS_LIMIT = 500
WRITES = ("BEGIN", "COMMIT", "INSERT", "DELETE", "CREATE")
# What a file is given another name by, or is made and taken away.
MOVES = {"os.rename", "os.remove", "sqlite3.connect"}
DAMAGED_EVENTS = 4


class Note:
    """Names on a page that outlives whoever writes."""

    def __init__(self, path):
        self._page = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, name):
        os.write(self._page, f"{name}\n".encode())


def live(directory, names, step):
    asyncio.run(_live(directory, names, step))


async def _live(directory, names, step):
    """Accept these events while they are sent on, until all that is kept is sent."""
    told, taken = Note(directory / "told"), Note(directory / "taken")

    async def publish(encoded):
        step()
        taken.add(encoded.event.title)
        step()

    async with open_spool(directory / "spool", 10_000_000) as spool:
        delivering = asyncio.create_task(spool.deliver(publish, lambda: None))
        for name in names:
            await spool.put(EncodedEvent.of(Event(title=name, key=name)))
            step()
            told.add(name)
        while spool.fill.events:
            await asyncio.sleep(0)
        delivering.cancel()


def traced(connected, step):
    """Each statement that writes to the file is a step."""

    def look(statement):
        if statement.startswith(WRITES):
            step()

    def connect(path):
        connection = connected(path)
        connection.set_trace_callback(look)
        return connection

    return connect


def born(life, die_at=None):
    """The process of a life, which is given what to call at its steps; one that is to die does so by its own hand."""
    if pid := os.fork():
        return pid
    left = die_at

    def step():
        nonlocal left
        if left is not None:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    spool_database._connect = traced(spool_database._connect, step)
    sys.addaudithook(lambda event, _: step() if event in MOVES else None)
    life(step)
    os._exit(0)


def die_at_each_step(folder):
    for step in range(1, STEPS_LIMIT):
        directory = folder / f"step-{step:03d}"
        directory.mkdir()
        pid = born(partial(live, directory, [f"e{number}" for number in range(EVENTS)]), step)
        if os.WIFEXITED(os.waitpid(pid, 0)[1]):
            return


def leave_damaged(directory):
    """A spool of events that a sender was told of, with one page of its file overwritten."""
    told = Note(directory / "told")
    file = SpoolFile.open(directory / "spool")
    for number in range(DAMAGED_EVENTS):
        event = Event(title=f"d{number}", key=f"d{number}", description="x" * 3_000)
        file.put([EncodedEvent.of(event).body])
        told.add(event.title)
    file.close()
    path = directory / "spool/spool.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096 + path.read_bytes()[8192:])


def die_at_each_step_over_damage(folder):
    """Each life finds the same damaged file, and ends while it begins anew."""
    for step in range(1, STEPS_LIMIT):
        directory = folder / f"damage-{step:03d}"
        directory.mkdir()
        leave_damaged(directory)
        pid = born(lambda _, place=directory / "spool": SpoolFile.open(place), step)
        if os.WIFEXITED(os.waitpid(pid, 0)[1]):
            return


def size_of(page):
    return page.stat().st_size if page.exists() else 0


def die_at_any_time(folder, lives, seed):
    chance = random.Random(seed)
    directory = folder / "any-time"
    directory.mkdir()
    for life in range(lives):
        enough = size_of(directory / "told") + chance.randrange(200)
        pid = born(partial(live, directory, [f"{life}-{number}" for number in range(1_000)]))
        while size_of(directory / "told") <= enough:
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    die_at_each_step(Path(sys.argv[1]))
    die_at_each_step_over_damage(Path(sys.argv[1]))
    die_at_any_time(Path(sys.argv[1]), lives=int(sys.argv[2]), seed=int(sys.argv[3]))
