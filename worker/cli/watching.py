"""Show a launch until it has ended, for every command that waits for one."""

from collections.abc import Callable
from datetime import timedelta

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.launch_table import launch_view, print_addresses
from worker.domain.states import LaunchState
from worker.incidents.follow import Show, follow, has_ended
from worker.incidents.history import History
from worker.settings import Settings

# Each look is one query of the table store; a person sees no difference between this and less.
_LOOK_EVERY = timedelta(milliseconds=500)


async def watch(settings: Settings, incident_id: str, *, until: Callable[[History], bool] = has_ended) -> None:
    """Exit with 1 unless it is launched, which means that somebody was told."""
    console = stdout_console()
    typer.echo(f"Watching {incident_id} until its launch has ended; Ctrl-C ends the watching only.", err=True)
    with launch_view(console) as show:
        history = await wait_for_end(settings, incident_id, show, until=until)
    console.print()
    print_addresses(console, history)
    raise typer.Exit(0 if history.state is LaunchState.LAUNCHED else 1)


async def wait_for_end(
    settings: Settings,
    incident_id: str,
    show: Show = lambda _: None,
    *,
    until: Callable[[History], bool] = has_ended,
) -> History:
    """The history of the launch, once it has ended, or come to something else that is waited for."""
    async with open_history(settings) as stores:

        async def look() -> History | None:
            return await stores.incidents.history(incident_id)

        return await follow(look, show, every=_LOOK_EVERY, until=until)
