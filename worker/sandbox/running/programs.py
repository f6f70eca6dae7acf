"""The intake and the worker as processes beside the sandbox, their words kept in a file each."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Self

from worker.domain.errors import Permanent
from worker.settings import PREFIX

# Importing the SDKs takes seconds, and many on a laden machine.
_START_LIMIT = timedelta(seconds=90)
# A worker drains within twenty-five.
_STOP_LIMIT = timedelta(seconds=30)
_LAST_LINES = 15
_LAST_BYTES = 16 * 1024

# What a person may wish to tune; nothing else of their settings, lest a real key or address gets into the sandbox.
_TUNABLE = (
    *("SLOTS", "LEASE_SECONDS", "CALL_TIMEOUT_SECONDS", "LOOKUP_LAG_SECONDS", "GIVE_UP_AFTER_SECONDS", "LOG"),
    *("MINUTE_SECONDS", "ARCHIVE_AFTER_DAYS", "PAGING", "ALERTS_ACKNOWLEDGE", "ALERTS_RESOLVE", "MEMBERS_ACKNOWLEDGE"),
    *("GROUPING_WINDOW_SECONDS", "GROUPING_REOPEN_SECONDS", "GROUPING_IDLE_SECONDS", "GROUPING_TELL_SECONDS"),
)
# What they try their own alerts with.
_MAPS = f"{PREFIX}FORMATS"


class ProgramDied(Permanent):
    """A process of the sandbox ended by itself; the message holds its last lines."""


@dataclass(slots=True)
class Program:
    """One running `tocsin` command; what it says first on standard output is that it is ready."""

    name: str
    log: Path
    process: Process

    @classmethod
    async def start(cls, *arguments: str, settings: Mapping[str, str], folder: Path) -> Self:
        log = folder / f"{arguments[0]}.log"
        with log.open("ab") as words:
            process = await _spawn(arguments, settings, words, folder)
        return cls(arguments[0], log, process)

    async def ready(self) -> str:
        """Its first line; raises ProgramDied."""
        assert self.process.stdout is not None  # noqa: S101  # for the type checker; we asked for the pipe
        try:
            async with asyncio.timeout(_START_LIMIT.total_seconds()):
                line = await self.process.stdout.readline()
        except TimeoutError:
            raise ProgramDied(self._last_words(f"was not ready within {_START_LIMIT}")) from None
        if not line:
            raise await self.died()
        return line.decode(errors="replace").strip()

    async def died(self) -> ProgramDied:
        """Wait until it ends by itself."""
        code = await self.process.wait()
        return ProgramDied(self._last_words(f"ended with exit code {code}"))

    async def stop(self) -> None:
        """Ask it to end, and end it hard if it does not."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_LIMIT.total_seconds()):
                await self.process.wait()
        finally:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    def _last_words(self, what: str) -> str:
        with self.log.open("rb") as words:
            words.seek(max(0, self.log.stat().st_size - _LAST_BYTES))
            lines = words.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
        told = "\n".join(f"  {line}" for line in lines) or "  (it said nothing)"
        return f"`tocsin {self.name}` {what}. Its last lines were:\n{told}"


async def _spawn(arguments: tuple[str, ...], settings: Mapping[str, str], words: IO[bytes], folder: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker.sandbox.running.child", *arguments),
        env=environment_of(settings),
        cwd=folder,  # so that no .env file of the checkout is read
        stdin=PIPE,
        stdout=PIPE,
        stderr=words,
        start_new_session=True,  # Ctrl-C reaches us alone: we stop the processes in order
    )


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {PREFIX + name for name in _TUNABLE}
    maps = os.environ.get(_MAPS)
    found = {_MAPS: str(Path(maps).absolute())} if maps else {}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) or name in kept}
    # In another working directory, the packages are found where ours are.
    packages = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
    return inherited | found | {"PYTHONPATH": path} | dict(settings)
