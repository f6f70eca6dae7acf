"""How long `tocsin incidents list` takes among many incidents, in a table of Azurite's.

Run it as `python tests/benchmarks/list_incidents.py --incidents 100000`. Each incident has its place in the list and
its claim; the newest thousand and the failed ones, one in a thousand, have their steps too. Those of the others would
only make the filling longer, since a list never reads the steps of what is launched.
"""

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from azure.data.tables.aio import TableClient

from worker.checkpoints import open_store
from worker.history import LaunchState, StepState
from worker.incident import Event, Incident
from worker.sandbox.azurite import start_azurite
from worker.settings import Settings
from worker.table_rows import Checkpoint, claim_columns, incident_columns, index_row, playbook_columns, step_row

PLAYBOOK = ("create-work-item", "create-channel", "find-on-call", "assign", "link-channel", "announce")
SERVICES = ("checkout", "payments", "search", "mail")
ONE_FAILED_IN = 1_000
WITH_STEPS = 1_000
START = datetime(2026, 3, 2, tzinfo=UTC)
RUNS = 3
AT_ONCE = 16

QUESTIONS = (
    ("the 50 newest", ()),
    ("the 50 newest of severity 1", ("--severity", "1")),
    ("the 50 newest of a service", ("--service", "payments")),
    ("the 50 newest that failed", ("--state", "failed")),
    ("those of one hour, a year ago", ("--since", "2026-03-02T10:00Z", "--until", "2026-03-02T11:00Z")),
)


def incident_of(number: int) -> Incident:
    event = Event(
        title=f"Number {number} is down",
        severity=number % 5 + 1,
        service=SERVICES[number % len(SERVICES)],
        key=f"key-{number}",
        description="As long as an alert is. " * 8,
    )
    return Incident(key=f"key-{number}", event=event, received_at=START + timedelta(minutes=number))


def has_failed(number: int) -> bool:
    return number % ONE_FAILED_IN == ONE_FAILED_IN // 2


def rows_of(number: int, count: int) -> list[dict[str, Any]]:
    incident, failed = incident_of(number), has_failed(number)
    claim = claim_columns(owner="bench", token=uuid.uuid4().hex, duration=timedelta())
    claim |= incident_columns(incident) | playbook_columns(PLAYBOOK)
    claim |= {"attempt": 1, "first_attempt_at": incident.received_at}
    claim["state"] = (LaunchState.FAILED if failed else LaunchState.LAUNCHED).value
    if not failed:
        claim["launched_at"] = incident.received_at + timedelta(seconds=3)
    done = PLAYBOOK[:4] if failed else PLAYBOOK if number >= count - WITH_STEPS else ()
    steps = [
        step_row(Checkpoint(name, StepState.DONE, 1, incident.received_at, incident.received_at, result='{"id": 7}'))
        for name in done
    ]
    return [{"PartitionKey": incident.id, **row} for row in (claim, *steps)]


async def write(table: TableClient, rows: Sequence[dict[str, Any]]) -> None:
    if len(rows) == 1:
        await table.upsert_entity(rows[0])  # a good deal quicker than a transaction of one
    else:
        await table.submit_transaction([("upsert", row) for row in rows])


async def fill(table: TableClient, count: int) -> None:
    await table.create_table()
    free = asyncio.Semaphore(AT_ONCE)

    async def one(rows: Sequence[dict[str, Any]]) -> None:
        async with free:
            await write(table, rows)

    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        index = [index_row(incident_of(number), launched=not has_failed(number)) for number in numbers]
        await asyncio.gather(one(index), *(one(rows_of(number, count)) for number in numbers))
        print(f"\r{start + len(numbers):,} incidents written", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


@asynccontextmanager
async def filled(count: int) -> AsyncIterator[Settings]:
    azurite = await start_azurite()
    try:
        settings = Settings.read(_env_file=None, tables_connection_string=azurite.connection_string)
        async with TableClient.from_connection_string(azurite.connection_string, settings.tables_incidents) as table:
            await fill(table, count)
        yield settings
    finally:
        await azurite.close()


async def command(connection: str, *options: str) -> float:
    """The seconds that the whole command takes, as a person waits for it."""
    arguments = [sys.executable, "-m", "worker", "incidents", "list", "--limit", "50", "--json", *options]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=folder,
            env={
                "TOCSIN_TABLES_CONNECTION_STRING": connection,
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            raise SystemExit("The command failed; its error stands above.")
    return time.perf_counter() - started


async def measure(count: int) -> None:
    async with filled(count) as settings:
        connection = (settings.tables_connection_string or sys.exit()).get_secret_value()
        for name, options in QUESTIONS:
            seconds = sorted([await command(connection, *options) for _ in range(RUNS)])
            print(f"{name:<32} median {seconds[RUNS // 2]:6.2f} s, longest {seconds[-1]:6.2f} s")
        async with open_store(settings, owner="bench") as store:
            started = time.perf_counter()
            found = await store.newest(50)
            print(f"{'without starting a process':<32} {time.perf_counter() - started:13.2f} s for {len(found)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--incidents", type=int, default=100_000)
    asyncio.run(measure(parser.parse_args().incidents))


if __name__ == "__main__":
    main()
