"""`tocsin work`: one worker process."""

import asyncio

import typer

from worker.app.shutdown import leave
from worker.app.worker import run_worker
from worker.observability.log import configure
from worker.settings import Settings


def work() -> None:
    settings = Settings.read()
    configure(settings.log)
    receiving = f"Receiving from the queue {settings.servicebus_queue}"
    asyncio.run(run_worker(settings, lambda: typer.echo(receiving)))
    leave(0)
