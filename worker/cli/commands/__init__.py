"""The commands of `tocsin`: a file for each, and the table of them all."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import typer

from worker.cli.commands.version import version_option
from worker.cli.lazy_command import LazyCommand


@dataclass(frozen=True, slots=True)
class Command:
    """The module's function of the same name is what runs."""

    name: str
    module: str
    help: str
    example: str
    more: tuple[str, ...] = ()
    """Lines below the example, for what cannot be said as an option."""

    def load(self) -> Callable[..., None]:
        function: Callable[..., None] = getattr(import_module(f"{__name__}.{self.module}"), self.module)
        return function


_ACTS = (
    Command(
        "ack", "acknowledge", "Say that you have it: it is yours, and nobody else is called.", "tocsin ack inc-4h7k"
    ),
    Command("take", "take_over", "Take an incident over from whoever has it.", "tocsin take inc-4h7k 'Ben is off'"),
    Command(
        "unack",
        "unacknowledge",
        "Give an incident back: it is nobody's, and people are called from the first level on.",
        "tocsin unack inc-4h7k 'my laptop is dead'",
    ),
    Command(
        "update",
        "update",
        "Say how things stand, in the channel and on the work item, and when the next update comes.",
        "tocsin update inc-4h7k 'Rolled back' --next 20m --phase monitoring",
    ),
    Command(
        "updates",
        "set_updates",
        "Say how often updates of an incident are promised.",
        "tocsin updates inc-4h7k every 20m",
    ),
    Command(
        "note",
        "note",
        "Write down what was seen or decided, or an action item for later.",
        "tocsin note inc-4h7k --action 'Alert on the queue length'",
    ),
    Command("severity", "set_severity", "Say how bad it is, and why.", "tocsin severity 1 'EU checkout is down'"),
    Command(
        "impact",
        "state_impact",
        "Say whom it hurts: who cannot do what, how many, where, since when.",
        "tocsin impact inc-4h7k --text 'No one can pay' --customers 120 --region EU",
    ),
    Command(
        "role",
        "give_role",
        "Take a role, give it to somebody, or accept or decline it.",
        "tocsin role commander ivy",
        ("The one who is to have it says:", "tocsin role commander --accept"),
    ),
    Command(
        "page",
        "page",
        "Call a person, a role, a schedule, or whoever is on call for another service.",
        "tocsin page search 'the index is stale'",
    ),
    Command("escalate", "escalate", "Call the next level now.", "tocsin escalate inc-4h7k"),
    Command(
        "mitigate",
        "mitigate",
        "Say that the harm has stopped; its cause may not have.",
        "tocsin mitigate 'Failed over'",
    ),
    Command("relapse", "relapse", "Say that the harm is back.", "tocsin relapse inc-4h7k"),
    Command("resolve", "resolve", "Say that it is over.", "tocsin resolve inc-4h7k 'The disk was replaced'"),
    Command("reopen", "reopen", "Say that it is not over: people are called again.", "tocsin reopen inc-4h7k"),
    Command("decline", "decline", "Say that it is no incident, and why.", "tocsin decline inc-4h7k 'A test alert'"),
    Command(
        "merge", "merge", "Go on in another incident, of which this one is a part.", "tocsin merge inc-4h7k inc-9m2x"
    ),
    Command("close", "close", "End a resolved incident: nothing is expected any more.", "tocsin close inc-4h7k"),
    Command(
        "time",
        "correct_time",
        "Correct when something happened; the former value stays in the log.",
        "tocsin time inc-4h7k occurred_at 2026-03-02T09:02 'by the graphs'",
    ),
)

