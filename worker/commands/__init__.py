"""The commands of `tocsin`: a file for each, and the table of them all."""

from collections.abc import Callable
from dataclasses import dataclass

import typer

from worker.commands.intake import intake
from worker.commands.sandbox import sandbox
from worker.commands.version import version_option
from worker.commands.work import work


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    run: Callable[..., None]
    example: str


COMMANDS = (
    Command("sandbox", sandbox, "tocsin sandbox --env-file sandbox.env"),
    Command("intake", intake, "tocsin intake --port 8080"),
    Command("work", work, "tocsin work"),
)

GROUPS: dict[str, tuple[str, tuple[Command, ...]]] = {}


def command_line() -> typer.Typer:
    """All commands; their modules import the SDKs only when they run, so that `--help` is quick."""
    app = _group("The go button for an incident: one call, and the work item, the channel and the people are there.")
    app.callback()(version_option)
    _add(app, COMMANDS)
    for name, (about, commands) in GROUPS.items():
        group = _group(about)
        _add(group, commands)
        app.add_typer(group, name=name)
    return app


def _group(about: str) -> typer.Typer:
    return typer.Typer(help=about, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _add(group: typer.Typer, commands: tuple[Command, ...]) -> None:
    for command in commands:
        group.command(command.name, epilog=f"Example: {command.example}")(command.run)
