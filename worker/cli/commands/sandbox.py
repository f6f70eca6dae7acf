"""`tocsin sandbox`: everything Tocsin needs, on this machine, without a cloud."""

import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from worker.app.signals import on_signals
from worker.cli.demo import NIGHT_SETTINGS, run_demo, run_night
from worker.cli.demo_life import LIFE_SETTINGS, run_life
from worker.domain.errors import Misconfigured
from worker.observability.log import configure
from worker.resilience.race import run_until
from worker.sandbox.harness.latency import NONE, realistic
from worker.sandbox.running.run import RunOptions, run_http_only, run_sandbox
from worker.sandbox.running.services import Place, read_queues

_ORIGIN = re.compile(r"https?://[^\s/?#@]+")


def sandbox(
    *,
    services_only: Annotated[
        bool, typer.Option("--services-only", help="The stand-ins alone, without an intake and a worker.")
    ] = False,
    http_only: Annotated[
        bool, typer.Option("--http-only", help="Boards, Teams and its bot alone, without queue and tables.")
    ] = False,
    env_file: Annotated[
        Path | None,
        typer.Option(
            help="Write the TOCSIN_ settings that point here into this file, once all is ready, unless it is another's."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Where Boards and Teams listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where Boards and Teams listen; 0 takes a free one.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this directory, across restarts.")] = None,
    queues: Annotated[
        Path | None, typer.Option(help="The queues, as the configuration file of the official emulator names them.")
    ] = None,
    latency: Annotated[
        Literal["none", "realistic"], typer.Option(help="Answer at once, or about as slowly as the real systems.")
    ] = "none",
    public_url: Annotated[
        str | None,
        typer.Option(
            help="Where a browser reaches Boards and Teams, if not where they listen, such as http://127.0.0.1:8081."
        ),
    ] = None,
    process: Annotated[
        Literal["basic", "agile", "scrum", "cmmi"],
        typer.Option(help="The process of the projects in Boards, unless --data has kept another."),
    ] = "basic",
    demo: Annotated[
        bool, typer.Option("--demo", help="Send an Azure Monitor alert, show its launch, and exit.")
    ] = False,
    night: Annotated[
        bool, typer.Option("--night", help="Show the launch with Azure Boards away: people are told all the same.")
    ] = False,
    life: Annotated[
        bool,
        typer.Option("--life", help="Show a whole life: nobody answers, the next is called, and so on to the end."),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Stay up after the demo, until Ctrl-C.")] = False,
) -> None:
    demo = demo or night or life
    if night and life:
        raise typer.BadParameter("is a demo of its own", param_hint="--life")
    if demo and (services_only or http_only):
        raise typer.BadParameter("needs the intake and the worker", param_hint="--demo")
    if keep and not demo:
        raise typer.BadParameter("is for the demo; without it, the sandbox stays up anyway", param_hint="--keep")
    if http_only and (services_only or env_file or queues):
        raise typer.BadParameter("leaves out what the other options are about", param_hint="--http-only")
    if public_url is not None and not _ORIGIN.fullmatch(public_url):
        raise typer.BadParameter("is http:// or https://, a host and perhaps a port", param_hint="--public-url")
    configure("console")
    if data is not None:
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(
                f"The directory {data} cannot be used: {error.strerror}. Choose another --data."
            ) from None
    place = Place(host, port, data, realistic() if latency == "realistic" else NONE, public_url, process)
    if http_only:
        asyncio.run(_until_signalled(run_http_only(place)))
        return
    options = RunOptions(
        programs=not services_only,
        env_file=env_file,
        demo=(run_life if life else run_night if night else run_demo) if demo else None,
        keep=keep,
        settings=LIFE_SETTINGS if life else NIGHT_SETTINGS if night else {},
    )
    asyncio.run(_until_signalled(run_sandbox(read_queues(queues), place, options)))


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """The first SIGTERM or Ctrl-C stops all in order; a second one finds Python's own handling and ends it hard."""
    stopping = asyncio.Event()

    def stop() -> None:
        typer.echo("\nStopping all of it; a second Ctrl-C does not wait for what is at work.")
        stopping.set()

    with on_signals(stop):
        await run_until(stopping.wait(), work)
