"""Calendars by their tokens, on the real SDK: given out, remembered, revoked, and served through an outage."""

import asyncio
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from rotas import events_of
from structlog.testing import capture_logs
from wire import Wire

from worker.domain.errors import TocsinError
from worker.oncall import table
from worker.oncall.calendars import calendars as module
from worker.oncall.calendars.published import Published
from worker.oncall.calendars.shown_shifts import MOST, ShownShift
from worker.oncall.calendars.tokens import make_token
from worker.oncall.stored import table as stored_table

COVER = {
    "PartitionKey": "schedule:checkout",
    "RowKey": "override:2026-12-21T08:00Z:1",
    "kind": "cover",
    "person": "jon",
    "from": datetime(2026, 12, 21, 8, tzinfo=UTC),
    "to": datetime(2026, 12, 28, 8, tzinfo=UTC),
    "created_at": datetime(2026, 11, 30, tzinfo=UTC),
}
NOW_LATER = datetime(2026, 12, 1, 12, tzinfo=UTC)
CANCELLED = [("CANCELLED", datetime(2026, 12, 21, 8, tzinfo=UTC), 1)]


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch):
    """Nothing is kept for a while, so that a test sees each change at once."""
    for owner, name in ((module, "_PEOPLE_FRESH"), (module, "_CALENDAR_FRESH"), (stored_table, "_FRESH")):
        monkeypatch.setattr(owner, name, timedelta(seconds=-1))


def reached_by(settings, connection):
    return settings.model_copy(update={"tables_connection_string": SecretStr(connection)})


def changed(content):
    return [
        (str(event["STATUS"]), event.start, event["SEQUENCE"]) for event in events_of(content) if event["SEQUENCE"] > 0
    ]


async def test_a_token_shows_its_persons_shifts_and_no_others(bare, serving, remembering):
    """Found whatever spelling the address was made with; and the table keeps the hash alone."""
    async with serving() as calendars:
        token = await calendars.rows.issue("ines", "ines@desk")
        content = await calendars.find(token)
        assert b"X-WR-CALNAME:On call: Ines Sousa" in content
        assert len(events_of(content)) == 14
        assert {event.start.weekday() for event in events_of(content)} == {0}
        assert await calendars.find(make_token()) is None
        assert await calendars.find("x") is None
    del bare
    stored = [str(dict(row)) async for row in remembering.list_entities()]
    assert len(stored) == 2
    assert not any(token in row for row in stored)


async def test_what_vanished_stays_cancelled_over_restarts_and_several_intakes(bare, serving):
    """What one gave out another knows; asked again, the bytes are the same."""
    async with serving() as calendars:
        token = await calendars.rows.issue("ines", "x")
        before = await calendars.find(token)
    await bare.create_entity(COVER)
    async with serving() as first, serving(at=NOW_LATER) as second:
        contents = [await first.find(token), await second.find(token), await first.find(token)]
    assert changed(before) == []
    assert [changed(content) for content in contents] == [CANCELLED] * 3
    assert contents[0] == contents[2]
    await bare.delete_entity(COVER["PartitionKey"], COVER["RowKey"])
    async with serving() as third:
        assert changed(await third.find(token)) == [("CONFIRMED", CANCELLED[0][1], 2)]


async def test_thousands_of_shifts_are_remembered(serving):
    """As many as a calendar shows, with long names, have room in one row; and of two who write one is told."""
    shifts = [ShownShift("s" * 90, "ines", 0, hour, hour, hour + 60, f"{'ü' * 300}{hour}") for hour in range(MOST)]
    published = [Published(shift, 0, 1) for shift in shifts]
    async with serving() as calendars:
        await calendars.rows.issue("ines", "x")
        assert await calendars.rows.remember("ines", published, None)
        memory = await calendars.rows.memory("ines")
        assert list(memory.published) == published
        assert await calendars.rows.remember("ines", published[:1], memory.version)
        assert not await calendars.rows.remember("ines", published, memory.version)
        assert not await calendars.rows.remember("ines", published, None)


async def test_many_who_ask_at_once_are_told_the_same(bare, serving):
    """Within a process one makes it, and of several processes all see what was remembered first."""
    await bare.create_entity(COVER)
    async with serving() as first, serving() as second:
        token = await first.rows.issue("ines", "x")
        contents = await asyncio.gather(*(each.find(token) for each in (first, second) * 5))
    assert len(set(contents)) == 1


