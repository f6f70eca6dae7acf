"""Run Azurite's table service beside us: the real store of the sandbox, the demo and the tests."""

import argparse
import asyncio
import collections
import contextlib
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from datetime import timedelta
from pathlib import Path

from worker.sandbox.tables.install import AzuriteError, find_node, install, last_lines

HOST = "127.0.0.1"  # not "localhost": with a port of our own the SDK would take that for Cosmos DB
ACCOUNT = "devstoreaccount1"
# The development key that Microsoft publishes for every Azurite; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
WATCH = Path(__file__).with_name("azurite_watch.cjs")
START_LIMIT = timedelta(seconds=60)  # a second on an idle machine, many on a laden one
STOP_LIMIT = timedelta(seconds=10)  # it writes its tables and lets open connections go
LAST_WORDS = 20


class Azurite:
    """A running Azurite; it ends with `close`, or with this process, however that ends."""

    def __init__(self, process: Process, port: int, last_words: collections.deque[str]) -> None:
        self.port = port
        self._process = process
        self._last_words = last_words
        self._listener = asyncio.create_task(_listen(process, last_words))

    @property
    def connection_string(self) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"TableEndpoint=http://{HOST}:{self.port}/{ACCOUNT};"
        )

    async def close(self) -> None:
        """Let it write its tables and end; a second call does nothing."""
        await _end(self._process)
        await self._listener


async def start_azurite(*, data: Path | None = None, port: int = 0, cache: Path | None = None) -> Azurite:
    """Start it in memory, or on the tables in `data`; installs it into `cache` if it is not there yet."""
    package = await asyncio.to_thread(install, cache)
    node = await asyncio.to_thread(find_node)
    process = await asyncio.create_subprocess_exec(
        node.program,
        *("--require", str(WATCH), str(package / "dist/src/table/main.js")),
        *_options(data, port),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,  # Ctrl-C reaches us alone, and the workers still need their store while they drain
    )
    last_words: collections.deque[str] = collections.deque(maxlen=LAST_WORDS)
    try:
        async with asyncio.timeout(START_LIMIT.total_seconds()):
            given = await _read_announced_port(process, last_words)
    except TimeoutError as error:
        await _kill(process)
        raise AzuriteError(_stopped(f"did not listen within {START_LIMIT}", last_words)) from error
    except BaseException:
        await _kill(process)
        raise
    return Azurite(process, given, last_words)


def _options(data: Path | None, port: int) -> list[str]:
    where = ["--inMemoryPersistence"] if data is None else ["--location", str(data)]
    return [
        *where,
        *("--tableHost", HOST, "--tablePort", str(port)),
        "--silent",
        "--disableTelemetry",
        "--skipApiVersionCheck",  # the SDK may speak a newer version than Azurite has heard of
    ]


async def _read_announced_port(process: Process, last_words: collections.deque[str]) -> int:
    async for line in _lines(process):
        last_words.append(line)
        announced = re.fullmatch(r"listening on port (\d+)", line)
        if announced:
            return int(announced[1])
    raise AzuriteError(_stopped(f"ended with exit code {await process.wait()} instead of listening", last_words))


async def _listen(process: Process, last_words: collections.deque[str]) -> None:
    async for line in _lines(process):  # read to the end, or a full pipe would halt it
        last_words.append(line)


async def _lines(process: Process) -> collections.abc.AsyncIterator[str]:
    assert process.stdout is not None  # noqa: S101 - for the type checker; we asked for the pipe
    async for line in process.stdout:
        yield line.decode(errors="replace").rstrip()


def _stopped(what: str, last_words: collections.deque[str]) -> str:
    return f"Azurite, which keeps the sandbox's tables, {what}. Its last lines were:\n" + last_lines(
        "\n".join(last_words)
    )


async def _end(process: Process) -> None:
    assert process.stdin is not None  # noqa: S101 - for the type checker; we asked for the pipe
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_LIMIT.total_seconds()):
            await process.wait()
    except TimeoutError:
        await _kill(process)


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.sandbox.tables.azurite", description=__doc__)
    parser.add_argument("command", choices=["install"], help="install the pinned Azurite and say where")
    parser.parse_args(arguments)
    try:
        sys.stdout.write(f"{install()}\n")
    except AzuriteError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
