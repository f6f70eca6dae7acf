"""The commands of `tocsin`: a file for each, and the table of them all."""

from collections.abc import Callable
from dataclasses import dataclass

import typer

from worker.cli.commands.audit import audit
from worker.cli.commands.discard_dead_letters import discard_dead_letters
from worker.cli.commands.doctor import doctor
from worker.cli.commands.explain_grouping import explain_grouping
from worker.cli.commands.export_dead_letters import export_dead_letters
from worker.cli.commands.group_dead_letters import group_dead_letters
from worker.cli.commands.import_roster import import_roster
from worker.cli.commands.intake import intake
from worker.cli.commands.intake_key import intake_key
from worker.cli.commands.lint_roster import lint_roster
from worker.cli.commands.list_dead_letters import list_dead_letters
from worker.cli.commands.list_incidents import list_incidents
from worker.cli.commands.list_roster import list_roster
from worker.cli.commands.raise_incident import raise_incident
from worker.cli.commands.replay_dead_letters import replay_dead_letters
from worker.cli.commands.sandbox import sandbox
from worker.cli.commands.show_dead_letter import show_dead_letter
from worker.cli.commands.show_incident import show_incident
from worker.cli.commands.sign_in import sign_in
from worker.cli.commands.sweep import sweep
from worker.cli.commands.version import version_option
from worker.cli.commands.who_is_on_call import who_is_on_call
from worker.cli.commands.work import work


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    run: Callable[..., None]
    example: str


COMMANDS = (
    Command("sandbox", sandbox, "tocsin sandbox --env-file sandbox.env"),
    Command("intake", intake, "tocsin intake --port 8080"),
    Command("intake-key", intake_key, "tocsin intake-key azure-monitor"),
    Command("work", work, "tocsin work"),
    Command("raise", raise_incident, "tocsin raise 'Checkout is down' --severity 1 --service checkout --wait"),
    Command("doctor", doctor, "tocsin doctor"),
    Command("audit", audit, "tocsin audit --limit 20"),
    Command("sign-in", sign_in, "tocsin sign-in"),
    Command("sweep", sweep, "tocsin sweep --since 24h --yes"),
)

GROUPS = {
    "incidents": (
        "Look at incidents and their launches.",
        (
            Command("list", list_incidents, "tocsin incidents list --state failed --since 2h"),
            Command("show", show_incident, "tocsin incidents show inc-4h7k2m9xqz --watch"),
        ),
    ),
    "dead-letters": (
        "Look at what could not be launched, and send it anew.",
        (
            Command("list", list_dead_letters, "tocsin dead-letters list --since 2h"),
            Command("groups", group_dead_letters, "tocsin dead-letters groups"),
            Command("show", show_dead_letter, "tocsin dead-letters show --seq 1207"),
            Command("replay", replay_dead_letters, "tocsin dead-letters replay --step create-channel --yes"),
            Command("discard", discard_dead_letters, "tocsin dead-letters discard --seq 1207 --because 'a test' --yes"),
            Command("export", export_dead_letters, "tocsin dead-letters export --reason Undecodable > letters.jsonl"),
        ),
    ),
    "grouping": (
        "See how alerts become one incident.",
        (Command("explain", explain_grouping, "tocsin grouping explain < alert.json"),),
    ),
    "roster": (
        "Look at and fill the table of people on call.",
        (
            Command("list", list_roster, "tocsin roster list"),
            Command("who", who_is_on_call, "tocsin roster who checkout"),
            Command("lint", lint_roster, "tocsin roster lint"),
            Command("import", import_roster, "tocsin roster import rota.csv --yes"),
        ),
    ),
}


def command_line() -> typer.Typer:
    """All commands; their modules import the SDKs only when they run, so that `--help` is quick."""
    about = "The go button for an incident: one call, and the work item, the channel and the people are there."
    app = _group(about, completes=True)
    app.callback(epilog="Completion in your shell: tocsin --install-completion")(version_option)
    _add(app, COMMANDS)
    for name, (about, commands) in GROUPS.items():
        group = _group(about)
        _add(group, commands)
        app.add_typer(group, name=name)
    return app


def _group(about: str, *, completes: bool = False) -> typer.Typer:
    return typer.Typer(help=about, no_args_is_help=True, add_completion=completes, pretty_exceptions_enable=False)


def _add(group: typer.Typer, commands: tuple[Command, ...]) -> None:
    for command in commands:
        group.command(command.name, epilog=f"Example: {command.example}")(command.run)
