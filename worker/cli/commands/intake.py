"""`tocsin intake`: the HTTP front door."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
from typing import Annotated

import typer


def intake(
    host: Annotated[str, typer.Option(help="The address to listen on; others than this machine's need keys.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
) -> None:
    """Take alerts and incidents over HTTP and put them into the queue, until SIGTERM or Ctrl-C."""
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure(settings.log)

    from worker.app.intake import run_intake  # takes seconds, which wrong settings need not wait for

    asyncio.run(run_intake(settings, host, port, lambda address: typer.echo(f"Listening on {address}")))
