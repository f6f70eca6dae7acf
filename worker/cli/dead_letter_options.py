"""The options by which all commands on dead letters choose them."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.dead_letters.filter import Filter

_PANEL = "Which ones; of several values one is enough"

Seq = Annotated[list[int] | None, typer.Option("--seq", help="Its sequence number.", rich_help_panel=_PANEL)]
Incident = Annotated[list[str] | None, typer.Option("--incident", help="An incident's id.", rich_help_panel=_PANEL)]
Reason = Annotated[
    list[str] | None,
    typer.Option("--reason", help="Such as Rejected or TTLExpiredException.", rich_help_panel=_PANEL),
]
Step = Annotated[list[str] | None, typer.Option("--step", help="Such as create-channel.", rich_help_panel=_PANEL)]
_WHEN = "30m, 2h or 1d ago, or a moment such as 2026-03-02T09:05"
Since = Annotated[str | None, typer.Option("--since", help=f"Sent then or later: {_WHEN}.", rich_help_panel=_PANEL)]
Until = Annotated[str | None, typer.Option("--until", help="Sent then or earlier.", rich_help_panel=_PANEL)]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="The oldest so many.", rich_help_panel=_PANEL)]
Json = Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")]
Utc = Annotated[bool, typer.Option("--utc", help="Times in UTC, not by this machine's clock.")]
Rate = Annotated[float | None, typer.Option("--rate", min=0.01, help="At most so many a second.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; otherwise only say what would be done.")]


def read_filter(
    *,
    seq: Sequence[int] | None,
    incident: Sequence[str] | None,
    reason: Sequence[str] | None,
    step: Sequence[str] | None,
    since: str | None,
    until: str | None,
) -> "Filter":
    from worker.dead_letters.filter import Filter

    return Filter(
        sequences=frozenset(seq or ()),
        incidents=frozenset(_incident_id(text) for text in incident or ()),
        reasons=frozenset(text.casefold() for text in reason or ()),
        steps=frozenset(step or ()),
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
    )


def _incident_id(text: str) -> str:
    from worker.domain.incident import INCIDENT_ID

    if not INCIDENT_ID.fullmatch(text.lower()):
        raise typer.BadParameter("an incident id is `inc-` and ten letters and digits", param_hint="--incident")
    return text.lower()


def _moment(text: str | None, option: str) -> datetime | None:
    from worker.cli.moments import read_moment

    try:
        return None if text is None else read_moment(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
