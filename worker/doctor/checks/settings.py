"""The settings: what is missing, mistyped, or as it should not stay."""

from collections.abc import AsyncIterator, Iterator
from difflib import get_close_matches

from worker.doctor.finding import CheckResult, note, well, wrong
from worker.domain.errors import Misconfigured
from worker.settings import PREFIX, Settings

_AREA = "settings"
_NEEDED = {
    "servicebus_connection_string|servicebus_namespace": "Nothing can be raised or received without the queue.",
    "tables_connection_string|tables_endpoint": "A launch is never begun without the table of its checkpoints.",
    "boards_url": "No work item can be created.",
    "teams_team_id": "No channel can be created.",
}
_FOR_POSTING = {
    "bot": ("bot_service_url", "bot_app_id"),
    "delegated": ("delegated_client_id|bot_app_id", "tenant_id", "delegated_token_cache"),
}


async def check_settings(settings: Settings) -> AsyncIterator[CheckResult]:
    missing = list(_missing(settings))
    for result in (*missing, *_mistyped(), *_worth_knowing(settings)):
        yield result
    if not missing:
        yield well(_AREA, "All that is needed is set.")


def is_set(settings: Settings, *names: str) -> bool:
    try:
        settings.require(*names)
    except Misconfigured:
        return False
    return True


def needed_for_posting(settings: Settings) -> tuple[str, ...]:
    # A stand-in takes a word for the person's sign-in.
    signed_in = settings.posting == "delegated" and settings.credential == "anonymous"
    return () if signed_in else _FOR_POSTING[settings.posting]


def _missing(settings: Settings) -> Iterator[CheckResult]:
    posting = dict.fromkeys(needed_for_posting(settings), f"TOCSIN_POSTING={settings.posting} needs it to announce.")
    for name, why in (_NEEDED | posting).items():
        if not is_set(settings, name):
            spoken = " or ".join(PREFIX + option.upper() for option in name.split("|"))
            remedy = f"Set {spoken} in the environment or in a .env file of the worker."
            yield wrong(_AREA, f"{spoken} is not set.", why=why, remedy=remedy)


def _mistyped() -> Iterator[CheckResult]:
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    for given in Settings.unknown_names():
        meant = get_close_matches(given, names, n=1)
        remedy = f"Did you mean {meant[0]}?" if meant else "Remove it, or see the names in the README."
        yield note(
            _AREA, f"{given} is no setting.", why="What is mistyped has no effect, and nobody says so.", remedy=remedy
        )


def _worth_knowing(settings: Settings) -> Iterator[CheckResult]:
    if settings.credential == "anonymous":
        yield note(
            _AREA,
            "TOCSIN_CREDENTIAL=anonymous: everything here is a stand-in.",
            why="No real system takes requests that nobody signed.",
            remedy="In production leave it out, so that the Entra identity of the process is used.",
        )
    if settings.boards_key_field is None:
        yield note(
            _AREA,
            "TOCSIN_BOARDS_KEY_FIELD is not set, so a work item is found again by the id at the head of its title.",
            why="Somebody who edits that title hides the item from a later attempt, which would make a second one.",
            remedy="Add a text field to the work item type and name it, such as Custom.IncidentKey.",
        )
    links = {"TOCSIN_INTAKE_URL": settings.intake_url, "TOCSIN_LINK_SECRET": settings.link_secret}
    if any(links.values()) and (missing := [name for name, value in links.items() if not value]):
        yield note(
            _AREA,
            f"{missing[0]} is not set, so a page carries no link to acknowledge by.",
            why="Nobody who was paged can say that they have it but in the channel.",
            remedy="Set both for the workers and the intake, with the same secret.",
        )
    if not settings.asks_who_sends:
        yield note(
            _AREA,
            "Neither TOCSIN_INTAKE_KEYS nor another way to tell who sends is set.",
            why="Without any the intake listens on loopback only, and no monitoring system reaches it.",
            remedy="Give each sender a key: `tocsin intake-key NAME` makes one.",
        )
