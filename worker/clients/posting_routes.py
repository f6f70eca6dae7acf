"""The routes into a channel, by the name that TOCSIN_POSTING gives them."""

from contextlib import AbstractAsyncContextManager

from azure.core.credentials_async import AsyncTokenCredential

from worker.breaker import Breaker
from worker.clients.posting import Poster
from worker.clients.posting_bot import open_bot_poster
from worker.clients.posting_delegated import open_delegated_poster
from worker.clients.team_limits import TeamLimits
from worker.clients.teams import Teams
from worker.settings import Settings


def open_poster(
    settings: Settings,
    teams: Teams,
    credential: AsyncTokenCredential | None,
    *,
    graph: Breaker | None = None,
    bot: Breaker | None = None,
    limits: TeamLimits | None = None,
) -> AbstractAsyncContextManager[Poster]:
    if settings.posting == "delegated":
        return open_delegated_poster(settings, breaker=graph, limits=limits)
    return open_bot_poster(settings, teams, credential, breaker=bot)
