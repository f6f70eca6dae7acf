"""The sign-in of the person in whose name the delegated route posts: made once by hand, renewed silently after."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
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
# One for tokens that may be revoked at any moment, and one for the others, as the library names them.
_SUFFIXES = (".cae", ".nocae")

log = structlog.get_logger()

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
    """The credential of the worker; raises Misconfigured when nobody has signed in yet, or it could not be renewed."""
    path = sign_in_file(settings)
    try:
        record = AuthenticationRecord.deserialize(path.read_text())
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(
            f"TOCSIN_POSTING=delegated needs a person's sign-in, and {path} holds none ({type(error).__name__}). "
            "Sign in with the account that shall post by `tocsin sign-in`, or set TOCSIN_POSTING=bot."
        ) from None
    _make_room(path)
    log.info("posting.signed_in", file=str(path), tokens=str(_token_cache(path)))
    return SignedInUser(_credential(settings, authentication_record=record, disable_automatic_authentication=True))


def sign_in_file(settings: Settings) -> Path:
    """Who signed in stands there, and the tokens, which are renewed, in files beside it: all of it on one volume."""
    settings.require("delegated_client_id|bot_app_id", "tenant_id", "delegated_token_cache")
    return Path(settings.delegated_token_cache or "").absolute()


def sign_in(settings: Settings, prompt: Prompt) -> str:
    """Let a person sign in by a device code, keep the record, and tell the account's name."""
    path = sign_in_file(settings)
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
    """Files for this user alone, before there is anything in them; the library keeps their rights as they are."""
    try:
        for each in (path, *(Path(f"{_token_cache(path)}{suffix}") for suffix in _SUFFIXES)):
            descriptor = os.open(each, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.fchmod(descriptor, 0o600)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise Misconfigured(
            f"TOCSIN_DELEGATED_TOKEN_CACHE={path} cannot be written ({error.strerror}). Name a file in a directory "
            "that this user may write to, on a volume that outlives the container: tokens are renewed there."
        ) from None


def _token_cache(path: Path) -> Path:
    return path.with_name(f"{path.name}.tokens")


def _credential(settings: Settings, **options: Any) -> DeviceCodeCredential:
    # Servers have no keyring; there the cache is a file. Its name counts from the home directory unless it is absolute.
    cache = TokenCachePersistenceOptions(name=str(_token_cache(sign_in_file(settings))), allow_unencrypted_storage=True)
    return DeviceCodeCredential(
        client_id=settings.delegated_client_id or settings.bot_app_id or "",
        tenant_id=settings.tenant_id,
        cache_persistence_options=cache,
        **options,
    )
