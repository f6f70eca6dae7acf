"""A sandbox, workers and an intake as real processes, and the world they act on, for tests from end to end."""

import asyncio
import os
import re
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from patience import LIMIT

from worker.sandbox.service_bus.config import PACKAGED

# One that a test can wait out.
LOCK = "PT5S"


async def eventually(condition, *, limit=LIMIT, every=0.05):
    """The condition's first true value; fails with its last one after the limit, in seconds."""
    deadline = asyncio.get_running_loop().time() + limit
    while not (value := await condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"Not within {limit:.0f} s; last seen: {value!r}")
        await asyncio.sleep(every)
    return value


class Program:
    """One `tocsin` process with its log in a file."""

    def __init__(self, process, log_file):
        self.process = process
        self.log_file = log_file

    @property
    def log(self):
        return self.log_file.read_text()

    async def said(self, words, *, limit=LIMIT):
        """Until the words stand in its log."""

        async def found():
            assert self.process.returncode is None or words in self.log, self.log[-4000:]
            return words in self.log

        await eventually(found, limit=limit)

    def send(self, number):
        if self.process.returncode is None:
            self.process.send_signal(number)

    async def kill(self):
        self.send(signal.SIGKILL)
        await self.process.wait()

    async def stop(self):
        """Ask it to end, as a platform does; its exit code."""
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), LIMIT)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"Did not stop within {LIMIT:.0f} s:\n{self.log[-4000:]}") from None


class House:
    """Everything a launch needs on loopback; a context, and nothing is left of it afterwards."""

    def __init__(self, directory: Path, *, nursery=None, lock=LOCK, sandbox_options=(), **settings):
        self.directory = directory
        self._nursery = nursery
        # The production queue's settings, but for the lock.
        self._queues = PACKAGED.read_text().replace('"PT1M"', f'"{lock}"')
        self.sandbox_options = sandbox_options
        # The stand-in enforces Graph's limits only when it is told to.
        quick = {"teams_requests_per_second": 1_000, "teams_channels_per_second": 1_000}
        self.settings = {f"TOCSIN_{name.upper()}": str(value) for name, value in (quick | settings).items()}
        self.env = {}
        self._stack = AsyncExitStack()
        self._programs = 0

    async def __aenter__(self):
        env_file, queues = self.directory / "sandbox.env", self.directory / "queues.json"
        queues.write_text(self._queues)
        self.sandbox = await self.start(
            "sandbox", "--services-only", "--queues", str(queues), "--env-file", str(env_file), *self.sandbox_options
        )

        async def written():
            assert self.sandbox.process.returncode is None, self.sandbox.log
            return env_file.exists()

        await eventually(written)
        self.env = _variables(env_file.read_text())
        self.url = self.env["TOCSIN_GRAPH_URL"].removesuffix("/graph/v1.0")
        self.http = await self._stack.enter_async_context(httpx.AsyncClient(base_url=self.url, timeout=LIMIT))
        return self

    async def __aexit__(self, *_):
        await self._stack.aclose()

    async def start(self, *arguments, **settings):
        """A `tocsin` process that ends with the house."""
        self._programs += 1
        log_file = self.directory / f"{self._programs}-{arguments[0]}.log"
        log_file.touch()
        process = await self.begin(*arguments, out=log_file, err=log_file, **settings)
        program = Program(process, log_file)
        self._stack.push_async_callback(program.stop)
        return program

    def environment(self):
        """By which any program finds its way about the house."""
        return os.environ | self.env | self.settings

    async def begin(self, *arguments, out, err, **settings):
        """A `tocsin` process that whoever began it sees to; from the nursery, or as a person starts it."""
        changed = {f"TOCSIN_{name.upper()}": str(value) for name, value in settings.items()}
        environment = self.environment() | {"COLUMNS": "80"} | changed
        if self._nursery:
            return self._nursery.start(*arguments, environment=environment, folder=self.directory, out=out, err=err)
        with out.open("ab") as to_out, err.open("ab") as to_err:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "worker", *arguments),
                env=environment,
                cwd=self.directory,
                stdout=to_out,
                stderr=to_err,
            )

    async def work(self, **settings):
        worker = await self.start("work", **settings)
        await worker.said("worker.ready")
        return worker

    async def intake(self):
        intake = await self.start("intake", "--port", "0")
        await intake.said("intake.listening")
        address = re.search(r"http://127\.0\.0\.1:\d+", intake.log).group()
        return await self._stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=LIMIT))

    async def fault(self, **fault):
        answer = await self.http.post("/sandbox/faults", json=fault)
        answer.raise_for_status()

    async def behave(self):
        (await self.http.delete("/sandbox/faults")).raise_for_status()

    async def world(self):
        return World((await self.http.get("/sandbox/state")).json())

    async def requests(self):
        return (await self.http.get("/sandbox/requests")).json()["requests"]


class World:
    """What is there, as the sandbox shows it."""

    def __init__(self, state):
        self.work_items = [item for item in state["boards"]["work_items"] if not item["deleted"]]
        self.channels = [channel for channel in state["graph"]["channels"] if not channel["deletedDateTime"]]
        teams = [state["graph"], *state["graph"]["other_teams"]]
        self.all_channels = [
            {**channel, "team": team["team"]["id"]}
            for team in teams
            for channel in team["channels"]
            if not channel["deletedDateTime"]
        ]
        self.queues = state["queue"]

    def effects(self, incident_id):
        """How often each effect of one launch is there."""
        items = [item for item in self.work_items if incident_id in item["fields"]["System.Title"]]
        issues = [item for item in items if item["type"] != "Task"]
        channels = [channel for channel in self.channels if channel["displayName"].startswith(incident_id)]
        links = [link for item in issues for link in item["links"] if link["rel"] == "Hyperlink"]
        mark = f"announcement:{incident_id.removeprefix('inc-')}"
        announced = [each for channel in channels for each in channel["messages"] if mark in str(each["attachments"])]
        owners = [item["fields"]["System.AssignedTo"] for item in issues if "System.AssignedTo" in item["fields"]]
        return {
            "work item": len(issues),
            "channel": len(channels),
            "link": len(links),
            "owner": len(owners),
            "announcement": len(announced),
            "tasks": sorted(
                item["fields"]["System.AssignedTo"]["uniqueName"] for item in items if item["type"] == "Task"
            ),
        }


def one_of_each(*tasks):
    """The effects of a whole launch; a task for each person on call besides the owner."""
    return {"work item": 1, "channel": 1, "link": 1, "owner": 1, "announcement": 1, "tasks": sorted(tasks)}


def _variables(text):
    pairs = (line.partition("=") for line in text.splitlines() if line.startswith("TOCSIN_"))
    return {name: value.strip("'\"") for name, _, value in pairs}
