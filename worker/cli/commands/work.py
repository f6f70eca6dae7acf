"""`tocsin work`: one worker process."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio

import typer


def work() -> None:
    """Take incidents from the queue and launch them, until SIGTERM or Ctrl-C."""
    from worker.app.shutdown import leave
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure(settings.log)

    from worker.app.worker import run_worker  # takes seconds, which wrong settings need not wait for

    receiving = f"Receiving from the queue {settings.servicebus_queue}"
    asyncio.run(run_worker(settings, lambda: typer.echo(receiving)))
    leave(0)
