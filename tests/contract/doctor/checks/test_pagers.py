"""What the doctor says of pagers, without paging anybody."""

from pager import listening_pager
from patience import PATIENCE

from worker.doctor.checks.pagers import check_pagers
from worker.doctor.finding import Verdict
from worker.settings import Settings


async def test_each_webhook_is_reached_for_itself():
    """One that answers is well whatever it answers; one that does not is named, and its address is not."""
    async with listening_pager() as pager:
        pager.will(405)
        settings = Settings.read(
            _env_file=None,
            paging_webhooks=f"up=http://127.0.0.1:{pager.port}/t0ken-of-up,down=http://127.0.0.1:9/t0ken-of-down",
            paging_webhook_secrets="up=a secret of text,down=a secret of text",
            call_timeout_seconds=PATIENCE,
        )
        up, down = [result async for result in check_pagers(settings)]
        assert [method for method, *_ in pager.requests] == ["OPTIONS"]
    assert (up.verdict, down.verdict) == (Verdict.WELL, Verdict.WRONG)
    assert "the webhook down at 127.0.0.1" in down.what
    assert "TOCSIN_PAGING_WEBHOOKS" in down.remedy
    assert "t0ken" not in up.what + down.what + down.remedy


async def test_who_has_no_pager_is_told_nothing():
    """Nothing is missing that nobody asked for."""
    assert [result async for result in check_pagers(Settings.read(_env_file=None))] == []
