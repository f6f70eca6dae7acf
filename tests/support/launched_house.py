"""One incident launched for real, against all the stand-ins, and the clients by which duplicates are made beside it."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msrest.authentication import Authentication, BasicAuthentication
from patience import PATIENCE

from handlers.duplicates import duplicate_finders
from handlers.launch.announcement import Known, announcement
from handlers.launch.create_work_item import WorkItem
from handlers.launch.playbook import playbook
from handlers.launch.work_item_description import title
from handlers.paging.ways import Ways
from worker.clients.boards.client import Boards
from worker.clients.boards.items import PARENT, add_relation, set_field
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.routes import open_posting
from worker.clients.teams.client import Channel, open_teams
from worker.clients.teams.limits import TeamLimits
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.settlement import Complete
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.engine.sweep import Sweep
from worker.oncall.definitions import Definitions, ServiceRecord
from worker.oncall.on_call import OnCall, Person
from worker.resilience.rate_limit import Turn
from worker.sandbox.boards import Boards as BoardsStandIn
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams as TeamsStandIn
from worker.sandbox.teams.bot import Bot
from worker.sandbox.world import DEFAULT_WORLD
from worker.storage.stores import open_stores
from worker.storage.table import read_rows

LATELY = timedelta(hours=1)
PEOPLE = tuple(Person(name=each.name, email=each.email) for each in DEFAULT_WORLD.people[:2])


class Roster:
    """Two people who are always on call, and where the services live."""

    def __init__(self) -> None:
        self.services: tuple[ServiceRecord, ...] = ()

    async def definitions(self):
        return Definitions(services={each.name: each for each in self.services})

    async def known(self):
        return AlwaysOnCall(await self.definitions())


@dataclass
class AlwaysOnCall:
    """What both tables say, where the people are the same for every service."""

    definitions: Definitions
    as_of = ""

    def answer(self, service, instant):
        del instant
        return OnCall(people=PEOPLE, service=service)


class NoLimits(TeamLimits):
    """As if every call were the first one in a long while."""

    def any_request(self):
        return Turn()

    def new_channel(self):
        return Turn()

    def in_channel(self, channel_id):
        return Turn()

    def post_of_a_person(self, channel_id):
        return Turn()


@dataclass
class House:
    """One incident launched for real, and the clients by which duplicates are made beside it."""

    server: SandboxServer
    board: BoardsStandIn
    team: TeamsStandIn
    settings: Any
    incident: Incident
    stack: AsyncExitStack
    boards: Any = None
    teams: Any = None
    posting: Any = None
    poster: Any = None
    store: Any = None
    roster: Roster = field(default_factory=Roster)

    async def open(self):
        self.boards = await self.stack.enter_async_context(self.client(Authentication()))
        limits = NoLimits()
        self.teams = await self.stack.enter_async_context(open_teams(self.settings, None, limits=limits))
        opening = open_posting(self.settings, self.teams, None, limits=limits)
        self.posting = await self.stack.enter_async_context(opening)
        self.poster = self.posting.poster
        self.stores = await self.stack.enter_async_context(open_stores(self.settings, owner="one"))
        await self.stores.table.prepare()

    def client(self, authentication):
        chosen = {"project": "Incidents", "work_item_type": "Issue", "time_out": PATIENCE}
        return Boards(f"{self.server.url}/boards", authentication=authentication, **chosen)

    def human(self):
        """A client of somebody who sits in front of the board."""
        return self.client(BasicAuthentication(PEOPLE[0].email, "password"))

    @property
    def playbook(self):
        ways = Ways(self.teams, self.posting.chats, None, {}, default=self.settings.paging)
        return playbook(
            boards=self.boards,
            teams=self.teams,
            poster=self.poster,
            on_call=self.roster,
            ways=ways,
            places=FallbackChannels(self.teams, self.settings.teams_fallback),
            last_resort=(),
            # No busy machine exceeds it.
            patience=PATIENCE,
        )

    async def launch(self):
        # The first call of a process waits for the Graph SDK's import, which takes a busy machine minutes.
        timing = Timing(allowance=timedelta(hours=1), lookup_lag=timedelta(seconds=1))
        launcher = Launcher(self.playbook, self.stores, timing, timedelta(hours=1))
        return await launcher.launch(self.incident, asyncio.Event())

    @property
    def sweeper(self):
        def ours():
            return duplicate_finders(boards=self.boards, teams=self.teams, poster=self.poster)

        return Sweep(self.stores, self.playbook, ours)

    async def sweep(self, *, repair=True):
        return await self.sweeper.run(LATELY, repair=repair)

    async def result(self, step):
        return (await self.stores.incidents.history(self.incident.id)).step(step).result

    async def point(self, step, old, new):
        """Let the step's checkpoint name another object, as if that one had been made by the attempt that counts."""
        where = {"pk": self.incident.id, "rk": f"step:{step}"}
        (row,) = [
            row async for row in read_rows(self.stores.incidents._table, "PartitionKey eq @pk and RowKey eq @rk", where)
        ]
        assert str(old) in row["result_0"]
        changed = {**row, "result_0": row["result_0"].replace(str(old), str(new))}
        await self.stores.incidents._table.upsert_entity(changed)

    async def quoted_by(self, sender):
        """The announcement once more, word for word, from somebody else."""
        channel = self.team.channels.get((await self.channel()).id)
        (announced,) = self.team.messages.of_channel(channel.id)
        self.team.post(channel, announced.content, sender)

    async def twin(self, **others):
        """The work item once more, as a late request makes it."""
        patch = (set_field("System.Title", title(self.incident)), *(set_field(n, v) for n, v in others.items()))
        return await self.boards.create(patch)

    async def twin_task(self, boards=None):
        parent, task = await self.result("create-work-item"), self.items("Task")[0]
        patch = (
            set_field("System.Title", task["fields"]["System.Title"]),
            add_relation(PARENT, self.boards.api_url(parent["id"])),
        )
        return await (boards or self.boards).create(patch, work_item_type="Task")

    async def channel(self):
        return Channel.model_validate(await self.result("create-channel"))

    async def announced(self):
        """The announcement, as the launch made it."""
        item = WorkItem.model_validate(await self.result("create-work-item"))
        on_call = OnCall.model_validate(await self.result("find-on-call"))
        return announcement(self.incident, Known(item, on_call))

    def items(self, kind="Issue"):
        return [item for item in self.board.state()["work_items"] if item["type"] == kind]

    def open_items(self, kind="Issue"):
        return [item["id"] for item in self.items(kind) if item["fields"]["System.State"] == "To Do"]

    async def messages(self):
        found = await self.teams.messages((await self.channel()).id)
        return [message.id for message in reversed(found) if message.body]

    async def rows(self):
        where, key = "PartitionKey eq @pk", {"pk": self.incident.id}
        rows = [row async for row in read_rows(self.stores.incidents._table, where, key)]
        return {row["RowKey"]: row["outcome"] for row in rows if row["RowKey"].startswith("duplicate:")}


@asynccontextmanager
async def launched(settings, posting="bot", severity=1, services=()):
    """An incident that was launched a moment ago, without any duplicates; `services` are those of the catalogue."""
    board, teams = BoardsStandIn(DEFAULT_WORLD), TeamsStandIn(DEFAULT_WORLD)
    server = await SandboxServer.start([board, teams, Bot(DEFAULT_WORLD, teams)])
    there = {
        "graph_url": f"{server.url}/graph/v1.0",
        "teams_team_id": DEFAULT_WORLD.team_id,
        "bot_service_url": f"{server.url}/bot",
        "bot_app_id": DEFAULT_WORLD.bot_app_id,
        "credential": "anonymous",
        "posting": posting,
        "call_timeout_seconds": PATIENCE,
    }
    event = Event(title="Checkout is <down> & out", severity=severity, service="checkout", key="the-key")
    incident = Incident(key="the-key", event=event, received_at=datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.close)
        house = House(server, board, teams, settings.model_copy(update=there), incident, stack)
        house.roster.services = tuple(services)
        await house.open()
        assert await house.launch() == Complete()
        yield house