async def test_a_revoked_address_is_none(bare, serving):
    """So is the one before where a new one was made; others stay."""
    del bare
    async with serving() as calendars:
        old, other = await calendars.rows.issue("ines", "x"), await calendars.rows.issue("jon", "x")
        new = await calendars.rows.issue("ines", "x")
        assert (await calendars.find(old), bool(await calendars.find(new))) == (None, True)
        await calendars.rows.revoke("ines")
        assert (await calendars.find(new), bool(await calendars.find(other))) == (None, True)
        await calendars.rows.revoke("nobody")


@pytest.mark.parametrize("person", ["a/b#c?d\\e%f@contoso.example", "Ünal", "x" * 100])
async def test_any_person_has_a_partition(bare, serving, person):
    """Also whose address holds what keys may not."""
    del bare
    async with serving() as calendars:
        token = await calendars.rows.issue(person, "x")
        assert events_of(await calendars.find(token)) == []


async def test_a_table_that_is_not_there_yet_has_no_tokens_and_gets_its_first(serving):
    """Nobody has written a schedule; the first address makes the table."""
    async with serving() as calendars:
        assert await calendars.find(make_token()) is None
        assert await calendars.find(await calendars.rows.issue("ines", "x")) is not None


@pytest.mark.parametrize("memory", ["[[1]", b"[[1]", zlib.compress(b"[[1]"), zlib.compress(b"[" * 50_000_000), 7])
async def test_a_damaged_memory_is_told_anew(bare, serving, remembering, memory):
    """With a line in the log, and without an end of the calendar."""
    del bare
    async with serving() as calendars:
        token = await calendars.rows.issue("ines", "x")
        before = await calendars.find(token)
        await remembering.upsert_entity({"PartitionKey": "ines", "RowKey": "published", "shifts_0": memory})
        with capture_logs() as lines:
            assert await calendars.find(token) == before
        assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["calendar.memory_damaged"]


async def test_a_broken_schedule_cancels_nothing(bare, serving):
    """While somebody mistypes its zone, its shifts stand as they did."""
    async with serving() as calendars:
        token = await calendars.rows.issue("ines", "x")
        before = await calendars.find(token)
        await bare.upsert_entity({"PartitionKey": "schedule:checkout", "RowKey": "schedule", "time_zone": "Berln"})
        assert changed(await calendars.find(token)) == []
        await bare.upsert_entity(
            {"PartitionKey": "schedule:checkout", "RowKey": "schedule", "time_zone": "Europe/Berlin"}
        )
        assert await calendars.find(token) == before


@pytest.fixture
def _without_patience(monkeypatch):
    """The SDK asks once."""
    monkeypatch.setattr(table, "_RETRIES", 0)


@pytest.mark.usefixtures("_without_patience")
async def test_an_outage_goes_on_with_what_was_known(bare, serving, of_a_table):
    """Who asked before is served; whom this process never served is told to come again, and no calendar is emptied."""
    del bare
    connection = of_a_table.tables_connection_string.get_secret_value()
    port = int(connection.partition("TableEndpoint=http://127.0.0.1:")[2].partition("/")[0])
    async with Wire(port) as wire:
        far = connection.replace(f"127.0.0.1:{port}", f"127.0.0.1:{wire.port}")
        async with serving(reached_by(of_a_table, far)) as calendars:
            token, other = await calendars.rows.issue("ines", "x"), await calendars.rows.issue("jon", "x")
            before = await calendars.find(token)
            await wire.cut()
            assert await calendars.find(token) == before
            assert await calendars.find(make_token()) is None
            with pytest.raises(TocsinError):
                await calendars.find(other)
            await wire.mend()
            assert await calendars.find(other) is not None


@pytest.mark.usefixtures("_without_patience")
async def test_whoever_starts_in_an_outage_says_that_it_cannot_be_said(of_a_table, serving):
    """Not that there is no calendar, or an empty one."""
    nowhere = "AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:9/a;DefaultEndpointsProtocol=http"
    async with serving(reached_by(of_a_table, nowhere)) as calendars:
        with pytest.raises(TocsinError):
            await calendars.find(make_token())
