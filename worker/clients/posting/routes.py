"""The routes into a channel, by the name that TOCSIN_POSTING gives them."""

from contextlib import AbstractAsyncContextManager

from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.breakers import Breakers
from worker.clients.posting.bot import open_bot_poster
from worker.clients.posting.delegated import open_delegated_poster
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Teams
from worker.clients.teams.limits import TeamLimits
from worker.settings import Settings


def open_poster(
    settings: Settings,
    teams: Teams,
    credential: AsyncTokenCredential | None,
    *,
    breakers: Breakers | None = None,
    limits: TeamLimits | None = None,
) -> AbstractAsyncContextManager[Poster]:
    if settings.posting == "delegated":
        return open_delegated_poster(settings, breakers=breakers, limits=limits)
    return open_bot_poster(settings, teams, credential, breakers=breakers)