COMMANDS = (
    Command(
        "sandbox",
        "sandbox",
        "Run stand-ins for the queue, the tables, Boards and Teams, with one intake and one worker, until Ctrl-C.",
        "tocsin sandbox --env-file sandbox.env",
        (
            "Faults, told to the address that it prints, here $S; all of them: docs/sandbox.md",
            """curl -d '{"system": "boards", "behaviour": "hang"}' $S/sandbox/faults""",
            """curl -d '{"system": "sms", "behaviour": "drop-after"}' $S/sandbox/faults""",
            """curl -d '{"system": "bot", "behaviour": "refuse"}' $S/sandbox/faults""",
        ),
    ),
    Command(
        "intake",
        "intake",
        "Take alerts and incidents over HTTP and put them into the queue, until SIGTERM or Ctrl-C.",
        "tocsin intake --port 8080",
    ),
    Command(
        "intake-key",
        "intake_key",
        "Make a key for a sender of alerts, and the entry that lets it in.",
        "tocsin intake-key azure-monitor",
    ),
    Command(
        "work",
        "work",
        "Take incidents from the queue and launch them, until SIGTERM or Ctrl-C.",
        "tocsin work",
    ),
    Command(
        "raise",
        "raise_incident",
        "Raise an incident: print its id once the queue has it, and launch it on a worker.",
        "tocsin raise 'Checkout is down' --severity 1 --service checkout --wait",
    ),
    Command(
        "review",
        "review",
        "Tell all that happened to an incident on one axis of time, for the review; also while it burns.",
        "tocsin review inc-4h7k2m9xqz --format zip --output review.zip",
    ),
    Command(
        "report",
        "report",
        "Tell what incidents were like: how many, how long each took, whom they woke; never a lone mean.",
        "tocsin report --since 30d --service checkout",
    ),
    Command(
        "doctor",
        "doctor",
        "Check settings, queue, tables, people on call, boards and teams, and say what remedies each fault.",
        "tocsin doctor",
    ),
    Command(
        "audit",
        "audit",
        "List changes of the on-call table and deeds on messages that were no event: who, when, what, the newest last.",
        "tocsin audit --limit 20",
    ),
    Command(
        "sign-in",
        "sign_in",
        "Sign a person in, once, for TOCSIN_POSTING=delegated; the worker renews it silently from then on.",
        "tocsin sign-in",
    ),
    Command(
        "sweep",
        "sweep",
        "Look for work items, tasks, announcements and channels that an incident has twice; leave one of each.",
        "tocsin sweep --since 24h --yes",
    ),
    Command(
        "retention",
        "retention",
        "Export and delete incidents that are over and old, and what belongs to none any more.",
        "tocsin retention --older-than 90d --export /var/backups/tocsin --yes",
    ),
    *_ACTS,
)

_INCIDENTS = (
    Command(
        "list",
        "list_incidents",
        "List the newest incidents first, how far their launches are, and what is missing where one is not done.",
        "tocsin incidents list --state failed --since 2h",
    ),
    Command(
        "show",
        "show_incident",
        "Show each step with its result or error, the way of the message, what people did, and what came in.",
        "tocsin incidents show inc-4h7k2m9xqz --watch",
    ),
)

_DEAD_LETTERS = (
    Command(
        "list",
        "list_dead_letters",
        "List dead letters, the newest first, with the reason and the incident of each.",
        "tocsin dead-letters list --since 2h",
    ),
    Command(
        "groups",
        "group_dead_letters",
        "Group dead letters by reason and step, the largest group first, each with an example.",
        "tocsin dead-letters groups",
    ),
    Command(
        "show",
        "show_dead_letter",
        "Show why it failed, what was sent, how far its incident is and what a replay would do.",
        "tocsin dead-letters show 1207",
    ),
    Command(
        "replay",
        "replay_dead_letters",
        "Send dead letters anew, the oldest first: each launch goes on where it failed, and nothing is done twice.",
        "tocsin dead-letters replay --step create-channel --yes",
    ),
    Command(
        "discard",
        "discard_dead_letters",
        "Take dead letters out for good, with a record of who, when, why and what the message was.",
        "tocsin dead-letters discard 1207 --because 'a test' --yes",
    ),
    Command(
        "export",
        "export_dead_letters",
        "Write each dead letter with its headers, properties and body as a line of JSON; none is changed.",
        "tocsin dead-letters export --reason Undecodable > letters.jsonl",
    ),
)

_GROUPING = (
    Command(
        "explain",
        "explain_grouping",
        "Read an alert from standard input and say which others it would be one incident with, and by which rule.",
        "tocsin grouping explain < alert.json",
    ),
)

_FORMATS = (
    Command(
        "list",
        "list_formats",
        "List the alert formats that are known here, what each is recognised by, its address and where it is defined.",
        "tocsin formats list",
    ),
    Command(
        "try",
        "try_format",
        "Read payloads, send nothing, and say what each alert becomes, what gave each field, and what ends which.",
        "tocsin formats try --map acme.yaml fires.json resolved.json",
    ),
)

