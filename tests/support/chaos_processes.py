"""The sandbox and the workers as processes of their own, to be killed, stopped and continued."""

import asyncio
import itertools
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nursery import CHECKOUT, Born, Nursery

START_LIMIT = 90.0


@dataclass
class Worker:
    """One `tocsin work`."""

    process: Born
    log: Path

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    async def end(self) -> None:
        self.kill()
        await self.process.wait()

    def events(self) -> list[dict]:
        """What it logged, as far as whole lines of it are there."""
        return [json.loads(line) for line in self.words().splitlines() if line.startswith("{") and line.endswith("}")]

    def words(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


@dataclass
class Workers:
    """Those of one run, whose logs lie in one folder."""

    nursery: Nursery
    folder: Path
    _births: itertools.count = field(default_factory=lambda: itertools.count(1))

    def start(self, settings: dict[str, str]) -> Worker:
        log = self.folder / f"worker-{next(self._births)}.log"
        environment = _environment() | settings
        born = self.nursery.start("work", environment=environment, folder=self.folder, out=log, err=log)
        return Worker(born, log)


@asynccontextmanager
async def sandbox(nursery: Nursery, folder: Path, queues: dict):
    """The settings that point at a running `tocsin sandbox --services-only`."""
    config, env, log = folder / "queues.json", folder / "sandbox.env", folder / "sandbox.log"
    config.write_text(json.dumps(queues))
    arguments = ("sandbox", "--services-only", "--queues", str(config), "--env-file", str(env))
    process = nursery.start(*arguments, environment=_environment(), folder=folder, out=log, err=log)
    try:
        async with asyncio.timeout(START_LIMIT):
            while not env.exists():
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
        yield dict(re.findall(r"^(\w+)='(.*)'$", env.read_text(), re.MULTILINE))
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def tocsin_json(*arguments: str, settings: dict[str, str], folder: Path) -> dict:
    """What a command of the command line says with --json."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", *arguments, "--json"), cwd=folder, env=_environment() | settings, stdout=PIPE
    )
    words, _ = await process.communicate()
    return json.loads(words)


def _environment() -> dict[str, str]:
    """Ours without any TOCSIN_ setting of the person who runs the tests."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return ours | {"PYTHONPATH": str(CHECKOUT)}
