"""What we sign requests with, and until when, as far as that can be known from here."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.entra import fetch_token
from worker.clients.teams.graph import graph_scope
from worker.credentials import BOARDS_SCOPE, azure_credential
from worker.doctor.finding import CheckResult, Verdict, note, well, wrong
from worker.domain.errors import TocsinError
from worker.settings import Settings

_AREA = "credentials"
_WORRY = timedelta(days=14)
_ENDING = re.compile(r"[?&;]se=(?P<end>[^&;]+)")
_TIME_OUT = timedelta(seconds=20)


async def check_credentials(settings: Settings) -> AsyncIterator[CheckResult]:
    for result in (*_keys(settings), *_access_token_of_boards(settings)):
        yield result
    credential = azure_credential(settings)
    if credential is None:
        return
    async with credential:
        for system, scope in _scopes(settings).items():
            yield await _token(credential, system, scope)
    yield note(
        _AREA,
        "When the identity's own secret or certificate ends cannot be seen with it.",
        why="On that day every system refuses us at once.",
        remedy="az ad app credential list --id <application>; a managed identity has none to renew.",
    )


def _scopes(settings: Settings) -> dict[str, str]:
    wanted = {
        "Service Bus": "https://servicebus.azure.net/.default" if settings.servicebus_namespace else "",
        "Table Storage": "https://storage.azure.com/.default" if settings.tables_endpoint else "",
        "Azure DevOps": BOARDS_SCOPE if settings.boards_url and settings.boards_pat is None else "",
        "Microsoft Graph": graph_scope(settings.graph_url) if settings.teams_team_id else "",
    }
    return {system: scope for system, scope in wanted.items() if scope}


async def _token(credential: AsyncTokenCredential, system: str, scope: str) -> CheckResult:
    try:
        token = await fetch_token(credential, scope, whose=system, time_out=_TIME_OUT)
    except TocsinError as error:
        remedy = (
            "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate, use a managed identity, or `az login`."
        )
        return wrong(_AREA, str(error), why=f"{system} takes no request from us.", remedy=remedy)
    until = datetime.fromtimestamp(token.expires_on, UTC)
    return well(_AREA, f"The token for {system} is good until {until:%Y-%m-%d %H:%M UTC}, and renewed by itself.")


def _access_token_of_boards(settings: Settings) -> Iterator[CheckResult]:
    if settings.boards_pat is not None:
        yield note(
            _AREA,
            "When TOCSIN_BOARDS_PAT ends cannot be seen with it.",
            why="An expired one stops every work item, and Azure DevOps says so to nobody.",
            remedy="Note its end (User settings, Personal access tokens) in a calendar, or use an Entra identity.",
        )


def _keys(settings: Settings) -> Iterator[CheckResult]:
    given = {
        "TOCSIN_SERVICEBUS_CONNECTION_STRING": settings.servicebus_connection_string,
        "TOCSIN_TABLES_CONNECTION_STRING": settings.tables_connection_string,
    }
    for name, secret in given.items():
        if secret is not None and (end := signature_end(secret.get_secret_value())) is not None:
            yield _ending(name, end)


def _ending(name: str, end: datetime) -> CheckResult:
    left = end - datetime.now(UTC)
    told = f"The signature in {name} {'ended' if left < timedelta() else 'ends'} on {end:%Y-%m-%d %H:%M UTC}."
    if left > _WORRY:
        return well(_AREA, told)
    return CheckResult(
        area=_AREA,
        verdict=Verdict.WRONG if left < timedelta() else Verdict.NOTE,
        what=told,
        why="From then on the system refuses us.",
        remedy=f"Make a new one and set {name}, or use an Entra identity, which renews itself.",
    )


def signature_end(connection: str) -> datetime | None:
    """The end of a shared access signature: a moment for storage, seconds since 1970 for Service Bus."""
    if not (match := _ENDING.search(connection.replace("SharedAccessSignature=", "?"))):
        return None
    text = parse_qs(f"se={match['end']}")["se"][0]
    try:
        return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
