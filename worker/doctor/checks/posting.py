"""The way into the channels: whether the chosen route is let in, as far as that shows without posting."""

from collections.abc import AsyncIterator

from worker.clients.posting.routes import open_poster
from worker.clients.posting.sign_in import sign_in_file
from worker.clients.teams.client import Teams
from worker.credentials import azure_credential
from worker.doctor.checks.settings import is_set, needed_for_posting
from worker.doctor.checks.teams import primary, team_of
from worker.doctor.finding import CheckResult, Probe, Verdict, well
from worker.domain.errors import Forbidden, Misconfigured, TocsinError, Unreachable
from worker.settings import Settings

_AREA = "posting"
_WHY = "Channels are created, and no announcement gets into them: nobody is told."
_IN_THE_TEAM = {
    "bot": "Install the bot's app in the team: Teams, Manage team, Apps; and check TOCSIN_BOT_APP_ID.",
    "delegated": "Add the account to the team, and sign in again: tocsin sign-in",
}
_TOKEN = {
    "bot": "Check the secret or certificate of the bot's app registration, and TOCSIN_TENANT_ID.",
    "delegated": "tocsin sign-in",
}
_UPDATES = Probe(
    _AREA,
    "The route may change what it posted.",
    why="The message that counts an incident's alerts stays as it was first posted, and second copies are not deleted.",
    remedy="Consent to ChannelMessage.ReadWrite, and sign in again: tocsin sign-in",
    verdict=Verdict.NOTE,
)


async def check_posting(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, "teams_team_id", *needed_for_posting(settings)):
        return
    async with team_of(settings) as teams:
        try:
            async for result in _route(settings, teams):
                yield result
        except TocsinError as error:
            yield _token(settings).failed(error)


async def _route(settings: Settings, teams: Teams) -> AsyncIterator[CheckResult]:
    credential = azure_credential(settings)
    try:
        async with open_poster(settings, teams, credential) as poster:
            signed = await _token(settings).run(poster.check())
            yield signed
            if credential is not None and settings.posting == "delegated":
                yield well(_AREA, f"The person's sign-in is kept in {sign_in_file(settings)} and beside it.")
            if signed.verdict is Verdict.WELL:
                yield await _UPDATES.run(poster.check_updates())
            try:
                first = primary(await teams.channels())
            except TocsinError:
                return  # told where the team is checked
            if first is not None:
                yield await _place(settings).run(poster.check_place(first))
    finally:
        if credential is not None:
            await credential.close()


def _token(settings: Settings) -> Probe:
    return Probe(
        _AREA, f"The route {settings.posting!r} can sign its requests.", why=_WHY, remedy=_TOKEN[settings.posting]
    )


def _place(settings: Settings) -> Probe:
    return Probe(
        _AREA,
        f"The route {settings.posting!r} is let into the team.",
        why=_WHY,
        remedy=_IN_THE_TEAM[settings.posting],
        remedies={
            Forbidden: _IN_THE_TEAM[settings.posting],
            Misconfigured: "Set TOCSIN_BOT_SERVICE_URL to the Bot Connector of your region.",
            Unreachable: "Probe TOCSIN_BOT_SERVICE_URL, and that this machine may reach it.",
        },
    )
