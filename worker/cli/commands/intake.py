"""`tocsin intake`: what takes alerts and reports over HTTP."""

import asyncio
from typing import Annotated

import typer

from worker.app.intake import run_intake
from worker.observability.log import configure
from worker.settings import Settings


def intake(
    host: Annotated[str, typer.Option(help="The address to listen on; others than this machine's need keys.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
) -> None:
    settings = Settings.read()
    configure(settings.log)
    asyncio.run(run_intake(settings, host, port, lambda address: typer.echo(f"Listening on {address}")))