_ROSTER = (
    Command(
        "list",
        "list_roster",
        "List everybody in the on-call table, by service and in the order in which they are called.",
        "tocsin roster list",
    ),
    Command(
        "who",
        "who_is_on_call",
        "Say who would be called for a service, why, until when, and who is next; exit with 1 if that is nobody.",
        "tocsin roster who checkout",
        (
            "At another time, and by a file alone:",
            "tocsin roster who checkout --at 2027-03-28T02:30 --file rota.yaml",
        ),
    ),
    Command(
        "shifts",
        "list_shifts",
        "List who is on call from when to when in the days to come, by one schedule or by all.",
        "tocsin roster shifts checkout --days 28",
    ),
    Command(
        "gaps",
        "list_gaps",
        "List when a schedule names nobody, each with its reason and the command that closes it.",
        "tocsin roster gaps --days 30",
    ),
    Command(
        "mine",
        "my_shifts",
        "List the shifts of one person in all schedules, and when that person is away next.",
        "tocsin roster mine ada@contoso.example",
    ),
    Command(
        "lint",
        "lint_roster",
        "Find what would leave somebody uncalled: rows that cannot be read, gaps, people who are away, and more.",
        "tocsin roster lint",
    ),
    Command(
        "override",
        "override_shift",
        "Give a time of a schedule to somebody: in the place of all, of one (--replaces), or beside them (--add).",
        "tocsin roster override checkout --person eve --from 18:00 --to 08:00",
    ),
    Command(
        "swap",
        "swap_shifts",
        "Let two people take each other's time: given as FROM/TO, or as one time within a shift.",
        "tocsin roster swap checkout ada 2027-03-02T09:00 ben 2027-03-09T09:00",
    ),
    Command(
        "take",
        "take_shift",
        "Take a service from now on, for a while or until the next handover.",
        "tocsin roster take checkout 2h --person ada",
    ),
    Command(
        "away",
        "be_away",
        "Say that somebody is away, and see which shifts fall out and which gaps that opens.",
        "tocsin roster away ada --from 2027-03-02T09:00 --to 5d",
    ),
    Command(
        "plan",
        "plan_roster",
        "Say what importing a file would change, and whose shifts would move in the next eight weeks.",
        "tocsin roster plan rota.yaml",
    ),
    Command(
        "import",
        "import_roster",
        "Import people (CSV, JSON), schedules (YAML, TOML, JSON, CSV) or a calendar (.ics); nothing goes unasked.",
        "tocsin roster import rota.yaml --yes",
    ),
    Command(
        "export",
        "export_roster",
        "Write people, schedules, services and policies as a file that can be changed and imported again.",
        "tocsin roster export --out rota.yaml",
    ),
    Command(
        "remove",
        "remove_from_roster",
        "Undo an override, swap or absence by its id; or take out a person, a schedule:NAME, or a single row.",
        "tocsin roster remove ada@contoso.example --service checkout --yes",
    ),
    Command(
        "rehearse",
        "rehearse",
        "Say who would be told of an incident, when, by which way and why, if nobody answered; nobody is told.",
        "tocsin roster rehearse checkout --severity 1 --file rota.yaml",
    ),
    Command(
        "ics",
        "export_calendar",
        "Write shifts as a calendar file (.ics), or make the address at which a person's calendar is served.",
        "tocsin roster ics ada --link",
    ),
)

GROUPS = {
    "incidents": ("Look at incidents and their launches.", _INCIDENTS),
    "dead-letters": ("Look at what could not be launched, and send it anew.", _DEAD_LETTERS),
    "grouping": ("See how alerts become one incident.", _GROUPING),
    "formats": ("See how alerts are read, and try formats of your own.", _FORMATS),
    "roster": ("Look at and fill the table of people on call.", _ROSTER),
}


def command_line() -> typer.Typer:
    """All commands; the module of each is imported once it is asked for, so that `--help` is quick."""
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
        epilog = "\n\n".join((f"Example: {command.example}", *command.more))
        group.command(command.name, cls=LazyCommand, help=command.help, epilog=epilog)(command.load)
