"""The sign-in of the person in whose name the delegated route posts: made once by hand, renewed silently after."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity import AuthenticationRecord, DeviceCodeCredential, TokenCachePersistenceOptions

from worker.domain.errors import Misconfigured
from worker.settings import Settings

SCOPES = (
    "https://graph.microsoft.com/ChannelMessage.Send",
    "https://graph.microsoft.com/ChannelMessage.Read.All",
    # What stands in a channel is brought up to date, and what stands there twice is deleted.
    "https://graph.microsoft.com/ChannelMessage.ReadWrite",
)
# Servers have no keyring; there the cache is a file that only its owner can read.
_CACHE = TokenCachePersistenceOptions(name="tocsin", allow_unencrypted_storage=True)

Prompt = Callable[[str, str, datetime], None]


class SignedInUser(AsyncTokenCredential):
    """The stored sign-in as an asynchronous credential; it never asks a person, it raises."""

    def __init__(self, credential: DeviceCodeCredential) -> None:
        self._credential = credential

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        # In a thread: azure-identity knows the device code flow only in its blocking form.
        return await asyncio.to_thread(self._credential.get_token, *scopes, **options)

    async def close(self) -> None:
        await asyncio.to_thread(self._credential.close)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


def signed_in_user(settings: Settings) -> SignedInUser:
    """The credential of the worker; raises Misconfigured when nobody has signed in yet."""
    settings.require("delegated_client_id|bot_app_id", "tenant_id", "delegated_token_cache")
    path = Path(settings.delegated_token_cache or "")
    try:
        record = AuthenticationRecord.deserialize(path.read_text())
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(
            f"TOCSIN_POSTING=delegated needs a person's sign-in, and {path} holds none ({type(error).__name__}). "
            "Sign in with the account that shall post by `tocsin sign-in`, or set TOCSIN_POSTING=bot."
        ) from None
    return SignedInUser(_credential(settings, authentication_record=record, disable_automatic_authentication=True))


def sign_in(settings: Settings, prompt: Prompt) -> str:
    """Let a person sign in by a device code, keep the record, and tell the account's name."""
    settings.require("delegated_client_id|bot_app_id", "tenant_id", "delegated_token_cache")
    path = Path(settings.delegated_token_cache or "")
    # Before anybody has typed a code in vain.
    _make_room(path)
    credential = _credential(settings, prompt_callback=prompt)
    try:
        record = credential.authenticate(scopes=SCOPES)
    finally:
        credential.close()
    path.write_text(record.serialize())
    return str(record.username)


def _make_room(path: Path) -> None:
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise Misconfigured(
            f"TOCSIN_DELEGATED_TOKEN_CACHE={path} cannot be written ({error.strerror}). Name a file in a directory "
            "that this user may write to."
        ) from None


def _credential(settings: Settings, **options: Any) -> DeviceCodeCredential:
    return DeviceCodeCredential(
        client_id=settings.delegated_client_id or settings.bot_app_id or "",
        tenant_id=settings.tenant_id,
        cache_persistence_options=_CACHE,
        **options,
    )
