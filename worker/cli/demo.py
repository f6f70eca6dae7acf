"""The demo: a real Azure Monitor alert over HTTP, its launch as it happens, and the finished incident."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import httpx
from rich.console import Console
from rich.text import Text

from worker.cli.consoles import stdout_console
from worker.cli.drawing.launch_table import launch_view, print_addresses
from worker.domain.alert_status import AlertStatus
from worker.domain.errors import Permanent, Transient, Unreachable
from worker.domain.states import LaunchState, StepState
from worker.incidents.follow import Show, follow
from worker.incidents.history import History

ALERT = Path(__file__).with_name("demo_alert.json")
LIMIT = timedelta(seconds=60)
_LOOK_EVERY = timedelta(milliseconds=100)
# For as long as it takes to be sure that nothing of a doubtful request can come any more, by the settings of the night.
_NIGHT = timedelta(seconds=120)
_BOARDS_AWAY = {"system": "boards", "behaviour": "status", "status": 503, "times": None}
_ANNOUNCE = "announce"
# Nothing lags in the sandbox: what production gives a request in doubt would be spent on watching nothing happen.
NIGHT_SETTINGS = {
    "TOCSIN_CALL_TIMEOUT_SECONDS": "10",
    "TOCSIN_LEASE_SECONDS": "5",
    "TOCSIN_LOOKUP_LAG_SECONDS": "1",
    "TOCSIN_PROBE_SECONDS": "2",
}


class RunningSandbox(Protocol):
    """Where its intake is, and its page for people."""

    intake: str
    page: str


class DemoFailed(Permanent):
    """What the demo is to show did not happen."""


async def run_demo(place: RunningSandbox) -> History:
    """Raise DemoFailed, with a sentence, unless the launch is finished in time."""
    console = stdout_console()
    async with demo_client(place.intake) as http:
        status_url = await send_alert(http, console)
        history = await show_launch(http, status_url, console, LIMIT)
    show_end(console, history)
    return history


async def run_night(place: RunningSandbox) -> History:
    """Take Boards away and show the launch go round it; once somebody is told, Boards is back and the rest is done.

    Raise DemoFailed, with a sentence, unless all of that happens in time.
    """
    console, told = stdout_console(), asyncio.Event()
    async with demo_client(place.intake) as http, demo_client(place.page) as page:
        console.print(Text("\nTaking Azure Boards away: it answers 503 from now on"))
        await _check(await page.post("/sandbox/faults", json=_BOARDS_AWAY))
        status_url = await send_alert(http, console)
        bringing_back = asyncio.create_task(_bring_back(page, console, told))

        def notice(history: History) -> None:
            if history.told_at and history.step(_ANNOUNCE).state is StepState.DONE:
                told.set()

        try:
            history = await show_launch(http, status_url, console, _NIGHT, notice)
            await bringing_back
        finally:
            bringing_back.cancel()
    if history.told_at is not None:
        seconds = (history.told_at - history.received_at).total_seconds()
        console.print(Text(f"\nThe first person was told {seconds:.1f} s after the alert, without a work item."))
    show_end(console, history)
    return history


async def _bring_back(page: httpx.AsyncClient, console: Console, told: asyncio.Event) -> None:
    await told.wait()
    console.print(Text("Somebody is told and the channel has its card. Azure Boards is back from now on"))
    await _check(await page.delete("/sandbox/faults"))


async def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        raise DemoFailed(f"The sandbox did not do as it was told ({answer.status_code}): {answer.text[:500]}")


def demo_client(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, timeout=LIMIT.total_seconds(), trust_env=False)


async def show_launch(
    http: httpx.AsyncClient,
    status_url: str,
    console: Console,
    limit: timedelta,
    notice: Show = lambda _: None,
) -> History:
    async def look() -> History | None:
        return await _look(http, status_url)

    try:
        async with asyncio.timeout(limit.total_seconds()):
            with launch_view(console) as show:

                def see(history: History) -> None:
                    show(history)
                    notice(history)

                return await follow(look, see, every=_LOOK_EVERY)
    except TimeoutError:
        raise DemoFailed(
            f"The launch was not finished within {limit.seconds} s. The worker's log says why: "
            "start the demo again with --data DIRECTORY and look at work.log there."
        ) from None


def show_end(console: Console, history: History) -> None:
    if history.state is not LaunchState.LAUNCHED:
        raise DemoFailed(
            f"The launch of {history.incident_id} ended as {history.state}: {history.failure or 'no reason is known'}"
        )
    console.print()
    print_addresses(console, history)


async def send_alert(http: httpx.AsyncClient, console: Console) -> str:
    alert = _alert_of(datetime.now(UTC))
    rule = alert["data"]["essentials"]["alertRule"]
    console.print(Text(f"\nSending the Azure Monitor alert {rule}"))
    answer = await http.post("/v1/alerts/azure-monitor", json=alert)
    if answer.status_code != HTTPStatus.ACCEPTED:
        raise DemoFailed(f"The intake did not accept the alert ({answer.status_code}): {answer.text[:500]}")
    status_url: str = answer.json()["accepted"][0]["status_url"]
    console.print(Text("The intake answered 202: it is in the queue\n"))
    return status_url


def _alert_of(fired: datetime) -> Any:
    """The example as if it had fired now: the same alert at the same time would be the same incident."""
    alert = json.loads(ALERT.read_text(encoding="utf-8"))
    alert["data"]["essentials"]["firedDateTime"] = fired.isoformat()
    window = alert["data"]["alertContext"]["condition"]
    window["windowStartTime"] = (fired - timedelta(minutes=5)).isoformat()
    window["windowEndTime"] = fired.isoformat()
    return alert


async def _look(http: httpx.AsyncClient, status_url: str) -> History | None:
    """Of an alert it is said first which incident it belongs to."""
    status = await fetch(http, status_url)
    found = AlertStatus.model_validate_json(status).incident_id if status is not None else None
    history = await fetch(http, f"/v1/incidents/{found}") if found is not None else None
    return History.model_validate_json(history) if history is not None else None


async def fetch(http: httpx.AsyncClient, path: str) -> str | None:
    try:
        answer = await http.get(path)
    except httpx.TransportError as error:
        raise Unreachable(f"The intake did not answer ({type(error).__name__}).") from error
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    if answer.status_code != HTTPStatus.OK:
        raise Transient(f"The intake could not show {path} ({answer.status_code}).")
    return answer.text
