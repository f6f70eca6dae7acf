"""The whole sandbox, from its first process to its last: what `tocsin sandbox` does."""

import asyncio
import random
import secrets
import shlex
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from worker.domain.errors import Misconfigured
from worker.sandbox.running.env_file import settings_file, take_away_settings, write_settings
from worker.sandbox.running.programs import Program
from worker.sandbox.running.services import Place, Services, open_http, open_services
from worker.sandbox.service_bus.config import QueueSettings

# Below those that systems give to whoever asks for any: what is free now still is once the intake has started.
_PORTS = range(20_000, 32_000)


@dataclass(slots=True)
class Addresses:
    """Where the intake is, the page for people, and the settings by which a command reaches all of it."""

    intake: str
    page: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What there is to be beside the stand-ins; `demo` is told where all is once it is up.

    `settings` are those of the intake and the worker beside what points here.
    """

    programs: bool = True
    env_file: Path | None = None
    demo: Callable[[Addresses], Awaitable[object]] | None = None
    keep: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


async def run_http_only(place: Place) -> None:
    """Until it is cancelled."""
    async with open_http(place) as http:
        _tell(f"Boards, Teams and its bot: {http.shown_url}")
        await _forever()


async def run_sandbox(queues: Sequence[QueueSettings], place: Place, options: RunOptions) -> None:
    """Until it is cancelled, the demo is over, or a program died, which raises ProgramDied."""
    if options.env_file:
        take_away_settings(options.env_file)
    async with AsyncExitStack() as stack:
        _tell("Starting the queue, the tables, Boards and Teams")
        services = await stack.enter_async_context(open_services(queues, place))
        programs: tuple[Program, ...] = ()
        if options.programs:
            _tell("Starting an intake and a worker")
            settings = services.environment() | dict(options.settings) | _links(port := _free_port())
            folder = stack.enter_context(_folder(place))
            programs = await _start_programs(settings, port, folder, stack)
        await _first_of(_serve(services, programs, options), *(_die_with(program) for program in programs))


def _folder(place: Place) -> AbstractContextManager[Path]:
    if place.data is not None:
        return nullcontext(place.data)
    return _temporary_folder()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tocsin-sandbox-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _free_port() -> int:
    """Chosen before the intake starts: the worker's links lead to it."""
    for port in (*random.sample(_PORTS, 100), 0):
        with socket.socket() as listening, suppress(OSError):
            listening.bind(("127.0.0.1", port))
            return int(listening.getsockname()[1])
    raise Misconfigured("No port of 127.0.0.1 is free for the intake.")


def _links(port: int) -> dict[str, str]:
    """What links to acknowledge are made and read with: the address of the intake, and a secret of this run's own."""
    return {"TOCSIN_INTAKE_URL": f"http://127.0.0.1:{port}", "TOCSIN_LINK_SECRET": secrets.token_urlsafe()}


async def _start_programs(
    settings: Mapping[str, str], port: int, folder: Path, stack: AsyncExitStack
) -> tuple[Program, ...]:
    """The intake, started last, stops first: nothing new comes in while the worker ends what it has."""
    started = []
    for arguments in (("work",), ("intake", "--port", str(port))):
        program = await Program.start(*arguments, settings=settings, folder=folder)
        stack.push_async_callback(program.stop)
        started.append(program)
    return tuple(started)


async def _serve(services: Services, programs: Sequence[Program], options: RunOptions) -> None:
    await services.prepare()
    # While the processes import the same for themselves.
    told = [await program.ready() for program in programs]
    intake = told[-1].removeprefix("Listening on ") if told else ""
    if options.env_file:
        write_settings(options.env_file, services.environment())
    _tell_where(services, intake, options)
    if options.demo:
        await options.demo(Addresses(intake, services.http.shown_url, services.environment()))
        if not options.keep:
            _tell("\nAll of this ends now. To look around in it: make demo KEEP=1, or tocsin sandbox --demo --keep")
            return
        _tell_how_to_play_on(services, intake, options)
    _tell("Ctrl-C stops it.")
    await _forever()


async def _die_with(program: Program) -> None:
    raise await program.died()


def _tell_where(services: Services, intake: str, options: RunOptions) -> None:
    _tell(f"Board and channels  {services.http.shown_url}")
    if intake:
        _tell(f"Intake              {intake}")
    if options.env_file:
        _tell(f"Settings            {options.env_file}")
    elif not options.programs:
        _tell(settings_file(services.environment()))
    elif not options.demo:
        _tell("Settings            none written; --env-file .env lets the other commands work with this sandbox")


def _tell_how_to_play_on(services: Services, intake: str, options: RunOptions) -> None:
    _tell("\nOpen in a browser:")
    _tell(f"  {services.http.shown_url}  the board, the channels and what the systems were asked")
    _tell(f"  {intake}/docs  the intake, to send it more")
    if options.env_file:
        file = shlex.quote(str(options.env_file))
        file = file if "/" in file else f"./{file}"
        _tell(f"To play on, in another terminal in {Path.cwd()}:")
        _tell(f"  set -a; . {file}; set +a    or copy it to .env, which every command reads")
        _tell(f"  {_program()} raise 'Checkout is down' --severity critical --service checkout --wait")


def _program() -> str:
    """As it was called, if by its name."""
    return shlex.quote(sys.argv[0]) if Path(sys.argv[0]).name == "tocsin" else "tocsin"


def _tell(line: str) -> None:
    typer.echo(line)


async def _forever() -> None:
    await asyncio.Event().wait()


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends; the others are cancelled, and have cleaned up when this returns."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
