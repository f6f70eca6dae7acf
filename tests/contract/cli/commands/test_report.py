"""`tocsin report` as a person runs it, against a table store."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.response import Response, TimeValue
from worker.domain.response.state import ResponseState
from worker.storage.stores import open_stores


@pytest.fixture
async def lived(settings):
    """Incidents that were resolved so many minutes after they were received."""

    async def made(*lives):
        async with open_stores(settings, owner="a worker") as stores:
            await stores.table.prepare()
            for number, (minutes, state, labels) in enumerate(lives):
                now = datetime.now(UTC) - timedelta(hours=3)
                event = Event(title=f"=cmd {number}", key=f"k-{number}", service="checkout", severity=2, labels=labels)
                incident = Incident(key=f"k-{number}", event=event, received_at=now)
                await stores.incidents.lease(incident, [])
                await stores.listing.add(incident)
                ended = TimeValue(value=now + timedelta(minutes=minutes), source="clock", recorded_at=now)
                known = {"incident_id": incident.id, "since": now, "severity": 2, "times": {"resolved_at": ended}}
                await stores.responses.append(None, Response(state=ResponseState(state), **known), [])

    return made


LIVES = ((10, "closed", {}), (30, "resolved", {}), (90, "declined", {}), (50, "closed", {"test": "true"}))


async def test_figures_are_those_of_what_counts(tocsin, lived):
    """What is left out is counted, what is unknown is no zero."""
    await lived(*LIVES)
    found = json.loads((await tocsin("report", "--since", "1d", "--format", "json")).stdout)
    assert (found["incidents"], found["left_out"]) == (2, {"declined": 1, "test": 1})
    resolve = found["durations"]["time_to_resolve"]
    assert (resolve["count"], resolve["median"], resolve["values"]) == (2, 1200, [600, 1800])
    assert found["durations"]["time_to_acknowledge"]["count"] == 0
    assert found["durations"]["time_to_acknowledge"]["median"] is None


async def test_a_row_for_each_is_for_a_spreadsheet(tocsin, lived):
    """And a sender's words are no formulas."""
    await lived(*LIVES)
    rows = list(csv.DictReader((await tocsin("report", "--format", "csv")).stdout.splitlines()))
    assert [row["title"] for row in rows] == ["'=cmd 1", "'=cmd 0"]
    assert sorted(row["time_to_resolve_seconds"] for row in rows) == ["1800.0", "600.0"]


async def test_a_table_is_for_people(tocsin, lived):
    """With the median, and of how many; of none it says so."""
    await lived(*LIVES)
    told = (await tocsin("report")).stdout
    assert "time to resolve" in told
    assert "mean" not in told
    assert (await tocsin("report", "--service", "other")).stdout


@pytest.mark.parametrize("arguments", [("--since", "soonish"), ("--severity", "nine"), ("--format", "pdf")])
async def test_wrong_use_is_named(tocsin, arguments):
    """And exits with 2."""
    assert arguments[0] in (await tocsin("report", *arguments, code=2)).stderr
