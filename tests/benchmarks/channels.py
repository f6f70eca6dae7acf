"""How much longer a launch takes in a team of nine hundred channels than in one of ten, and how a backlog fares there.

Run with `make bench BENCH=channels`. The sandbox answers at once, and both teams get their launches by turns, so that
the ratios say something on a noisy machine too. In the backlog each of the first channels is answered as if it might
have been made, so that all slots look for one that is not there: by its name, then in the whole list.
"""

import asyncio
import re
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx
from house import House, eventually
from prometheus_client.parser import text_string_to_metric_families

FEW, MANY = 10, 900
LAUNCHES = 20
BACKLOG = 60
SLOTS = 16
DOUBTFUL = {"behaviour": "status", "status": 502, "times": 2 * SLOTS}
PROBED_EVERY = 0.02
STUCK = 600
SETTINGS = {"slots": SLOTS, "lease_seconds": 5, "call_timeout_seconds": 5, "lookup_lag_seconds": 1, "health_port": 0}


async def main():
    with tempfile.TemporaryDirectory() as directory:
        async with AsyncExitStack() as stack:
            teams = []
            for number in (FEW, MANY):
                place = Path(directory) / str(number)
                place.mkdir()
                teams.append(await stack.enter_async_context(Team.opened(place, number)))
            await show_launches(*teams)
            await show_backlogs(*teams)


class Team:
    """A house whose team has that many channels, and its worker as it shows itself."""

    def __init__(self, house, channels):
        self.house = house
        self.channels = channels
        self.longest = 0.0

    @classmethod
    @asynccontextmanager
    async def opened(cls, directory, channels):
        async with House(directory, **SETTINGS) as house:
            team = cls(house, channels)
            await team.fill()
            await team.begin_worker()
            team.intake = await house.intake()
            await team.launch()  # the first one loads what is loaded lazily, and does not count
            yield team

    async def fill(self):
        path = f"/graph/v1.0/teams/{self.house.env['TOCSIN_TEAMS_TEAM_ID']}/channels"
        for number in range(self.channels - 1):
            wish = {"displayName": f"channel-{number}", "description": "A channel for this and that. " * 8}
            (await self.house.http.post(path, json=wish)).raise_for_status()

    async def begin_worker(self):
        self.worker = await self.house.work()
        await self.worker.said("health.listening")
        [address] = re.findall(r'"address": "([^"]+)", "event": "health.listening"', self.worker.log)
        self.http = httpx.AsyncClient(base_url=address, timeout=60)

    async def launch(self):
        answer = await self.intake.post("/v1/incidents", json={"title": "Checkout is down", "service": "checkout"})

        async def launched():
            shown = await self.intake.get(answer.json()["status_url"])
            return shown.json() if shown.status_code == 200 and shown.json()["state"] == "launched" else None

        shown = await eventually(launched)
        took = datetime.fromisoformat(shown["launched_at"]) - datetime.fromisoformat(shown["received_at"])
        return took.total_seconds()

    async def number(self, name):
        families = text_string_to_metric_families((await self.http.get("/metrics")).text)
        return next((each.value for family in families for each in family.samples if each.name == name), 0.0)

    async def probe(self):
        """The longest that its worker let somebody wait for its pulse."""
        while True:
            asked = time.monotonic()
            await self.http.get("/livez")
            self.longest = max(self.longest, time.monotonic() - asked)
            await asyncio.sleep(PROBED_EVERY)

    async def meet_backlog(self):
        """The launches, the seconds until all messages are settled, the longest pauses, and the locks lost."""
        before = await self.number("tocsin_launch_seconds_count")
        await self.house.fault(system="graph", method="POST", path="/channels$", **DOUBTFUL)
        events = [{"title": f"Checkout {number} is down", "service": "checkout"} for number in range(BACKLOG)]
        began, probing = time.monotonic(), asyncio.create_task(self.probe())
        await asyncio.gather(*(self.intake.post("/v1/incidents", json=event) for event in events))
        await eventually(self.is_empty, limit=STUCK, every=0.5)
        took = time.monotonic() - began
        probing.cancel()
        launched = await self.number("tocsin_launch_seconds_count") - before
        heartbeat = await self.number("tocsin_event_loop_longest_pause_seconds")
        lost = await self.number("tocsin_locks_lost_total")
        return launched, took, self.longest, heartbeat, lost

    async def is_empty(self):
        queues = (await self.house.world()).queues
        return not any(queue["messages"] for queue in queues.values())


async def show_launches(few, many):
    pairs = [(await few.launch(), await many.launch()) for _ in range(LAUNCHES)]
    of_few, of_many = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"a launch among {FEW:3} channels, s     {of_few:.3f}")
    print(f"a launch among {MANY:3} channels, s     {of_many:.3f}   ratio {of_many / of_few:.2f}")


async def show_backlogs(*teams):
    for team in teams:
        launched, took, outside, heartbeat, lost = await team.meet_backlog()
        print(
            f"a backlog among {team.channels:3} channels: {launched:.0f} launches in {took:.1f} s "
            f"({launched / took:.1f}/s), {lost:.0f} locks lost; the longest pause {outside * 1000:.0f} ms as its "
            f"pulse was answered, {heartbeat * 1000:.0f} ms by its heartbeat"
        )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
