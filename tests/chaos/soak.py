"""Thousands of incidents while workers are killed and paused at random; prints what was lost and duplicated."""

# ruff: noqa: T201 (a person reads it)

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chaos_bench import SETTINGS, Bench, open_bench
from chaos_oracle import dead_letters, in_queue, verdict
from chaos_processes import Worker, Workers, tocsin_json
from chaos_recovery import Death, Recovery, recoveries
from nursery import open_nursery

from worker.domain.event import Event
from worker.domain.incident import incident_id

# A team takes a thousand channels, and the more it has the longer a look through them takes.
ROUND = 200
# Enough that every slot has work, few enough that what is killed is mostly at work.
IN_FLIGHT_PER_WORKER = 4
# Roomier than those of the matrices: here launches wait for each other, for turns at a team that takes one channel a
# second from each worker.
SETTINGS_OF_THE_SOAK = {
    **SETTINGS,
    "TOCSIN_SLOTS": "2",
    "TOCSIN_LEASE_SECONDS": "5",
    "TOCSIN_CALL_TIMEOUT_SECONDS": "3",
}
LOCK = "PT5S"
# Between two blows, for all workers together.
BLOWS_EVERY = (1.0, 5.0)
PAUSES = (1.0, 6.0)
KILLED = 0.7
# An incident that met many deaths is put off for up to five minutes.
STUCK = timedelta(minutes=10)


@dataclass
class Tally:
    incidents: int = 0
    pauses: int = 0
    lost: Counter = field(default_factory=Counter)
    duplicate: Counter = field(default_factory=Counter)
    swept: int = 0
    parked: int = 0
    bad: list[str] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    recovered: list[Recovery] = field(default_factory=list)
    loop_held: list[float] = field(default_factory=list)


class Round:
    """Some incidents on one sandbox, until the queue is empty and the world is counted."""

    def __init__(self, bench: Bench, tally: Tally, *, incidents: int, workers: int) -> None:
        self._bench = bench
        self._tally = tally
        self._count = workers
        self._queue = bench.queue_of_its_own()
        self._keys = [f"soak-{tally.incidents + number}-{random.random()}" for number in range(incidents)]
        self._alive: list[Worker] = []
        self._all: list[Worker] = []
        self._deaths: list[Death] = []

    async def run(self) -> None:
        for _ in range(self._count):
            self._bear()
        blows = asyncio.create_task(self._strike())
        try:
            await self._feed()
        finally:
            blows.cancel()
            await asyncio.gather(blows, return_exceptions=True)
            for worker in self._alive:
                worker.go_on()
        state = await self._until_empty()
        self._count_all(state)
        for worker in self._all:
            await worker.end()
        await self._sweep()

    async def _sweep(self) -> None:
        """After the count: what a sweep would have mended."""
        settings = self._bench.settings(self._queue)
        swept = await tocsin_json("sweep", "--yes", settings=settings, folder=self._bench.folder)
        self._tally.swept += swept["counts"]["repaired"]
        self._tally.bad += [f"the sweep could not look: {each}" for each in swept["findings"] if not each["id"]]

    def _bear(self) -> None:
        settings = self._bench.settings(self._queue) | SETTINGS_OF_THE_SOAK
        worker = self._bench.workers.start(settings)
        self._alive.append(worker)
        self._all.append(worker)

    async def _feed(self) -> None:
        """Each event twice, now and then: what a sender does that heard no answer."""
        to_come = list(self._keys)
        while to_come:
            waiting = in_queue(await self._bench.state(), self._queue)
            self._show(len(to_come), waiting)
            room = IN_FLIGHT_PER_WORKER * self._count - waiting
            batch, to_come = to_come[: max(room, 0)], to_come[max(room, 0) :]
            events = [Event(title="Checkout is down", service="checkout", key=key) for key in batch]
            again = [event for event in events if random.random() < 0.1]
            if events:
                await self._bench.publish(self._queue, *events, *again)

    def _show(self, to_come: int, waiting: int) -> None:
        sent = self._tally.incidents + len(self._keys) - to_come
        print(f"\r{sent} sent, {waiting} in the queue, {len(self._deaths)} kills ", end="", file=sys.stderr, flush=True)

    async def _strike(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(*BLOWS_EVERY))
            worker = random.choice(self._alive)
            if random.random() < KILLED:
                await self._kill(worker)
            else:
                await self._pause(worker)

    async def _kill(self, worker: Worker) -> None:
        worker.kill()
        self._deaths.append(Death(worker, datetime.now(UTC)))
        self._alive.remove(worker)
        self._bear()

    async def _pause(self, worker: Worker) -> None:
        self._tally.pauses += 1
        worker.stop()
        await asyncio.sleep(random.uniform(*PAUSES))
        worker.go_on()

    async def _until_empty(self) -> dict:
        limit = time.monotonic() + STUCK.total_seconds()
        while waiting := in_queue(await self._bench.state(), self._queue):
            self._show(0, waiting)
            if time.monotonic() > limit:
                self._tally.bad.append(f"{waiting} messages are still there after {STUCK}")
                break
        return await self._bench.state()

    def _count_all(self, state: dict) -> None:
        tally = self._tally
        tally.incidents += len(self._keys)
        tally.parked += len(dead_letters(state, self._queue))
        for key in self._keys:
            found = verdict(state, incident_id(key))
            tally.lost += found.lost
            tally.duplicate += found.duplicate
            if not found.is_clean:
                tally.bad.append(f"{incident_id(key)}: {found}")
        tally.deaths += self._deaths
        tally.recovered += recoveries(self._deaths, self._all)
        late = (event for worker in self._all for event in worker.events() if event["event"] == "worker.loop_late")
        tally.loop_held += [event["worked_seconds"] for event in late]


