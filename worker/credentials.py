"""Who we are to Azure: one Entra identity for every system, a PAT for Boards where that is all there is."""

import threading
import time

import requests
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity import DefaultAzureCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential
from msrest.authentication import Authentication, BasicAuthentication, BasicTokenAuthentication
from requests.auth import AuthBase

from worker.domain.errors import Misconfigured
from worker.settings import Settings, is_loopback

# Azure DevOps itself, as Entra knows it: the same id in every tenant.
BOARDS_SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"

# Long enough that a token which leaves now is still good when a delayed request is looked at.
_FRESH_FOR_SECONDS = 300


def azure_credential(settings: Settings) -> AsyncTokenCredential | None:
    """The identity for the asynchronous SDKs; None where the stand-ins ask for none. Whoever asks for it closes it."""
    return None if settings.credential == "anonymous" else AsyncDefaultAzureCredential()


def boards_authentication(settings: Settings) -> Authentication:
    """How each request to Boards is signed: by a PAT if there is one, else by the Entra identity, else not at all."""
    if settings.boards_pat is None and settings.credential == "anonymous":
        return Authentication()
    _refuse_secrets_in_the_clear(settings)
    if settings.boards_pat is not None:
        return BasicAuthentication("", settings.boards_pat.get_secret_value())
    return EntraToken(DefaultAzureCredential())


def _refuse_secrets_in_the_clear(settings: Settings) -> None:
    url = settings.boards_url or ""
    if url.startswith("http:") and not is_loopback(url):
        raise Misconfigured(
            f"TOCSIN_BOARDS_URL={url} is plain http, and a PAT or token would cross the network in the clear. "
            "Use the https address, or TOCSIN_CREDENTIAL=anonymous without a PAT for a stand-in."
        )


class EntraToken(BasicTokenAuthentication):
    """A bearer token that renews itself: msrest asks for the signature of every request anew."""

    def __init__(self, credential: TokenCredential, *, scope: str = BOARDS_SCOPE) -> None:
        super().__init__({"access_token": ""})
        self._credential = credential
        self._scope = scope
        self._current: AccessToken | None = None
        self._renewing = threading.Lock()

    def signed_session(self, session: requests.Session | None = None) -> requests.Session:
        signed = session or requests.Session()
        signed.auth = _Bearer(self._token())
        return signed

    def close(self) -> None:
        if close := getattr(self._credential, "close", None):
            close()

    def _token(self) -> str:
        # Kept here too: some credentials of the default chain start a process for every token they are asked for.
        with self._renewing:
            if self._current is None or self._current.expires_on - time.time() < _FRESH_FOR_SECONDS:
                self._current = self._credential.get_token(self._scope)
            return self._current.token


class _Bearer(AuthBase):
    """As the session's `auth` and not a mere header, which an entry in ~/.netrc would silently replace."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
