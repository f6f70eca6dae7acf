"""Entra ID, as far as it is asked by itself: for a token, without a call that would carry it."""

from datetime import timedelta

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.calls import carry_out
from worker.clients.outcomes import RemoteCall
from worker.clients.system import System

ENTRA = System("entra", "Entra ID")


async def fetch_token(credential: AsyncTokenCredential, scope: str, *, whose: str, time_out: timedelta) -> AccessToken:
    """Raises the sentence that says why there is none; the libraries of Azure keep what is still good."""
    call = RemoteCall(f"get a token for {whose}", ENTRA, writes=False)
    # Without a breaker: nothing of a launch waits for these calls, and each ends with its own sentence.
    return await carry_out(call, lambda: credential.get_token(scope), time_out=time_out, breaker=None)
