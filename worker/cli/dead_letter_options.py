"""The options by which all commands on dead letters choose them, and by which some say how much is done at once."""

from typing import Annotated

import typer

from worker.cli.bulk_run import BulkOptions
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.output_options import Json
from worker.cli.shared_options import with_options_of
from worker.dead_letters.filter import Filter
from worker.domain.incident import INCIDENT_ID

_PANEL = "Which ones; of several values one is enough"

Limit = Annotated[int | None, typer.Option("--limit", min=1, help="The oldest so many.", rich_help_panel=_PANEL)]


def read_filter(
    *,
    which: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NUMBER|ID]...", help="Numbers as `list` prints them, or incidents' ids."),
    ] = None,
    seq: Annotated[list[int] | None, typer.Option("--seq", help="Its sequence number.", rich_help_panel=_PANEL)] = None,
    incident: Annotated[
        list[str] | None, typer.Option("--incident", help="An incident's id.", rich_help_panel=_PANEL)
    ] = None,
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", help="Such as Rejected or TTLExpiredException.", rich_help_panel=_PANEL),
    ] = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", help="Such as create-channel.", rich_help_panel=_PANEL)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help=f"Sent then or later: {WAYS}.", rich_help_panel=_PANEL)
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Sent then or earlier.", rich_help_panel=_PANEL)] = None,
) -> Filter:
    numbers = [text for text in which or () if text.isdecimal()]
    ids = [_incident_id(text, "NUMBER|ID") for text in which or () if not text.isdecimal()]
    if numbers and ids:
        raise typer.BadParameter("either numbers or incidents' ids", param_hint="NUMBER|ID")
    return Filter(
        sequences=frozenset([*(seq or ()), *map(int, numbers)]),
        incidents=frozenset([*ids, *(_incident_id(text, "--incident") for text in incident or ())]),
        reasons=frozenset(text.casefold() for text in reason or ()),
        steps=frozenset(step or ()),
        since=read_moment_option(since, "--since"),
        until=read_moment_option(until, "--until"),
    )


def _incident_id(text: str, given_as: str) -> str:
    if not INCIDENT_ID.fullmatch(text.lower()):
        raise typer.BadParameter("an incident id is `inc-` and ten letters and digits", param_hint=given_as)
    return text.lower()


@with_options_of(read_filter)
def read_bulk_options(
    wanted: Filter,
    *,
    limit: Limit = None,
    rate: Annotated[float | None, typer.Option("--rate", min=0.01, help="At most so many a second.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise only say what would be done.")] = False,
    json: Json = False,
) -> BulkOptions:
    return BulkOptions(wanted, limit, rate, yes, json)
