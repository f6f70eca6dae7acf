"""An app served on a real socket, in the process of the test."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager

from patience import LIMIT

from worker.app.signals import on_signals
from worker.web.server import serve


@asynccontextmanager
async def listening(app):
    address = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, "127.0.0.1", 0, on_signals=on_signals, ready=address.set_result))
    await asyncio.wait({serving, address}, return_when=asyncio.FIRST_COMPLETED, timeout=LIMIT)
    try:
        yield address.result(), serving
    finally:
        if not serving.done():
            os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(LIMIT):
            await serving
