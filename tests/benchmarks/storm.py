"""How long others wait while one sender storms: the time of the same incidents with and without its storm, as a ratio.

Run with `make bench BENCH=storm`. Both are from one run, with one worker, an empty queue before each, and Graph's
documented limits: one channel a second, so that 25 incidents take 25 seconds at least. The others' incidents are raised
once the intake has accepted the whole storm.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from house import House, eventually

STORM = int(os.environ.get("STORM", "650"))
OTHERS = 25
AT_ONCE = 20
LIMIT = 1_800


async def main():
    documented = {"teams_requests_per_second": 4, "teams_channels_per_second": 1, "sweep_every_seconds": 0}
    with tempfile.TemporaryDirectory() as directory:
        async with House(Path(directory), lock="PT1M", **documented) as house:
            intake = await house.intake()
            worker = await house.work()
            await told(intake, await raise_all(intake, [incident("warm-up", 0)]))
            calm = await told(intake, await raise_all(intake, others("calm")))
            await raise_all(intake, [incident("storm", number) for number in range(STORM)])
            stormy = await told(intake, await raise_all(intake, others("stormy")))
            copies = worker.log.count("launch.put_off")
    show(calm, stormy, copies)


def others(when):
    """One of each sender; the last of them is of severity 1."""
    return [incident(f"{when}-{number}", number, severity=1 if number == OTHERS - 1 else 3) for number in range(OTHERS)]


def incident(source, number, *, severity=3):
    return {"title": f"{source}: number {number}", "source": source, "service": source, "severity": severity}


async def raise_all(intake, incidents):
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(wanted):
        async with turns:
            answer = await intake.post("/v1/incidents", json=wanted)
            assert answer.status_code == 202, answer.text
            return answer.json()["status_url"]

    return await asyncio.gather(*map(one, incidents))


async def told(intake, addresses):
    """The seconds from its receipt to the first person told, of each."""

    async def seconds(address):
        async def is_told():
            answer = await intake.get(address)
            shown = answer.json() if answer.status_code == 200 else {}
            return shown if shown.get("told_at") and shown["state"] == "launched" else None

        shown = await eventually(is_told, limit=LIMIT, every=1)
        took = datetime.fromisoformat(shown["told_at"]) - datetime.fromisoformat(shown["received_at"])
        return took.total_seconds()

    return await asyncio.gather(*map(seconds, addresses))


def show(calm, stormy, copies):
    print(f"storm                        {STORM} incidents of one sender, then {OTHERS} of others")
    print(f"put off and received again   {copies} times")
    for name, of in (("median of the others", statistics.median), ("last of the others", max)):
        show_line(name, of(calm[:-1]), of(stormy[:-1]))
    show_line("the severity 1", calm[-1], stormy[-1])


def show_line(name, calm, stormy):
    print(f"told, {name:22} {calm:6.1f} s calm, {stormy:6.1f} s in the storm   ratio {stormy / calm:.2f}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
