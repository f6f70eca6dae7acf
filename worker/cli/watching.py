"""Show a launch until it has ended, for every command that waits for one."""

from datetime import timedelta

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.launch_table import launch_view, print_addresses
from worker.domain.states import LaunchState
from worker.incidents.follow import Show, follow
from worker.incidents.history import History
from worker.settings import Settings

# Each look is one query of the table store; a person sees no difference between this and less.
_LOOK_EVERY = timedelta(milliseconds=500)


async def watch(settings: Settings, incident_id: str) -> None:
    """Exit with 1 if the launch failed."""
    console = stdout_console()
    typer.echo(f"Watching {incident_id} until its launch has ended; Ctrl-C ends the watching only.", err=True)
    with launch_view(console) as show:
        history = await wait_for_end(settings, incident_id, show)
    console.print()
    print_addresses(console, history)
    raise typer.Exit(0 if history.state is LaunchState.LAUNCHED else 1)


async def wait_for_end(settings: Settings, incident_id: str, show: Show = lambda _: None) -> History:
    """The history of the launch, once it has ended."""
    async with open_history(settings) as stores:

        async def look() -> History | None:
            return await stores.incidents.history(incident_id)

        return await follow(look, show, every=_LOOK_EVERY)
