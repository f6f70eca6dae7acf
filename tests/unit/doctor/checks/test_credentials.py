"""A signature that has ended, ends soon, or lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.doctor.checks.credentials import check_credentials
from worker.doctor.finding import Verdict
from worker.settings import Settings


async def verdicts(end):
    connection = f"TableEndpoint=http://127.0.0.1:1/a;SharedAccessSignature=sv=2020&se={end:%Y-%m-%dT%H:%M:%SZ}&sig=s"
    nowhere = {"graph_url": "http://127.0.0.1:1", "bot_service_url": "http://127.0.0.1:1", "credential": "anonymous"}
    settings = Settings.read(_env_file=None, tables_connection_string=connection, **nowhere)
    return [result async for result in check_credentials(settings)]


@pytest.mark.parametrize(
    ("left", "verdict", "word"),
    [
        (timedelta(days=-1), Verdict.WRONG, "ended on"),
        (timedelta(days=1), Verdict.NOTE, "ends on"),
        (timedelta(days=13), Verdict.NOTE, "ends on"),
        (timedelta(days=15), Verdict.WELL, "ends on"),
    ],
)
async def test_the_end_of_a_signature_decides(left, verdict, word):
    """After it nothing works; two weeks before it somebody should make a new one."""
    end = datetime.now(UTC) + left
    [result, *_] = await verdicts(end)
    assert result.verdict is verdict
    assert result.what == f"The signature in TOCSIN_TABLES_CONNECTION_STRING {word} {end:%Y-%m-%d %H:%M UTC}."
    assert bool(result.remedy) is (verdict is not Verdict.WELL)
