"""How much a launch takes beyond its remote calls: the ratio of its time to its longest chain of calls.

Run with `make bench`. The sandbox answers about as slowly as the real systems; both times come from one run, so that
the ratio says something on a noisy machine too.
"""

import asyncio
import re
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from house import House, eventually

LAUNCHES = 20


async def main():
    with tempfile.TemporaryDirectory() as directory:
        async with House(Path(directory), sandbox_options=("--latency", "realistic")) as house:
            started = time.monotonic()
            await house.work()
            cold_start = time.monotonic() - started
            intake = await house.intake()
            await launch(house, intake)  # the first one loads what is loaded lazily, and does not count
            launches = [await launch(house, intake) for _ in range(LAUNCHES)]
    show(cold_start, launches)


async def launch(house, intake):
    """The seconds from accepted to launched, those of the longest chain of calls, and the number of calls."""
    before = len(await house.requests())
    answer = await intake.post("/v1/incidents", json={"title": "Checkout is down", "service": "checkout"})
    address = answer.json()["status_url"]

    async def launched():
        shown = await intake.get(address)
        return shown.json() if shown.status_code == 200 and shown.json()["state"] == "launched" else None

    shown = await eventually(launched)
    took = datetime.fromisoformat(shown["launched_at"]) - datetime.fromisoformat(shown["received_at"])
    calls = (await house.requests())[before:]
    return took.total_seconds(), longest_chain(calls), len(calls)


def longest_chain(calls):
    """By the playbook's needs: what had to wait for what, and for how long each call took."""
    item, channel = only(calls, "POST", r"/workItems/\$Issue"), only(calls, "POST", r"/channels$")
    people = max((call["duration"] for call in matching(calls, "GET", r"/users/")), default=0.0)
    announcement = only(calls, "POST", r"/v3/conversations$")
    (read_1, read_2), (patch_1, patch_2) = (durations(calls, method, r"/workItems/\d+") for method in ("GET", "PATCH"))
    tasks = durations(calls, "POST", r"/workItems/\$Task")
    assigned = max(item, people) + max([read_1 + patch_1, *tasks])
    return max(channel + announcement, max(assigned, channel) + read_2 + patch_2)


def matching(calls, method, path):
    return [call for call in calls if call["method"] == method and re.search(path, call["path"])]


def durations(calls, method, path):
    return [call["duration"] for call in matching(calls, method, path)]


def only(calls, method, path):
    [duration] = durations(calls, method, path)
    return duration


def show(cold_start, launches):
    times, chains, calls = zip(*launches, strict=True)
    ratios = [took / chain for took, chain in zip(times, chains, strict=True)]
    print(f"launches                     {len(launches)}")
    print(f"launch time, s               median {statistics.median(times):.3f}  max {max(times):.3f}")
    print(f"longest chain of calls, s    median {statistics.median(chains):.3f}  max {max(chains):.3f}")
    print(f"ratio                        median {statistics.median(ratios):.3f}  max {max(ratios):.3f}")
    print(f"remote calls per launch      {statistics.mean(calls):.1f}")
    print(f"cold start to first receive  {cold_start:.2f} s")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
