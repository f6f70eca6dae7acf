"""Clients for Node.js that others maintain, as a user's program would use them."""

import asyncio
import os
from pathlib import Path

from patience import LIMIT
from services import skip_or_fail

from worker.sandbox.tables.install import find_node

PACKAGES = Path(__file__).parents[2] / ".clients/node_modules"
ACT = Path(__file__).parent / "node_clients/act.cjs"


async def act(what: str, *arguments: str) -> str:
    """What the script wrote; the test fails with its words."""
    if not PACKAGES.is_dir():
        skip_or_fail("Microsoft's clients for Node.js are not installed: `make setup` does that.")
    running = await asyncio.create_subprocess_exec(
        *(find_node().program, ACT, what, *arguments),
        env=os.environ | {"NODE_PATH": str(PACKAGES)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT):
            written, errors = await running.communicate()
    except TimeoutError:
        running.kill()
        raise
    assert running.returncode == 0, errors.decode()
    return written.decode()
