"""What stands before the queue's port, one gate for each worker: it sees the settlement go by, and its answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import Enum

_DISPOSITION = b"\x00\x53\x15"
_HEADER = 8
_TIMER = b'"type":"timer"'


class Passing(Enum):
    COPY = "copy"  # from the worker: the same message again, for later
    TIMER = "timer"  # from the worker: what falls due of the response
    SETTLEMENT = "settlement"  # from the worker: what is to become of the message
    ANSWER = "answer"  # from the broker: it has become so


# Whether what passes is let through.
Watch = Callable[[Passing], Awaitable[bool]]
Read = Callable[[bytes], Passing | None]


@asynccontextmanager
async def queue_gate(port: int, mark: bytes, watch: Watch):
    """The port of a gate before the broker's; `watch` is asked about every disposition, in either direction.

    `mark` stands in the cell's own message, and so in a copy of it.
    """
    pumps: set[asyncio.Task] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        to_broker = await asyncio.open_connection("127.0.0.1", port)
        writers.add(to_broker[1])
        there = _pump(reader, to_broker[1], watch, lambda unit: _from_worker(unit, mark))
        back = _pump(to_broker[0], writer, watch, _from_broker)
        for pump in (there, back):
            task = asyncio.create_task(pump)
            pumps.add(task)
            task.add_done_callback(pumps.discard)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        # A pump that was cancelled before it had begun closes nothing.
        for writer in writers:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: Watch, read: Read) -> None:
    try:
        with suppress(ConnectionError):
            async for unit in _units(reader):
                passing = read(unit)
                if passing is None or await watch(passing):
                    writer.write(unit)
                    await writer.drain()
    finally:
        writer.close()


def _from_worker(unit: bytes, mark: bytes) -> Passing | None:
    if mark in unit:
        return Passing.TIMER if _TIMER in unit else Passing.COPY
    return Passing.SETTLEMENT if _is_disposition(unit) else None


def _from_broker(unit: bytes) -> Passing | None:
    return Passing.ANSWER if _is_disposition(unit) else None


async def _units(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Protocol headers and frames, each whole."""
    with suppress(asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(_HEADER)
            rest = 0 if head.startswith(b"AMQP") else int.from_bytes(head[:4], "big") - _HEADER
            yield head + await reader.readexactly(rest)


def _is_disposition(unit: bytes) -> bool:
    body = unit[4 * unit[4] :] if not unit.startswith(b"AMQP") else b""
    return body.startswith(_DISPOSITION)
