"""The routes into a channel, by the name that TOCSIN_POSTING gives them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.breakers import Breakers
from worker.clients.posting.bot import BotPoster, open_bot_connector
from worker.clients.posting.chats import BotChats
from worker.clients.posting.delegated import open_delegated_poster
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.clients.teams.limits import TeamLimits
from worker.settings import Settings


@dataclass(frozen=True, slots=True)
class Posting:
    """`chats` is None where a person posts: those chats would be the person's own."""

    poster: Poster
    chats: BotChats | None = None


@asynccontextmanager
async def open_posting(
    settings: Settings,
    teams: Teams,
    credential: AsyncTokenCredential | None,
    *,
    breakers: Breakers | None = None,
    limits: TeamLimits | None = None,
) -> AsyncIterator[Posting]:
    if settings.posting == "delegated":
        async with open_delegated_poster(settings, breakers=breakers, limits=limits) as poster:
            yield Posting(poster)
        return
    async with open_bot_connector(settings, credential, breakers=breakers) as connector:
        patience = min(settings.lookup_lag_seconds, settings.call_timeout_seconds)
        yield Posting(BotPoster(connector, teams, patience=patience), BotChats(connector, teams))


@asynccontextmanager
async def open_poster(
    settings: Settings,
    teams: Teams,
    credential: AsyncTokenCredential | None,
    *,
    breakers: Breakers | None = None,
    limits: TeamLimits | None = None,
) -> AsyncIterator[Poster]:
    """For whoever has nothing to say to single people."""
    async with open_posting(settings, teams, credential, breakers=breakers, limits=limits) as posting:
        yield posting.poster
