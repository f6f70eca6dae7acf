"""`tocsin review`: all that happened to one incident, on one axis of time."""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from worker.app.connections import worker_name
from worker.app.review_systems import open_review_reader
from worker.cli.json_output import escaped, print_json
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.on_call_source import say
from worker.domain.errors import Gone, Rejected
from worker.domain.incident import INCIDENT_ID
from worker.incidents.review.bundle import bundle_of
from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import Review, review_of
from worker.incidents.review.sources import ReviewSources
from worker.observability.log import configure
from worker.settings import Settings

# Whoever may read it reads what people wrote to each other.
_FOR_ITS_OWNER = 0o600


class Form(StrEnum):
    """Markdown to be completed by people; JSON for programs; ZIP with both, and the messages as they were read."""

    MD = "md"
    JSON = "json"
    ZIP = "zip"


def review(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Such as inc-4h7k2m9xqz.")],
    *,
    form: Annotated[
        Form, typer.Option("--format", help="To be completed by people; for programs; both with all messages.")
    ] = Form.MD,
    since: Annotated[str | None, typer.Option(help=f"Leave out of the timeline what is older: {WAYS}.")] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
) -> None:
    """At any time, also while it burns. What cannot be read is said in it, and on standard error."""
    incident_id = incident_id.strip().lower()
    if not INCIDENT_ID.fullmatch(incident_id):
        raise typer.BadParameter("an incident id is `inc-` and ten letters and digits", param_hint="ID")
    if form is Form.ZIP and output is None and sys.stdout.isatty():
        raise typer.BadParameter("a ZIP file is nothing for a terminal: name a file", param_hint="--output")
    moment = read_moment_option(since, "--since")
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    sources = asyncio.run(_read(settings, incident_id))
    made = review_of(sources, datetime.now(UTC), since=moment)
    _write(form, made, sources, output)
    for gap in made.gaps:
        say(gap)


async def _read(settings: Settings, incident_id: str) -> ReviewSources:
    async with open_review_reader(settings, owner=worker_name()) as reader:
        sources = await reader.sources(incident_id)
    if sources is None:
        raise Gone(
            f"Nothing is known of {incident_id}. `tocsin incidents list` lists what there is; what is over and old may "
            "have been exported and deleted (`tocsin retention`)."
        )
    return sources


def _write(form: Form, made: Review, sources: ReviewSources, output: Path | None) -> None:
    if form is Form.JSON and output is None:
        print_json(made.to_json())
        return
    content = _content(form, made, sources)
    if output is None:
        typer.echo(content, nl=False)
    else:
        _write_file(output, content)
        say(f"{len(made.timeline):,} entries, in {output}.")


def _content(form: Form, made: Review, sources: ReviewSources) -> bytes:
    match form:
        case Form.MD:
            return markdown_of(made, sources.zone).encode()
        case Form.JSON:
            return f"{escaped(made.to_json())}\n".encode()
        case Form.ZIP:
            return bundle_of(made, sources)


def _write_file(output: Path, content: bytes) -> None:
    try:
        output.touch(_FOR_ITS_OWNER)
        output.write_bytes(content)
    except OSError as error:
        raise Rejected(f"{output} cannot be written: {error.strerror}.") from None
