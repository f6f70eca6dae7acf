"""Microsoft Graph as we use it: the SDK without its own retries and its models of answers, for one identity.

Its models take milliseconds of the event loop for each object, and a team has a thousand channels.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from kiota_abstractions.authentication import AnonymousAuthenticationProvider, AuthenticationProvider
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import (
    HeadersInspectionHandlerOption,
    RedirectHandlerOption,
    RetryHandlerOption,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]  # it ships no types

from worker.clients.breakers import Breakers
from worker.clients.calls import carry_out, http_client
from worker.clients.outcomes import Answers, RemoteCall
from worker.clients.system import System
from worker.domain.errors import Rejected
from worker.resilience.circuit_breaker import Breaker
from worker.resilience.rate_limit import FREE, Turn
from worker.settings import is_loopback


class TooMuch(Rejected):
    """An answer larger than is read at once: to be asked for in smaller pages."""


# Built anew for each try, since signing writes into it.
Request = Callable[[], RequestInformation]

GRAPH = System("graph", "Microsoft Graph")
_PUBLIC_SCOPE = "https://graph.microsoft.com/.default"
# A thousand channels with the longest descriptions there are; to read more at once would hold up the event loop.
_LARGEST_ANSWER = 8_000_000


@dataclass(frozen=True, slots=True)
class Graph:
    sdk: GraphServiceClient
    time_out: timedelta
    loaded: asyncio.Future[None]
    breaker: Breaker

    async def read(self, trying: str, request: Request, answers: Answers, turn: Turn = FREE) -> Any:
        """The JSON of the answer, None where it has no body; raises as every remote call does."""
        return await self._carry_out(RemoteCall(trying, GRAPH, writes=False, answers=answers), request, turn)

    async def write(
        self, trying: str, request: Request, answers: Answers, turn: Turn = FREE, *, repeatable: bool = False
    ) -> Any:
        attempt = RemoteCall(trying, GRAPH, writes=True, repeatable=repeatable, answers=answers)
        return await self._carry_out(attempt, request, turn)

    async def start(self, trying: str, request: Request, answers: Answers, turn: Turn = FREE) -> str:
        """Begin what takes a while; the address at which Graph tells how it stands, empty where it names none.

        Begun twice it comes to the same, so what may have been begun is simply begun again.
        """
        seen = HeadersInspectionHandlerOption(inspect_request_headers=False)

        def watched() -> RequestInformation:
            asked = request()
            asked.add_request_options([seen])
            return asked

        await self.write(trying, watched, answers, turn, repeatable=True)
        return next(iter(seen.response_headers.get("Location")), "")

    async def _carry_out(self, attempt: RemoteCall, request: Request, turn: Turn) -> Any:
        async def send() -> Any:
            adapter = self.sdk.request_adapter
            return _read(await adapter.send_primitive_async(request(), "bytes", {"XXX": ODataError}), attempt)

        await asyncio.shield(self.loaded)
        return await carry_out(attempt, send, time_out=self.time_out, breaker=self.breaker, turn=turn)


def _read(body: bytes | None, attempt: RemoteCall) -> Any:
    if body and len(body) > _LARGEST_ANSWER:
        too_large = f"{len(body):,} bytes are more than an answer has"
        raise ValueError(too_large) if attempt.writes else TooMuch(f"Tried to {attempt.trying}; {too_large}.")
    return json.loads(body) if body else None


@asynccontextmanager
async def open_graph(
    url: str, *, identity: AuthenticationProvider, time_out: timedelta, breakers: Breakers
) -> AsyncIterator[Graph]:
    # Each of the SDK's own retries re-sends creates; its redirects would carry a write to another address.
    options: dict[str, Any] = {
        RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0),
        RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
    }
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(url, time_out=time_out))
        # The SDK puts a layer around each transport that closes nothing, so they are closed here.
        for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001  # where the SDK itself reaches in
            if transport is not None:
                stack.push_async_callback(transport.aclose)
        adapter = GraphRequestAdapter(
            identity, GraphClientFactory.create_with_default_middleware(client=http, options=options)
        )
        # Only afterwards: the constructor's own default would double the slash before the path.
        adapter.base_url = url
        sdk = GraphServiceClient(request_adapter=adapter)
        loading = asyncio.ensure_future(asyncio.to_thread(_load_builders, sdk))
        stack.push_async_callback(asyncio.wait, [loading])
        yield Graph(sdk, time_out, loading, breakers.of(GRAPH))


def _load_builders(sdk: GraphServiceClient) -> None:
    # The SDK imports what builds a request when it is first asked for it, which the event loop would stand still for in
    # the midst of the first launch.
    team = sdk.teams.by_team_id("-")
    channel = team.channels.by_channel_id("-")
    message = channel.messages.by_chat_message_id("-")
    _ = team.primary_channel, team.members, team.operations.by_teams_async_operation_id("-")
    _ = channel.archive, channel.unarchive, channel.messages.delta, message.soft_delete
    _ = message.replies.by_chat_message_id1("-").soft_delete
    _ = sdk.chats.by_chat_id("-").messages, sdk.users.by_user_id("-")
    ODataError().get_field_deserializers()


def graph_identity(url: str, credential: AsyncTokenCredential | None) -> AuthenticationProvider:
    """How requests are signed; the token goes to this one host and, but for loopback, never over plain http."""
    if credential is None:
        return AnonymousAuthenticationProvider()
    # The host without its port: with the port no request would match, and all would leave unsigned.
    hosts = [urlsplit(url).hostname or ""]
    return AzureIdentityAuthenticationProvider(credential, scopes=[graph_scope(url)], allowed_hosts=hosts)


def graph_scope(url: str) -> str:
    """National clouds have scopes of their own; a stand-in takes the public one."""
    parts = urlsplit(url)
    return _PUBLIC_SCOPE if parts.scheme == "http" or is_loopback(url) else f"https://{parts.hostname}/.default"


class FixedToken(AuthenticationProvider):
    """A word that a stand-in takes for a token; it opens nothing."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def authenticate_request(
        self,
        request: RequestInformation,
        additional_authentication_context: dict[str, Any] | None = None,
    ) -> None:
        del additional_authentication_context
        request.headers.try_add("Authorization", f"Bearer {self._token}")
