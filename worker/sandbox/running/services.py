"""All stand-ins together: started in order, filled with what a launch needs to find, and stopped in order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from worker.domain.errors import Misconfigured
from worker.oncall.rows import read_row
from worker.oncall.stored.table import open_schedules
from worker.oncall.table import open_on_call
from worker.sandbox.harness.latency import NONE, Latency
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.service_bus.config import PACKAGED, QueueConfigInvalid, QueueSettings, load_queues
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.sandbox.service_bus.store import StoreUnusable
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.tables.azurite import Azurite, start_azurite
from worker.sandbox.world import DEFAULT_WORLD, World
from worker.settings import PREFIX, Settings
from worker.storage.stores import open_stores


@dataclass(frozen=True, slots=True)
class Place:
    """Where the HTTP stand-ins listen, and where everything is kept that is to survive a restart."""

    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    latency: Latency = NONE
    public_url: str | None = None
    """Where people reach it, if not where programs do."""
    process: str = "basic"
    """That of the projects in Boards, unless something else is kept."""


@dataclass(frozen=True, slots=True)
class Services:
    """Running stand-ins, in a world of their own."""

    http: SandboxServer
    queue: ServiceBusServer
    tables: Azurite
    queue_name: str
    world: World

    def environment(self) -> dict[str, str]:
        """The variables that point a worker or an intake here."""
        values = {
            "servicebus_connection_string": self.queue.connection_string,
            "servicebus_queue": self.queue_name,
            "tables_connection_string": self.tables.connection_string,
            **self.http.settings(),
            "credential": "anonymous",
            "sandbox_planted": ",".join(self.world.planted),
        }
        return {PREFIX + name.upper(): value for name, value in values.items()}

    async def prepare(self) -> None:
        """Make the tables, and fill that of the people on call unless somebody has: their rows stay theirs."""
        settings = Settings.read(_env_file=None, tables_connection_string=self.tables.connection_string)
        async with (
            open_stores(settings, owner="sandbox") as stores,
            open_on_call(settings, None) as on_call,
            open_schedules(settings, None) as schedules,
        ):
            await stores.table.prepare()
            await on_call.create()
            await schedules.create()
            if not await on_call.rows():
                for row in self.world.on_call:
                    await on_call.upsert(read_row(row))


@asynccontextmanager
async def open_services(
    queues: Sequence[QueueSettings], place: Place, *, world: World = DEFAULT_WORLD
) -> AsyncIterator[Services]:
    """The queue is first and last: its file is locked, and keeps a second sandbox from the same directory."""
    async with AsyncExitStack() as stack:
        queue = await _start_queue(queues, place.data)
        stack.push_async_callback(queue.close)
        tables = await start_azurite(data=place.data / "tables" if place.data else None)
        stack.push_async_callback(tables.close)
        http = await stack.enter_async_context(open_http(place, queue, world=world))
        yield Services(http=http, queue=queue, tables=tables, queue_name=_ours(queues), world=world)


async def _start_queue(queues: Sequence[QueueSettings], data: Path | None) -> ServiceBusServer:
    try:
        return await ServiceBusServer.start(queues, data=data)
    except StoreUnusable as error:
        raise Misconfigured(str(error)) from None


@asynccontextmanager
async def open_http(
    place: Place, queue: ServiceBusServer | None = None, *, world: World = DEFAULT_WORLD
) -> AsyncIterator[SandboxServer]:
    """Boards, Teams and its bot alone."""
    server = await _start_http(place, queue, world)
    try:
        yield server
    finally:
        await server.close()


async def _start_http(place: Place, queue: ServiceBusServer | None, world: World) -> SandboxServer:
    try:
        return await SandboxServer.start(
            stand_ins(world, process=place.process),
            host=place.host,
            port=place.port,
            latency=place.latency,
            data=place.data,
            queue=queue,
            public_url=place.public_url,
        )
    except OSError as error:
        raise Misconfigured(
            f"The sandbox cannot listen on {place.host}:{place.port}: {error.strerror}. Choose another --port."
        ) from None
    except ValueError as error:  # a file of its state that cannot be read
        raise Misconfigured(str(error)) from None


def read_queues(path: Path | None) -> tuple[QueueSettings, ...]:
    """The queues of the official emulator's configuration file; of our own unless another is given."""
    try:
        queues = load_queues((path or PACKAGED).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"The queue configuration {path} cannot be read: {error}.") from None
    except QueueConfigInvalid as error:
        raise Misconfigured(str(error)) from None
    if not queues:
        raise Misconfigured(f"The queue configuration {path} names no queue; Tocsin needs one.")
    return queues


def _ours(queues: Sequence[QueueSettings]) -> str:
    """The queue that settings ask for unless told otherwise, else the first."""
    names = [queue.name for queue in queues]
    usual: str = Settings.model_fields["servicebus_queue"].default
    return usual if usual in names else names[0]
