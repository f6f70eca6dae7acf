"""The remote systems that steps act on, opened from the settings; the only importer of handlers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from handlers.duplicates import duplicate_finders
from handlers.launch import playbook
from worker.clients.boards.client import Boards, boards_breaker
from worker.clients.posting.bot import bot_breaker
from worker.clients.posting.poster import Poster
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import Teams, open_teams
from worker.clients.teams.graph import graph_breaker
from worker.clients.teams.limits import TeamLimits
from worker.credentials import azure_credential
from worker.domain.errors import TocsinError
from worker.engine.step import Playbook
from worker.engine.sweep import Sweep
from worker.observability import telemetry
from worker.oncall.table import OnCallTable, open_on_call
from worker.settings import Settings
from worker.storage.incident_store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Clients:
    """The remote systems that the steps act on."""

    boards: Boards
    teams: Teams
    poster: Poster
    on_call: OnCallTable

    def playbook(self) -> Playbook:
        return playbook(boards=self.boards, teams=self.teams, poster=self.poster, on_call=self.on_call)

    def sweep(self, store: Store) -> Sweep:
        kinds = partial(duplicate_finders, boards=self.boards, teams=self.teams, poster=self.poster)
        return Sweep(store, self.playbook(), kinds)

    async def check(self) -> None:
        """Say aloud, at the start and not at night, what a launch would fail on; the launches go on all the same."""
        checks = {"boards": self.boards.check, "teams": self.teams.check, "posting": self.poster.check}
        with telemetry.errand("check"):
            for system, check in checks.items():
                try:
                    await check()
                except TocsinError as error:
                    log.error("worker.check_failed", system=system, error=str(error))


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[Clients]:
    settings.require("boards_url", "teams_team_id")
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        pause = settings.probe_seconds
        limits = TeamLimits(
            requests=settings.teams_requests_per_second, new_channels=settings.teams_channels_per_second
        )
        graph, bot = graph_breaker(pause), bot_breaker(pause)
        boards = await stack.enter_async_context(Boards.from_settings(settings, breaker=boards_breaker(pause)))
        teams = await stack.enter_async_context(open_teams(settings, credential, breaker=graph, limits=limits))
        opening = open_poster(settings, teams, credential, graph=graph, bot=bot, limits=limits)
        poster = await stack.enter_async_context(opening)
        on_call = await stack.enter_async_context(open_on_call(settings, credential))
        yield Clients(boards, teams, poster, on_call)
