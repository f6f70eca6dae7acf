"""A wire before a server: carries bytes until it is cut, and again when it is mended, at the same address."""

import asyncio
import contextlib
import re

_PLACE = re.compile(r"127\.0\.0\.1:(\d+)")


class Wire:
    """A context; clients go to `port` instead of the server's own."""

    def __init__(self, port):
        self._server_port = port
        self._ends = set()
        self._carrying = set()
        self.port = None

    async def __aenter__(self):
        await self.mend()
        return self

    async def __aexit__(self, *_):
        await self.cut()

    async def mend(self):
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", self.port or 0, reuse_address=True)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def cut(self):
        """Reset what stands and refuse what comes."""
        self._listener.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(self, reader, writer):
        self._carrying.add(asyncio.current_task())
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
            with self._held(writer, far_writer):
                await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._carrying.discard(asyncio.current_task())

    @contextlib.contextmanager
    def _held(self, *ends):
        self._ends.update(ends)
        try:
            yield
        finally:
            self._ends.difference_update(ends)
            for end in ends:
                end.transport.abort()


async def wire_before(stack, house, system):
    """A wire before the queue or the table store, `servicebus` or `tables`, and the setting that leads through it."""
    name = f"{system}_connection_string"
    string = house.env[f"TOCSIN_{name.upper()}"]
    wire = await stack.enter_async_context(Wire(int(_PLACE.search(string).group(1))))
    return wire, {name: _PLACE.sub(f"127.0.0.1:{wire.port}", string)}


async def _pump(reader, writer):
    with contextlib.suppress(ConnectionError):
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    writer.close()
