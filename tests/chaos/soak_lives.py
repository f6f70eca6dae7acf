"""Incidents that live whole lives while workers are killed at random; prints what was lost and what is there twice."""

# ruff: noqa: T201 (a person reads it)

import argparse
import asyncio
import random
import sys
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from followed import check_record, wrongs
from house import House, eventually
from lives import LIFE, is_quiet, live, open_sender
from nursery import open_nursery

from worker.domain.incident import incident_id

# As many as live at once.
WAVE = 10
SETTINGS = {
    "lease_seconds": 3,
    "call_timeout_seconds": 5,
    "lookup_lag_seconds": 1,
    "slots": 6,
    "sweep_every_seconds": 0,
}
KILL_EVERY = (10.0, 30.0)
# Of a wave, once its last act was decided.
QUIET_WITHIN = 240.0


@dataclass
class Tally:
    incidents: int = 0
    acts: int = 0
    kills: int = 0
    undecided: int = 0
    lost: int = 0
    twice: int = 0
    behind: int = 0
    bad: list[str] = field(default_factory=list)

    def count(self, key, found):
        """`found`: how often something stands that should once, or what shows an older state."""
        for what, seen in found.items():
            self.bad.append(f"{incident_id(key)}: {what}: {seen}")
            if isinstance(seen, str):
                self.behind += 1
            elif seen:
                self.twice += 1
            else:
                self.lost += 1

    def __str__(self):
        return (
            f"{self.incidents} incidents, {self.acts} acts, each sent twice; {self.kills} kills; "
            f"{self.undecided} undecided, {self.lost} lost, {self.twice} twice, {self.behind} behind"
        )


async def soak(house, tally, *, incidents, workers):
    alive = [await house.work() for _ in range(workers)]
    strikes = asyncio.create_task(strike(house, alive, tally))
    async with open_sender(house) as sender:
        try:
            for begun in range(0, incidents, WAVE):
                keys = [f"life-{number}" for number in range(begun, min(begun + WAVE, incidents))]
                await wave(house, sender, tally, keys)
                print(tally, flush=True)
        finally:
            strikes.cancel()
            with suppress(asyncio.CancelledError):
                await strikes


async def strike(house, alive, tally):
    """Until cancelled: the worker that dies is followed by another one."""
    while True:
        await asyncio.sleep(random.uniform(*KILL_EVERY))
        await alive.pop(random.randrange(len(alive))).kill()
        tally.kills += 1
        alive.append(await house.work())


async def wave(house, sender, tally, keys):
    for key in keys:
        await sender.raise_incident(key)
    lives = await asyncio.gather(*(live(sender, key, times=2) for key in keys), return_exceptions=True)
    tally.incidents += len(keys)
    tally.acts += len(keys) * len(LIFE)
    tally.undecided += sum(isinstance(each, BaseException) for each in lives)
    tally.bad += [repr(each) for each in lives if isinstance(each, BaseException)]
    for key in keys:
        with suppress(AssertionError):
            await eventually(lambda key=key: is_whole(house, sender, key), limit=QUIET_WITHIN, every=0.5)
        await look_at(house, sender, tally, key)


async def is_whole(house, sender, key):
    """The next wave is not waited for: what is quiet is this one."""
    world = await house.world()
    has_ended = world.effects(incident_id(key))["link"] == 1 and await is_quiet(house)
    return has_ended and not await wrongs(house, sender, key)


async def look_at(house, sender, tally, key):
    tally.count(key, await wrongs(house, sender, key))
    try:
        await check_record(sender, key)
    except AssertionError as error:
        tally.bad.append(f"{incident_id(key)}: its record: {error}")
    effects = (await house.world()).effects(incident_id(key))
    launched = {name: count for name, count in effects.items() if name in {"work item", "channel", "announcement"}}
    tally.count(key, {name: count for name, count in launched.items() if count != 1})


async def run(chosen):
    tally = Tally()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tocsin-lives-", ignore_cleanup_errors=True)))
        nursery = stack.enter_context(open_nursery())
        house = await stack.enter_async_context(House(folder, nursery=nursery, **SETTINGS))
        await soak(house, tally, incidents=chosen.incidents, workers=chosen.workers)
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    began = time.monotonic()
    tally = asyncio.run(run(chosen))
    print(f"seed {chosen.seed}; {time.monotonic() - began:.0f} s by {chosen.workers} workers")
    print("\n".join([str(tally), *tally.bad]))
    sys.exit(1 if tally.bad else 0)


if __name__ == "__main__":
    main()
