"""`tocsin roster export`: people, schedules, services and policies as a file that can be imported again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.json_output import print_json
from worker.cli.on_call_source import File, open_source, say
from worker.domain.errors import Rejected
from worker.oncall.definitions import Definitions
from worker.oncall.files.writing import write_definitions

_MARK = """\
# Overrides and absences are what people made. They stand here to be read: `tocsin roster import` leaves them out
# unless --with-overrides says otherwise.
"""


class Form(StrEnum):
    """What is written."""

    YAML = "yaml"
    JSON = "json"


def export_roster(
    *,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.YAML,
    out: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
    file: File = None,
) -> None:
    """The rows of the on-call table are not in it: `tocsin roster list --json` has them. Given a file, that is written
    anew, in either form.
    """
    definitions = open_source(file).definitions
    text = write_definitions(definitions, form.value)
    if form is Form.YAML and _holds_acts(definitions):
        text = _MARK + text
    if out is None and form is Form.JSON:
        print_json(text.rstrip("\n"))
    elif out is None:
        typer.echo(text, nl=False)
    else:
        _write(out, text)
        say(f"People: {len(definitions.people)}, schedules: {len(definitions.schedules)}, in {out}.")


def _holds_acts(definitions: Definitions) -> bool:
    schedules = definitions.schedules.values()
    return bool(definitions.absences) or any(each.overrides or each.absences.all for each in schedules)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Rejected(f"{out} cannot be written: {error.strerror}.") from None
