"""How much an act takes beyond its remote calls: from its sending to its last effect, against its longest chain.

Run with `make bench BENCH=act`. Somebody sends updates of an incident; each time channel, card and work item
say it. The sandbox answers about as slowly as the real systems; all times come from one run, so that the ratio says
something on a noisy machine too.
"""

import asyncio
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from house import House, eventually

ACTS = 20
_READING = re.compile(r"/messages|/delta")


async def main():
    with tempfile.TemporaryDirectory() as directory:
        options = ("--latency", "realistic")
        async with House(Path(directory), sandbox_options=options) as house:
            await house.work()
            intake = await house.intake()
            incident = await launch(intake)
            ahead = await clock_ahead(house)
            await act(
                house, intake, incident, "acknowledge", 0, ahead
            )  # loads what is loaded lazily, and does not count
            acts = [await act(house, intake, incident, "update", number, ahead) for number in range(1, ACTS + 1)]
    show(acts)


async def launch(intake):
    answer = await intake.post("/v1/incidents", json={"title": "Checkout is down", "service": "checkout"})
    address = answer.json()["status_url"]

    async def launched():
        shown = await intake.get(address)
        return shown.json() if shown.status_code == 200 and shown.json()["state"] == "launched" else None

    return (await eventually(launched))["incident_id"]


async def clock_ahead(house):
    """How far our monotonic clock is ahead of the one by which the stand-ins tell when they were asked."""
    before, now = await house.requests(), time.monotonic()
    await house.http.get("/graph/v1.0/users/nobody@contoso.example")
    [asked] = (await house.requests())[len(before) :]
    return now - asked["start"]


async def act(house, intake, incident, kind, number, ahead):
    """The seconds to the outcome, to the last effect, those of the longest chain of calls, and the number of calls."""
    before, sent = len(await house.requests()), time.monotonic()
    body = {"act": kind, "id": f"bench-{number}", "text": f"Number {number}."}
    answer = await intake.post(f"/v1/incidents/{incident}/acts", json=body)
    decided = time.monotonic() - sent
    assert answer.status_code == 200, answer.text

    async def settled():
        """Until all that was asked is answered, and nothing is asked any more."""
        calls = (await house.requests())[before:]
        is_quiet = calls and all(call["end"] for call in calls)
        return calls if is_quiet and time.monotonic() - ahead - max(call["end"] for call in calls) > 1 else None

    calls = [call for call in await eventually(settled) if not _READING.search(call["path"])]
    effect = max(call["end"] for call in calls) + ahead - sent
    return decided, effect, longest_chain(calls), len(calls)


def longest_chain(calls):
    """Each system is asked by a lane of its own, one call after the other; the lanes at once."""
    lanes = {}
    for call in calls:
        lane = (call["system"], call["method"] == "PUT", "/comments" in call["path"])
        lanes[lane] = lanes.get(lane, 0.0) + call["duration"]
    return max(lanes.values())


def show(acts):
    decided, effects, chains, calls = zip(*acts, strict=True)
    ratios = [took / chain for took, chain in zip(effects, chains, strict=True)]
    print(f"acts                         {len(acts)}")
    print(f"act to outcome, s            median {statistics.median(decided):.3f}  max {max(decided):.3f}")
    print(f"act to last effect, s        median {statistics.median(effects):.3f}  max {max(effects):.3f}")
    print(f"longest chain of calls, s    median {statistics.median(chains):.3f}  max {max(chains):.3f}")
    print(f"ratio                        median {statistics.median(ratios):.3f}  max {max(ratios):.3f}")
    print(f"remote calls per act         {statistics.mean(calls):.1f}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
