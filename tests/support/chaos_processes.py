"""The sandbox and the workers as processes of their own, to be killed, stopped and continued."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
START_LIMIT = 90.0


@dataclass
class Worker:
    """One `tocsin work`, or another command; until it is reaped, its number belongs to nobody else."""

    pid: int
    log: Path
    nursery: "Nursery"
    alive: bool = True

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    async def end(self) -> None:
        if self.alive:
            self.alive = False
            os.kill(self.pid, signal.SIGKILL)
            await self.nursery.reap(self.pid)

    def events(self) -> list[dict]:
        """What it logged, as far as whole lines of it are there."""
        return [json.loads(line) for line in self.words().splitlines() if line.startswith("{") and line.endswith("}")]

    def words(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def _signal(self, number: int) -> None:
        if self.alive:
            os.kill(self.pid, number)


class Nursery:
    """Where workers are born; ends them all when it is left."""

    def __init__(self, process: Process, folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._one_at_a_time = asyncio.Lock()
        self._births = 0

    async def start(self, settings: dict[str, str]) -> Worker:
        self._births += 1
        log = self._folder / f"worker-{self._births}.log"
        return Worker(int(await self._order(settings=settings, log=str(log))), log, self)

    async def reap(self, pid: int) -> None:
        await self._order(reap=pid)

    async def _order(self, **order) -> str:
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            answer = await self._process.stdout.readline()
        assert answer, "The nursery of the workers has died; its words are in nursery.log."
        return answer.decode().strip()


@asynccontextmanager
async def nursery(folder: Path, *command: str):
    """Of workers, or of what another command starts."""
    script = str(Path(__file__).with_name("chaos_nursery.py"))
    async with _process(folder, "nursery", script, *(command or ("work",)), stdin=PIPE, stdout=PIPE) as process:
        async with asyncio.timeout(START_LIMIT):
            assert await process.stdout.readline() == b"ready\n"
        yield Nursery(process, folder)
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def sandbox(folder: Path, queues: dict):
    """The settings that point at a running `tocsin sandbox --services-only`."""
    config, env = folder / "queues.json", folder / "sandbox.env"
    config.write_text(json.dumps(queues))
    arguments = ("-m", "worker", "sandbox", "--services-only", "--queues", str(config), "--env-file", str(env))
    async with _process(folder, "sandbox", *arguments) as process:
        async with asyncio.timeout(START_LIMIT):
            while not env.exists():
                assert process.returncode is None, (folder / "sandbox.log").read_text()
                await asyncio.sleep(0.05)
        yield dict(re.findall(r"^(\w+)='(.*)'$", env.read_text(), re.MULTILINE))


async def tocsin_json(*arguments: str, settings: dict[str, str], folder: Path) -> dict:
    """What a command of the command line says with --json."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", *arguments, "--json"), cwd=folder, env=_environment() | settings, stdout=PIPE
    )
    words, _ = await process.communicate()
    return json.loads(words)


@asynccontextmanager
async def _process(folder: Path, name: str, *arguments: str, **streams):
    with (folder / f"{name}.log").open("wb") as words:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=folder, env=_environment(), stderr=words, **{"stdout": words, **streams}
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _environment() -> dict[str, str]:
    """Ours without any TOCSIN_ setting of the person who runs the tests."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return ours | {"PYTHONPATH": str(CHECKOUT)}
