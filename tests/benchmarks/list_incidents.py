"""How long `tocsin incidents list` takes among many incidents, in a table of Azurite's.

Run it as `python tests/benchmarks/list_incidents.py --incidents 100000`. Each incident has its place in the list and
its lease; the newest thousand and the failed ones, one in a thousand, have their steps too. Those of the others would
only make the store larger, since a list never reads the steps of what is launched.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from azure.data.tables.aio import TableClient

from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.states import LaunchState, StepState
from worker.sandbox.tables.azurite import start_azurite
from worker.settings import Settings
from worker.storage.rows import incident_columns, index_row, lease_columns, playbook_columns, step_row
from worker.storage.stores import open_stores

PLAYBOOK = ("create-work-item", "create-channel", "find-on-call", "assign", "link-channel", "announce")
SERVICES = ("checkout", "payments", "search", "mail")
ONE_FAILED_IN = 1_000
WITH_STEPS = 1_000
START = datetime(2026, 3, 2, tzinfo=UTC)
RUNS = 3
TABLE = "incidents"

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


def all_rows(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield index_row(incident_of(number), launched=not has_failed(number))
        yield from rows_of(number, count)


def rows_of(number: int, count: int) -> list[dict[str, Any]]:
    incident, failed = incident_of(number), has_failed(number)
    lease = lease_columns(owner="bench", token=uuid.uuid4().hex, duration=timedelta())
    lease |= incident_columns(incident) | playbook_columns(PLAYBOOK)
    lease |= {"attempt": 1, "first_attempt_at": incident.received_at}
    lease["state"] = (LaunchState.FAILED if failed else LaunchState.LAUNCHED).value
    if not failed:
        lease["launched_at"] = incident.received_at + timedelta(seconds=3)
    done = PLAYBOOK[:4] if failed else PLAYBOOK if number >= count - WITH_STEPS else ()
    steps = [
        step_row(Checkpoint(name, StepState.DONE, 1, incident.received_at, incident.received_at, result='{"id": 7}'))
        for name in done
    ]
    return [{"PartitionKey": incident.id, **row} for row in (lease, *steps)]


def document(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row as Azurite keeps it."""
    keys = {name: row[name] for name in ("PartitionKey", "RowKey")}
    properties: dict[str, Any] = {}
    for name, value in (row | {"Timestamp": datetime.now(UTC)}).items():
        properties[name] = f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(value, datetime) else value
        if isinstance(value, datetime | float):
            properties[f"{name}@odata.type"] = "Edm.DateTime" if isinstance(value, datetime) else "Edm.Double"
    written = properties["Timestamp"]
    return {
        **keys,
        "properties": properties,
        "lastModifiedTime": written,
        "eTag": f"W/\"datetime'{written}'\"",
        "meta": {"revision": 0, "created": 0, "version": 0},
        "$loki": number,
    }


async def an_empty_store(folder: Path) -> Path:
    """Azurite's own file, with one table in it."""
    azurite = await start_azurite(data=folder)
    async with TableClient.from_connection_string(azurite.connection_string, TABLE) as table:
        await table.create_table()
        await table.upsert_entity({"PartitionKey": "a", "RowKey": "b"})
    file = folder / "__azurite_db_table__.json"
    async with asyncio.timeout(60):
        while not (file.exists() and f"${TABLE}" in file.read_text()):
            await asyncio.sleep(0.2)
    await azurite.close()
    return file


def fill(file: Path, count: int) -> None:
    """Into its file while it is not running: over HTTP it would take the better part of an hour."""
    store = json.loads(file.read_text())
    [kept] = [each for each in store["collections"] if each["name"].endswith(f"${TABLE}")]
    kept["data"] = [document(row, number) for number, row in enumerate(all_rows(count), start=1)]
    kept["maxId"] = len(kept["data"])
    for name, index in kept["binaryIndices"].items():
        index["values"] = sorted(range(kept["maxId"]), key=lambda place: kept["data"][place][name])
    file.write_text(json.dumps(store))


@asynccontextmanager
async def filled(count: int) -> AsyncIterator[str]:
    """The connection string of a table store with so many incidents."""
    with tempfile.TemporaryDirectory() as folder:
        fill(await an_empty_store(Path(folder)), count)
        azurite = await start_azurite(data=Path(folder))
        try:
            yield azurite.connection_string
        finally:
            await azurite.close()


async def command(connection: str, *options: str) -> tuple[float, int]:
    """The seconds that the whole command takes, as a person waits for it, and how many incidents it lists."""
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
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
    if process.returncode:
        raise SystemExit("The command failed; its error stands above.")
    return time.perf_counter() - started, len(json.loads(told))


async def measure(count: int) -> None:
    async with filled(count) as connection:
        for name, options in QUESTIONS:
            runs = sorted([await command(connection, *options) for _ in range(RUNS)])
            (median, found), (longest, _) = runs[RUNS // 2], runs[-1]
            print(f"{name:<32} {found:>3} found, median {median:5.2f} s, longest {longest:5.2f} s")
        settings = Settings.read(_env_file=None, tables_connection_string=connection)
        async with open_stores(settings, owner="bench") as store:
            started = time.perf_counter()
            newest = await store.listing.newest(50)
            took = time.perf_counter() - started
            print(f"{'without starting a process':<32} {len(newest):>3} found,        {took:5.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--incidents", type=int, default=100_000)
    asyncio.run(measure(parser.parse_args().incidents))


if __name__ == "__main__":
    main()
