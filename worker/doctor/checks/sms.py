"""SMS: whether Azure would take one, asked without sending any."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from worker.clients.sms.client import open_sms
from worker.credentials import azure_credential
from worker.doctor.finding import CheckResult, Probe
from worker.domain.errors import Unreachable
from worker.settings import Settings

_PROBE = Probe(
    "sms",
    "SMS are taken; whether a number gets them shows only when one is sent.",
    why="Whoever is to be paged by SMS is not.",
    remedy="Check TOCSIN_SMS_CONNECTION_STRING against the resource's Keys, or grant the identity the role "
    "Communication and Email Service Owner on the resource.",
    remedies={Unreachable: "Probe the address in the setting, and that this machine may reach it."},
)


async def check_sms(settings: Settings) -> AsyncIterator[CheckResult]:
    if settings.sms_connection_string is None and settings.sms_endpoint is None:
        return
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        sms = await stack.enter_async_context(open_sms(settings, credential))
        if sms is not None:
            yield await _PROBE.run(sms.check())
