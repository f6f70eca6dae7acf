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
from pathlib import Path

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.intake import spool_file
from worker.intake.spool import open_spool

EVENTS = 4
STEPS_LIMIT = 500


class Note:
    """Names on a page that outlives whoever writes."""

    def __init__(self, path):
        self._page = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, name):
        os.write(self._page, f"{name}\n".encode())


async def live(directory, names, step):
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
    """Each statement to the file is a step."""

    def connect(path):
        connection = connected(path)
        connection.set_trace_callback(lambda _: step())
        return connection

    return connect


def born(directory, names, die_at=None):
    """The process of a life; one that is to die at a step does so by its own hand."""
    if pid := os.fork():
        return pid
    left = die_at

    def step():
        nonlocal left
        if left is not None:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    spool_file._connect = traced(spool_file._connect, step)
    asyncio.run(live(directory, names, step))
    os._exit(0)


def die_at_each_step(folder):
    for step in range(1, STEPS_LIMIT):
        directory = folder / f"step-{step:03d}"
        directory.mkdir()
        _, status = os.waitpid(born(directory, [f"e{number}" for number in range(EVENTS)], step), 0)
        if os.WIFEXITED(status):
            return


def size_of(page):
    return page.stat().st_size if page.exists() else 0


def die_at_any_time(folder, lives, seed):
    chance = random.Random(seed)
    directory = folder / "any-time"
    directory.mkdir()
    for life in range(lives):
        enough = size_of(directory / "told") + chance.randrange(200)
        pid = born(directory, [f"{life}-{number}" for number in range(1_000)])
        while size_of(directory / "told") <= enough:
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    die_at_each_step(Path(sys.argv[1]))
    die_at_any_time(Path(sys.argv[1]), lives=int(sys.argv[2]), seed=int(sys.argv[3]))
