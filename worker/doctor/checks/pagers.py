"""Pagers: whether each webhook answers, without paging anybody."""

import asyncio
from collections.abc import AsyncIterator

from worker.clients.pager.webhook import PagerWebhook, open_pager_webhooks
from worker.doctor.finding import CheckResult, Probe
from worker.settings import Settings

_AREA = "pagers"


async def check_pagers(settings: Settings) -> AsyncIterator[CheckResult]:
    async with open_pager_webhooks(settings) as webhooks:
        for result in await asyncio.gather(*(_reach(webhook) for webhook in webhooks.values())):
            yield result


async def _reach(webhook: PagerWebhook) -> CheckResult:
    probe = Probe(
        _AREA,
        f"The webhook {webhook.name} answers; whether it takes the signature shows only when it is paged.",
        why="Whoever is to be paged by it is not.",
        remedy=f"Check the entry {webhook.name} of TOCSIN_PAGING_WEBHOOKS, and that this machine may reach it.",
    )
    return await probe.run(webhook.check())
