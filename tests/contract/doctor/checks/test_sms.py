"""What the doctor says of SMS, without sending any."""

import pytest
from azure_sms import KEY, SENDER, azure_sms
from patience import PATIENCE

from worker.doctor.checks.sms import check_sms
from worker.doctor.finding import Verdict
from worker.settings import Settings


def settings(endpoint, key=KEY):
    return Settings.read(
        _env_file=None,
        sms_connection_string=f"endpoint={endpoint};accesskey={key}",
        sms_from=SENDER,
        call_timeout_seconds=PATIENCE,
        credential="anonymous",
        graph_url="http://127.0.0.1",
    )


async def found(given):
    return [result async for result in check_sms(given)]


async def test_a_key_that_is_right_is_let_in_and_nothing_is_sent():
    """Asked by a request for nobody."""
    async with azure_sms() as azure:
        (result,) = await found(settings(azure.endpoint))
        assert (result.area, result.verdict) == ("sms", Verdict.WELL)
        assert azure.requests == []


@pytest.mark.parametrize(("key", "path", "remedy"), [("d3Jvbmc=", "", "Keys"), (KEY, None, "may reach it")])
async def test_what_is_wrong_is_named_with_its_remedy(key, path, remedy):
    """A wrong key, and an address where nobody listens."""
    async with azure_sms() as azure:
        endpoint = azure.endpoint if path is not None else "http://127.0.0.1:9"
        (result,) = await found(settings(endpoint, key))
    assert result.verdict is Verdict.WRONG
    assert remedy in result.remedy
    assert key not in result.what + result.remedy


async def test_who_has_no_sms_is_told_nothing():
    """Nothing is missing that nobody asked for."""
    assert await found(Settings.read(_env_file=None)) == []