async def soak(incidents: int, workers: int) -> Tally:
    tally = Tally()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tocsin-soak-", ignore_cleanup_errors=True)))
        born = Workers(stack.enter_context(open_nursery()), folder)
        for begun in range(0, incidents, ROUND):
            place = folder / f"sandbox-{begun}"
            place.mkdir()
            async with open_bench(born, place, queues=1, lock=LOCK) as bench:
                size = min(ROUND, incidents - begun)
                await Round(bench, tally, incidents=size, workers=workers).run()
            print(f"\n{tally.incidents} incidents, {len(tally.deaths)} kills", flush=True)
    return tally


def report(tally: Tally, *, workers: int, seconds: float, seed: int) -> None:
    print(f"seed        {seed}")
    print(f"incidents   {tally.incidents} in {seconds:.0f} s, by {workers} workers")
    print(f"kills       {len(tally.deaths)}, with {len(tally.recovered)} incidents in hand; pauses {tally.pauses}")
    print(f"lost        {tally.lost.total()} {dict(tally.lost) or ''}")
    print(f"duplicate   {tally.duplicate.total()} {dict(tally.duplicate) or ''}")
    print(f"swept       {tally.swept}")
    print(f"parked      {tally.parked}")
    _tell_times("taken up", [each.taken_up for each in tally.recovered])
    _tell_times("launched", [each.launched for each in tally.recovered])
    # A worker that we had paused was late as well, and computed nothing meanwhile.
    print(f"loop held   {max(tally.loop_held, default=0.0):.1f} s at most by a worker itself")
    print(f"settings    lock {LOCK}, " + ", ".join(map(" ".join, SETTINGS_OF_THE_SOAK.items())))
    for line in tally.bad:
        print(line)


def _tell_times(what: str, times: list[timedelta]) -> None:
    seconds = [each.total_seconds() for each in times]
    if seconds:
        print(f"{what}    after a kill: median {median(seconds):.1f} s, longest {max(seconds):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args()
    # It steers what is struck and when; what is under way at that moment is the machine's.
    random.seed(chosen.seed)
    began = time.monotonic()
    tally = asyncio.run(soak(chosen.incidents, chosen.workers))
    report(tally, workers=chosen.workers, seconds=time.monotonic() - began, seed=chosen.seed)
    sys.exit(1 if tally.bad else 0)


if __name__ == "__main__":
    main()
