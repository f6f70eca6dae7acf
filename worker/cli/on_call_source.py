"""What a question about who is on call is answered from: the tables, or a file and nothing else."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Protocol

import typer

from worker.domain.text import clean, quoted
from worker.oncall.answers import who_answers, who_comes_next
from worker.oncall.asking import clock_of_service, read_instant, services_known
from worker.oncall.definitions import Definitions
from worker.oncall.files.definition_file import DefinitionFile, read_definition_file
from worker.oncall.on_call import OnCall, Roster, note_of
from worker.oncall.people import People
from worker.oncall.rows import NOBODY
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, minute_of
from worker.oncall.sources import Answered

File = Annotated[
    Path | None,
    typer.Option("--file", help="Definitions in YAML, JSON, TOML or CSV: nothing but this is read, nor any setting."),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Such as 2026-03-02T09:00, by the schedule's clock, or with an offset, 2026-03-02T08:00Z; else now.",
    ),
]
_NAMED = 20
_NO_ROWS = Roster(rows=(), unreadable=())


class OnCallSource(Protocol):
    """All that is known, read once."""

    @property
    def definitions(self) -> Definitions: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def people(self) -> People: ...

    def definitions_of(self, service: str) -> Definitions:
        """With the schedules that answer for it, be it that nobody listed them."""

    def clock(self, service: str) -> ZoneClock:
        """By which a time is read that names no offset."""

    def answer(self, service: str, instant: Minute) -> OnCall:
        """Raises TocsinError where it depends on a table that nothing is known of."""

    def following(self, service: str, instant: Minute) -> Answered | None: ...


def open_source(file: Path | None) -> OnCallSource:
    """What is wrong with rows, and what was taken where a file leaves a choice, is said on standard error."""
    return _read_file(file) if file else _read_tables()


def read_at(text: str | None, clock: ZoneClock) -> Minute:
    """What was taken is said on standard error; a time that cannot be read is wrong use."""
    if text is None:
        return _now()
    try:
        asked = read_instant(text, clock)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    say(*asked.taken)
    return asked.minute


def say(*sentences: str) -> None:
    for sentence in sentences:
        typer.echo(f"tocsin: {clean(sentence)}", err=True)


@dataclass(frozen=True)
class _FileSource:
    """People count by their names alone: whoever asks a file calls nobody."""

    file: DefinitionFile

    @property
    def definitions(self) -> Definitions:
        return self.file.definitions

    @property
    def roster(self) -> Roster:
        return _NO_ROWS

    @cached_property
    def people(self) -> People:
        return People(self.definitions, _NO_ROWS, by_name=True)

    def definitions_of(self, service: str) -> Definitions:
        return self.file.answering(service)

    def clock(self, service: str) -> ZoneClock:
        return clock_of_service(self.file.answering(service), service)

    def answer(self, service: str, instant: Minute) -> OnCall:
        found = who_answers(self.file.answering(service), _NO_ROWS, service, instant, self.people)
        if found.people:
            return found
        nobody = f"{NOBODY} for {quoted(service)!r} then, by the file{self._has(service)}."
        # What is advised of the on-call table is none of a file's.
        missing = found.note.removeprefix(note_of(service, (), ()))
        return found.model_copy(update={"note": nobody + missing})

    def following(self, service: str, instant: Minute) -> Answered | None:
        return who_comes_next(self.file.answering(service), _NO_ROWS, service, instant, self.people)

    def _has(self, service: str) -> str:
        """What can be asked, where that cannot."""
        names = services_known(self.file.answering(service), _NO_ROWS)
        if service.casefold() in map(str.casefold, names):
            return ""
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f", which has {', '.join(map(quoted, names[:_NAMED]))}{more}" if names else ", which has no schedule"


def _read_file(path: Path) -> OnCallSource:
    file = read_definition_file(path)
    say(*file.notes)
    return _FileSource(file)


def _read_tables() -> OnCallSource:
    # What asks a file alone does without the clients of Azure, which take longer to import than it does to answer.
    from worker.cli.roster_access import print_unreadable, read_known  # noqa: PLC0415
    from worker.observability.log import configure  # noqa: PLC0415
    from worker.settings import Settings  # noqa: PLC0415

    settings = Settings.read()
    # What a worker warns of in its log is said here as a sentence beside the answer.
    configure("console", level=logging.ERROR)
    known = read_known(settings)
    print_unreadable(known.roster)
    return known


def _now() -> Minute:
    return minute_of(datetime.now(UTC))
