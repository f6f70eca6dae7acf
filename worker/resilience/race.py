"""Work that something else may interrupt."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def run_until(interruption: Awaitable[object], work: Awaitable[Result]) -> Result | None:
    """The work's result, or None when the interruption comes first; the work is cancelled then."""
    doing, ending = asyncio.ensure_future(work), asyncio.ensure_future(interruption)
    try:
        await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, ending):
            task.cancel()
        # What it raises now comes too late for anybody.
        await asyncio.gather(doing, ending, return_exceptions=True)
