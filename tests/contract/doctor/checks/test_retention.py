"""Whether old incidents are deleted, as the doctor finds it in the table."""

from datetime import timedelta

import pytest

from worker.doctor.checks.retention import check_retention
from worker.doctor.finding import Verdict
from worker.storage.stores import open_stores
from worker.storage.turns import RETENTION_DONE


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as opened:
        await opened.table.prepare()
        yield opened


async def found(settings):
    return [result async for result in check_retention(settings)]


async def test_a_run_is_told_and_so_is_that_there_was_none(settings, stores):
    """What it came to, and when; without one, where to look; nothing where nothing is to be deleted."""
    assert await found(settings) == []
    keeps = settings.model_copy(update={"keep_days": timedelta(days=90), "keep_export": "none"})
    [missing] = await found(keeps)
    assert missing.verdict is Verdict.NOTE
    assert "retention.interrupted" in missing.remedy
    await stores.turns.note(RETENTION_DONE, {"rows": 1_234, "incidents": 56})
    [well] = await found(keeps)
    assert (well.verdict, "1,234 rows" in well.what) == (Verdict.WELL, True)
