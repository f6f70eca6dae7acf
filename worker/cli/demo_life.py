"""The demo of a whole life: raised, nobody answers, the next is called, led, mended, reviewed and closed.

People act by the commands that they would type, each shown before it is run; what that comes to is told as it is
recorded. A minute of every wait is two seconds here.
"""

import asyncio
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from worker.cli.consoles import stdout_console
from worker.cli.demo import DemoFailed, demo_client, fetch, send_alert, show_end, show_launch
from worker.domain.errors import TocsinError
from worker.settings import ME

ROTA = Path(__file__).with_name("demo_rota.yaml")
LIFE_SETTINGS = {"TOCSIN_MINUTE_SECONDS": "2"}
_LIMIT = timedelta(seconds=60)
_AWAITED_WITHIN = timedelta(seconds=30)
_LOOK_EVERY = timedelta(milliseconds=150)
_REVIEW_LINES_SHOWN = 30


class LifeSandbox(Protocol):
    """Where its intake is, and the settings by which a command reaches it."""

    intake: str
    settings: Mapping[str, str]


class _Entry(BaseModel):
    """What is shown of an entry."""

    kind: str
    text: str
    data: dict[str, Any] = {}


class _Life(BaseModel):
    """What is looked at of the incident."""

    entries: tuple[_Entry, ...] = ()


async def run_life(place: LifeSandbox) -> None:
    """Raise DemoFailed, with a sentence, unless all of it happens in time."""
    console = stdout_console()
    await _type(console, place, "roster", "import", str(ROTA), "--yes", is_shown=False)
    async with demo_client(place.intake) as http:
        history = await show_launch(http, await send_alert(http, console), console, _LIMIT)
        show_end(console, history)
        console.print(Text("\nAmara is called first, and sleeps. A minute of every wait is two seconds here.\n"))
        watch = _Watch(http, history.incident_id, console)
        watching = asyncio.create_task(watch.tell())
        try:
            await _live(console, place, history.incident_id, watch)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _live(console: Console, place: LifeSandbox, incident_id: str, watch: "_Watch") -> None:
    async def does(who: str, *words: str) -> None:
        await _type(console, place, *words, who=who)

    await watch.wait_for("the call of the next level", lambda entry: entry.data.get("level") == 2)  # noqa: PLR2004
    await does("bruno", "ack", incident_id)
    await does("bruno", "role", incident_id, "commander", "amara")
    await does("amara", "role", incident_id, "commander", "--accept")
    await does("amara", "update", incident_id, "A deployment broke payments.", "--phase", "identified", "--next", "20m")
    await does("bruno", "mitigate", incident_id, "Rolled back to the version of yesterday.")
    await does("bruno", "resolve", incident_id, "Payments work; the fix is tested.")
    await watch.wait_for("the end of what resolving says", lambda entry: entry.kind == "resolved")
    await _show_review(console, place, incident_id)
    await does("amara", "close", incident_id)
    await watch.wait_for("the close", lambda entry: entry.kind == "closed")
    await _type(console, place, "incidents", "show", incident_id)


class _Watch:
    """Tells each entry as it comes, and lets others wait for one."""

    def __init__(self, http: httpx.AsyncClient, incident_id: str, console: Console) -> None:
        self._http = http
        self._incident_id = incident_id
        self._console = console
        self._entries: list[_Entry] = []
        self._told = asyncio.Condition()

    async def tell(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(TocsinError):
                await self._look()
            await asyncio.sleep(_LOOK_EVERY.total_seconds())

    async def wait_for(self, what: str, is_it: Callable[[_Entry], bool]) -> None:
        try:
            async with asyncio.timeout(_AWAITED_WITHIN.total_seconds()), self._told:
                await self._told.wait_for(lambda: any(map(is_it, self._entries)))
        except TimeoutError:
            raise DemoFailed(
                f"{what.capitalize()} did not come within {_AWAITED_WITHIN.seconds} s. The worker's log says why: "
                "start the demo again with --data DIRECTORY and look at work.log there."
            ) from None

    async def _look(self) -> None:
        found = await fetch(self._http, f"/v1/incidents/{self._incident_id}")
        if found is None:
            return
        known = _Life.model_validate_json(found).entries
        async with self._told:
            for entry in known[len(self._entries) :]:
                if entry.text:
                    self._console.print(Text(f"  {entry.kind:<14}{entry.text}"))
            self._entries = list(known)
            self._told.notify_all()


async def _show_review(console: Console, place: LifeSandbox, incident_id: str) -> None:
    told = await _type(console, place, "review", incident_id, is_shown=True, is_told=False)
    lines = told.splitlines()
    for line in lines[:_REVIEW_LINES_SHOWN]:
        console.print(Text(f"  {line}"))
    console.print(Text(f"  … {max(len(lines) - _REVIEW_LINES_SHOWN, 0)} more lines"))


async def _type(
    console: Console, place: LifeSandbox, *words: str, who: str = "", is_shown: bool = True, is_told: bool = True
) -> str:
    """Run the command as that person would, and return what it printed. Raises DemoFailed where it fails."""
    typed = shlex.join(("tocsin", *words))
    if is_shown:
        console.print(Text(f"\n{who or 'anybody'} $ {typed}", style="bold"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", *words),
        env={**os.environ, **place.settings, **LIFE_SETTINGS, **({ME: who} if who else {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed = (await process.communicate())[0].decode(errors="replace").strip()
    if is_shown and is_told and printed:
        console.print(Text(printed))
    if process.returncode:
        raise DemoFailed(f"`{typed}` exited with {process.returncode}: {printed[-500:]}")
    return printed
