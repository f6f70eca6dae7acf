"""The demo: a real Azure Monitor alert over HTTP, its launch as it happens, and the finished incident."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from worker.cli.consoles import stdout_console
from worker.cli.drawing.launch_table import launch_view, print_addresses
from worker.domain.errors import Permanent, Transient, Unreachable
from worker.domain.states import LaunchState
from worker.incidents.follow import follow
from worker.incidents.history import History

ALERT = Path(__file__).with_name("demo_alert.json")
LIMIT = timedelta(seconds=60)
_LOOK_EVERY = timedelta(milliseconds=100)


class DemoFailed(Permanent):
    """What the demo is to show did not happen."""


async def run_demo(intake: str) -> History:
    """Raise DemoFailed, with a sentence, unless the launch is finished in time."""
    console = stdout_console()
    async with httpx.AsyncClient(base_url=intake, timeout=LIMIT.total_seconds(), trust_env=False) as http:
        incident_id = await _send_alert(http, console)

        async def look() -> History | None:
            return await _look(http, incident_id)

        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                with launch_view(console) as show:
                    history = await follow(look, show, every=_LOOK_EVERY)
        except TimeoutError:
            raise DemoFailed(
                f"The launch of {incident_id} was not finished within {LIMIT.seconds} s. The worker's log says why: "
                "start the demo again with --data DIRECTORY and look at work.log there."
            ) from None
    if history.state is LaunchState.FAILED:
        raise DemoFailed(f"The launch of {incident_id} failed: {history.failure or 'no reason is known'}")
    console.print()
    print_addresses(console, history)
    return history


async def _send_alert(http: httpx.AsyncClient, console: Console) -> str:
    alert = _alert_of(datetime.now(UTC))
    rule = alert["data"]["essentials"]["alertRule"]
    console.print(Text(f"\nSending the Azure Monitor alert {rule}"))
    answer = await http.post("/v1/alerts/azure-monitor", json=alert)
    if answer.status_code != HTTPStatus.ACCEPTED:
        raise DemoFailed(f"The intake did not accept the alert ({answer.status_code}): {answer.text[:500]}")
    incident_id: str = answer.json()["accepted"][0]["incident_id"]
    console.print(Text(f"The intake answered 202: it is in the queue as {incident_id}\n"))
    return incident_id


def _alert_of(fired: datetime) -> Any:
    """The example as if it had fired now: the same alert at the same time would be the same incident."""
    alert = json.loads(ALERT.read_text(encoding="utf-8"))
    alert["data"]["essentials"]["firedDateTime"] = fired.isoformat()
    window = alert["data"]["alertContext"]["condition"]
    window["windowStartTime"] = (fired - timedelta(minutes=5)).isoformat()
    window["windowEndTime"] = fired.isoformat()
    return alert


async def _look(http: httpx.AsyncClient, incident_id: str) -> History | None:
    try:
        answer = await http.get(f"/v1/incidents/{incident_id}")
    except httpx.TransportError as error:
        raise Unreachable(f"The intake did not answer ({type(error).__name__}).") from error
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    if answer.status_code != HTTPStatus.OK:
        raise Transient(f"The intake could not show {incident_id} ({answer.status_code}).")
    return History.model_validate_json(answer.text)
