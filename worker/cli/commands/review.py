"""`tocsin review`: all that happened to one incident, on one axis of time."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from worker.app.connections import open_history, worker_name
from worker.app.review_systems import open_review_reader
from worker.cli.incident_acts import Me, acting_person, note_look
from worker.cli.json_output import escaped, print_json
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.on_call_source import say
from worker.cli.which_incident import Known, find_incident, which_incident
from worker.domain.errors import Gone, Rejected
from worker.domain.response.actor import Actor
from worker.domain.response.state import RUNNING, ResponseState
from worker.incidents.review.bundle import bundle_of
from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import Review, review_of
from worker.incidents.review.sources import ReviewSources
from worker.observability.log import configure
from worker.settings import Settings
from worker.storage.stores import Stores

# Whoever may read it reads what people wrote to each other.
_FOR_ITS_OWNER = 0o600
_NOT_OVER = frozenset({*RUNNING, ResponseState.RESOLVED})


class Form(StrEnum):
    """Markdown to be completed by people; JSON for programs; ZIP with both, and the messages as they were read."""

    MD = "md"
    JSON = "json"
    ZIP = "zip"


def review(
    incident: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="The incident, by the beginning of its id; the only one that is not over without it."
        ),
    ] = None,
    *,
    me: Me = "",
    form: Annotated[
        Form, typer.Option("--format", help="To be completed by people; for programs; both with all messages.")
    ] = Form.MD,
    since: Annotated[str | None, typer.Option(help=f"Leave out of the timeline what is older: {WAYS}.")] = None,
    final: Annotated[bool, typer.Option("--final", help="As it was kept when the incident was last closed.")] = False,
    generated_at: Annotated[
        str | None, typer.Option(help=f"Say that it was made then, for two that are to be the same: {WAYS}.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
) -> None:
    """At any time, also while it burns. What cannot be read is said in it, and on standard error."""
    if final and (form is Form.ZIP or since or generated_at):
        raise typer.BadParameter("it is kept as it was made: name neither ZIP nor times", param_hint="--final")
    if form is Form.ZIP and output is None and sys.stdout.isatty():
        raise typer.BadParameter("a ZIP file is nothing for a terminal: name a file", param_hint="--output")
    moment = read_moment_option(since, "--since")
    made_at = read_moment_option(generated_at, "--generated-at") or datetime.now(UTC)
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    found = asyncio.run(_read(settings, incident, acting_person(me), final=final))
    if isinstance(found, ReviewSources):
        made = review_of(found, made_at, since=moment)
        _write(form, made, found.zone, output, lambda: bundle_of(made, found))
    else:
        made, zone = found
        _write(form, made, zone, output)
    for gap in made.gaps:
        say(gap)


async def _read(
    settings: Settings, given: str | None, me: Actor, *, final: bool
) -> ReviewSources | tuple[Review, tzinfo]:
    async with open_history(settings) as stores:
        known = await (find_incident(stores, given) if given else _only_one(stores))
    incident_id = known.incident_id
    await note_look(settings, incident_id, me)
    async with open_review_reader(settings, owner=worker_name()) as reader:
        found = await (reader.kept(incident_id) if final else reader.sources(incident_id))
    if found is None:
        raise Gone(f"No review of {incident_id} is kept: that is done when it is closed. Leave out --final.")
    return found


async def _only_one(stores: Stores) -> Known:
    known, _ = await which_incident(stores, (), states=_NOT_OVER)
    return known


def _write(form: Form, made: Review, zone: tzinfo, output: Path | None, bundle: Callable[[], bytes] = bytes) -> None:
    if form is Form.JSON and output is None:
        print_json(made.to_json())
        return
    content = bundle() if form is Form.ZIP else _content(form, made, zone)
    if output is None:
        typer.echo(content, nl=False)
    else:
        _write_file(output, content)
        say(f"{len(made.timeline):,} entries, in {output}.")


def _content(form: Form, made: Review, zone: tzinfo) -> bytes:
    return (markdown_of(made, zone) if form is Form.MD else f"{escaped(made.to_json())}\n").encode()


def _write_file(output: Path, content: bytes) -> None:
    try:
        output.touch(_FOR_ITS_OWNER)
        output.write_bytes(content)
    except OSError as error:
        raise Rejected(f"{output} cannot be written: {error.strerror}.") from None
