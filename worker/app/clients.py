"""The remote systems that steps act on, opened from the settings; the only importer of handlers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from handlers.duplicates import duplicate_finders
from handlers.launch import playbook
from worker.clients.boards.client import Boards
from worker.clients.breakers import Breakers
from worker.clients.posting.poster import Poster
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import Teams, open_teams
from worker.clients.teams.limits import TeamLimits
from worker.credentials import azure_credential
from worker.domain.errors import TocsinError
from worker.engine.step import Playbook
from worker.engine.sweep import Sweep
from worker.observability import telemetry
from worker.oncall.table import OnCallTable, open_on_call
from worker.settings import Settings
from worker.storage.stores import Stores

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

    def sweep(self, stores: Stores) -> Sweep:
        kinds = partial(duplicate_finders, boards=self.boards, teams=self.teams, poster=self.poster)
        return Sweep(stores, self.playbook(), kinds)

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
        breakers = Breakers(settings.probe_seconds)
        limits = TeamLimits(
            requests=settings.teams_requests_per_second, new_channels=settings.teams_channels_per_second
        )
        opened = stack.enter_async_context
        teams = await opened(open_teams(settings, credential, breakers=breakers, limits=limits))
        yield Clients(
            boards=await opened(Boards.from_settings(settings, breakers=breakers)),
            teams=teams,
            poster=await opened(open_poster(settings, teams, credential, breakers=breakers, limits=limits)),
            on_call=await opened(open_on_call(settings, credential)),
        )
