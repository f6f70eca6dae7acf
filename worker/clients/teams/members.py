"""Who is in a team: listed with their roles, added by their object ids, and who can add others."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember
from msgraph.generated.teams.item.members.members_request_builder import MembersRequestBuilder

from worker.clients.answers import text_of
from worker.clients.outcomes import Answers, Interpretation
from worker.clients.teams.client import Teams
from worker.clients.teams.pages import read_pages
from worker.domain.errors import Forbidden, Misconfigured, Rejected, TocsinError

_IN_A_PAGE = 999
_PAGES = 30  # a team has 25,000 members at most
_OWNERS_NAMED = 3
_NOBODY = "00000000-0000-0000-0000-000000000000"
_OBJECT_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

LIST_MEMBERS: Answers = {
    403: Interpretation(
        Forbidden, "Grant TeamMember.Read.Group in the team (or TeamMember.Read.All), so that its people can be listed."
    ),
    404: Interpretation(Misconfigured, "No such team can be seen: check the ids of the teams in the settings."),
}


class AlreadyMember(Rejected):
    """The person is in the team."""


ADD_MEMBER: Answers = {
    "already": Interpretation(AlreadyMember, "The person is in the team already."),
    403: Interpretation(
        Forbidden,
        "Grant the application TeamMember.ReadWrite.All to let Tocsin add people to the team; guests are added by "
        "people alone.",
    ),
    404: Interpretation(Rejected, "The directory knows nobody of that object id whom Teams lets in."),
}


@dataclass(frozen=True, slots=True)
class Member:
    object_id: str
    name: str
    email: str
    is_owner: bool = False
    is_guest: bool = False


class TeamMembers:
    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def list(self, team_id: str) -> tuple[Member, ...]:
        listing = self._teams.graph.sdk.teams.by_team_id(team_id).members
        query = MembersRequestBuilder.MembersRequestBuilderGetQueryParameters(top=_IN_A_PAGE)
        trying = f"list the members of team {team_id}"
        turn = self._teams.limits_of(team_id).any_request()
        shown = await read_pages(self._teams.graph, trying, listing, query, LIST_MEMBERS, most=_PAGES, turn=turn)
        return tuple(member for each in shown if (member := _member(each)).object_id)

    async def owners(self, team_id: str) -> tuple[Member, ...]:
        return tuple(member for member in await self.list(team_id) if member.is_owner)

    async def add(self, team_id: str, object_id: str) -> None:
        """Whoever is in the team already stays there, and that is no error.

        Raises Forbidden without the permission and Rejected for whom Teams does not let in, each with who can add
        them; Throttled where its turn would be too far off: four are added in a minute.
        """
        try:
            await self._add(team_id, object_id)
        except AlreadyMember:
            return
        except (Forbidden, Rejected) as error:
            raise type(error)(f"{error} {await self._who_can(team_id)}") from error

    async def check(self, team_id: str) -> None:
        """Raise what an addition would be refused for: somebody is asked to be added who is nobody."""
        with suppress(Rejected):
            await self._add(team_id, _NOBODY)

    async def _add(self, team_id: str, object_id: str) -> None:
        trying = f"add the person {object_id[:64]} to team {team_id}"
        if not _OBJECT_ID.fullmatch(object_id):
            raise Rejected(f"Tried to {trying}; that is no object id of Entra ID.")
        graph = self._teams.graph
        request = partial(
            graph.sdk.teams.by_team_id(team_id).members.to_post_request_information,
            _as_member(f"{graph.sdk.request_adapter.base_url}/users('{object_id}')"),
        )
        turn = self._teams.limits_of(team_id).new_member()
        await graph.write(trying, request, ADD_MEMBER, turn, repeatable=True)

    async def _who_can(self, team_id: str) -> str:
        try:
            owners = [owner.email or owner.name for owner in await self.owners(team_id)]
        except TocsinError:
            owners = []
        named = ", ".join(owners[:_OWNERS_NAMED])
        return f"An owner of the team can add them: {named}." if named else "An owner of the team can add them."


def _as_member(address: str) -> AadUserConversationMember:
    kind = "#microsoft.graph.aadUserConversationMember"
    return AadUserConversationMember(odata_type=kind, roles=[], additional_data={"user@odata.bind": address})


def _member(shown: dict[str, Any]) -> Member:
    given = shown.get("roles")
    roles = given if isinstance(given, list) else []
    return Member(
        object_id=text_of(shown, "userId"),
        name=text_of(shown, "displayName"),
        email=text_of(shown, "email"),
        is_owner="owner" in roles,
        is_guest="guest" in roles,
    )
