"""The remote systems that steps act on, opened from the settings; the only importer of handlers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from handlers.duplicates import duplicate_finders
from handlers.launch.begin_response import Begin as BeginResponse
from handlers.launch.playbook import playbook, record_playbook
from handlers.newest import Newest, ReadResponse, no_response
from handlers.notices import Compose, shift_playbook
from handlers.paging.call_next import Call as CallNext
from handlers.paging.ways import Ways
from handlers.response import response_lanes
from handlers.trouble import report_playbook
from handlers.trouble.without_store import SayWithoutStore
from worker.clients.boards.client import Boards
from worker.clients.boards.place import WorkItemPlace
from worker.clients.breakers import Breakers
from worker.clients.pager.webhook import open_pager_webhooks
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.poster import Poster
from worker.clients.posting.routes import open_posting
from worker.clients.sms.client import open_sms
from worker.clients.teams.client import Teams, open_teams
from worker.clients.teams.limits import TeamLimits
from worker.credentials import azure_credential
from worker.domain import acknowledge_link
from worker.domain.errors import TocsinError
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.launch_report import Report
from worker.engine.lane import Lane
from worker.engine.step import Playbook
from worker.engine.sweep import Sweep
from worker.observability import telemetry
from worker.oncall.lookup import OnCallLookup, open_lookup
from worker.settings import Settings
from worker.storage.stores import Stores

log = structlog.get_logger()


# What a launch cannot do without: boards, teams, posting; and what it does without, when it cannot be had.
_CHECKED = ("boards", "teams", "posting")
_LINKS_HOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Clients:
    """The remote systems that the steps act on, and what the settings say of how people are told."""

    boards: Boards
    teams: Teams
    posting: Poster
    on_call: OnCallLookup
    ways: Ways
    places: FallbackChannels
    stakeholders: FallbackChannels
    last_resort: tuple[Target, ...]
    patience: timedelta
    minute_seconds: float = 60.0

    def playbook(
        self,
        begin: BeginResponse | None = None,
        call_next: CallNext | None = None,
        read: ReadResponse = no_response,
    ) -> Playbook:
        """`begin` lets the response begin once the people are known, `call_next` calls those behind them where they
        could not be told; None for whoever only looks at what was made.

        `read` tells how it stands.
        """
        return playbook(
            begin=begin,
            call_next=call_next,
            read=read,
            boards=self.boards,
            teams=self.teams,
            poster=self.posting,
            on_call=self.on_call,
            ways=self.ways,
            places=self.places,
            last_resort=self.last_resort,
            patience=self.patience,
            minute_seconds=self.minute_seconds,
        )

    def records(self, begin: BeginResponse) -> Playbook:
        """The steps for what is over when it is told."""
        return record_playbook(boards=self.boards, on_call=self.on_call, begin=begin)

    def reports(self, report: Report) -> Playbook:
        """The steps that say in what trouble a launch is, or that it is over."""
        return report_playbook(
            report, poster=self.posting, places=self.places, ways=self.ways, last_resort=self.last_resort
        )

    def lanes(self, newest: Newest) -> Sequence[Lane]:
        """What brings about the effects of a response."""
        return response_lanes(
            boards=self.boards,
            teams=self.teams,
            poster=self.posting,
            ways=self.ways,
            newest=newest,
            stakeholders=self.stakeholders,
        )

    def shift_messages(self, compose: Compose | None) -> Playbook:
        """The steps that tell people of a shift."""
        return shift_playbook(compose, ways=self.ways)

    async def say_without_store(self, incident: Incident, error: TocsinError) -> None:
        """Tell the last resort that the incident waits, by the ways that need no table."""
        await SayWithoutStore(self.ways, self.last_resort)(incident, error)

    def sweep(self, stores: Stores) -> Sweep:
        kinds = partial(duplicate_finders, boards=self.boards, teams=self.teams, poster=self.posting)
        return Sweep(stores, self.playbook(), kinds)

    async def check(self) -> None:
        """Say aloud, at the start and not at night, what a launch would fail on; the launches go on all the same."""
        checks: dict[str, Callable[[], Awaitable[object]]] = {name: getattr(self, name).check for name in _CHECKED}
        if self.ways.sms:
            checks["sms"] = self.ways.sms.check
        checks |= {f"webhook:{name}": webhook.check for name, webhook in self.ways.webhooks.items()}
        with telemetry.errand("check"):
            checks |= await self._checks_of_services()
            for system, check in {**checks, "fallback": self.places.prepare}.items():
                try:
                    await check()
                except TocsinError as error:
                    log.error("worker.check_failed", system=system, error=str(error))

    async def _checks_of_services(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """One for each team and each place of the catalogue; a team's channels are counted by it."""
        try:
            services = (await self.on_call.definitions()).services.values()
        except TocsinError:
            return {}  # told by every launch
        places = {place: each.name for each in services if (place := WorkItemPlace.of(each)) != WorkItemPlace()}
        teams = {team.casefold() for service in services for team in service.teams}
        return {
            **{f"boards:{name}": partial(place.check, self.boards) for place, name in places.items()},
            **{f"teams:{team}": self.teams.at(team).channels for team in sorted(teams)},
        }


def _links(settings: Settings) -> Callable[[Incident, str], str]:
    """What makes the links by which a person says that they have an incident; none without the settings for them."""
    if settings.link_secret is None or not settings.intake_url:
        return lambda *_: ""
    secret, url = settings.link_secret.get_secret_value(), settings.intake_url

    def link(incident: Incident, person: str) -> str:
        # The same one however often it is made: a page that is sent again is the same page.
        token = acknowledge_link.make(secret, incident.id, person, incident.received_at + _LINKS_HOLD)
        return acknowledge_link.address(url, token)

    return link


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
        posting = await opened(open_posting(settings, teams, credential, breakers=breakers, limits=limits))
        ways = Ways(
            teams=teams,
            chats=posting.chats,
            sms=await opened(open_sms(settings, credential, breakers=breakers)),
            webhooks=await opened(open_pager_webhooks(settings, breakers=breakers)),
            default=settings.paging,
            acknowledge=_links(settings),
        )
        yield Clients(
            boards=await opened(Boards.from_settings(settings, breakers=breakers)),
            teams=teams,
            posting=posting.poster,
            on_call=await opened(open_lookup(settings, credential)),
            ways=ways,
            places=FallbackChannels(teams, settings.teams_fallback),
            stakeholders=FallbackChannels(teams, settings.teams_stakeholders),
            last_resort=settings.last_resort,
            patience=settings.announce_patience_seconds,
            minute_seconds=settings.minute_seconds,
        )
