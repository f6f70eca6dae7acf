"""The people of a tenant as Graph shows them, and which of them are in the team."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from worker.sandbox.teams.refusals import Refused, bad_request, not_found
from worker.sandbox.world import Person, World

Json = dict[str, Any]

_BOUND_USER = re.compile(r".*/users(?:\('([^']{1,254})'\)|/([^/']{1,254}))", re.DOTALL)


class Members:
    def __init__(self, world: World, team_id: str) -> None:
        self._world = world
        self._team_id = team_id
        self.ids = [person.entra_id for person in world.people if person.in_team]
        self._owners = {person.entra_id for person in world.people if person.owns_team}

    def people(self) -> list[Person]:
        return [person for person in self._world.people if person.entra_id in self.ids]

    def names(self) -> dict[str, str]:
        return {person.entra_id: person.name for person in self.people()}

    def add(self, sent: Json, *, delegated: bool) -> tuple[Person, bool]:
        """Whom it is about, and whether they are new; nobody is added twice, and to add again is no error."""
        person, roles = self.user(_bound_user(sent)), _roles(sent)
        if person.is_guest and not delegated:
            raise Refused(403, "Forbidden", "Guest users cannot be added with application permissions.")
        if person.is_guest and "owner" in roles:
            raise bad_request("Invalid role specified for member.")
        is_new = person.entra_id not in self.ids
        if is_new:
            self.ids.append(person.entra_id)
        if "owner" in roles:
            self._owners.add(person.entra_id)
        return person, is_new

    def remove(self, membership: str) -> Person:
        person = next((each for each in self.people() if self._membership(each) == membership), None)
        if person is None:
            raise not_found(f"Membership '{membership[:100]}' does not exist in this team.")
        self.ids.remove(person.entra_id)
        self._owners.discard(person.entra_id)
        return person

    def restore(self, members: Iterable[Json]) -> None:
        stored = list(members)
        self.ids = [member["userId"] for member in stored]
        self._owners = {member["userId"] for member in stored if "owner" in member["roles"]}

    def user(self, address: str) -> Person:
        person = self._world.person(address)
        if person is None:
            raise not_found(
                f"Resource '{address[:100]}' does not exist or one of its queried reference-property "
                "objects are not present."
            )
        return person

    def to_json(self, person: Person) -> Json:
        roles = ["owner"] if person.entra_id in self._owners else ["guest"] if person.is_guest else []
        return {
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "id": self._membership(person),
            "roles": roles,
            "displayName": person.name,
            "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z",
            "userId": person.entra_id,
            "email": person.email,
            "tenantId": self._world.tenant_id,
        }

    def _membership(self, person: Person) -> str:
        membership = f"{self._world.tenant_id}##{self._team_id}##{person.entra_id}"
        return base64.urlsafe_b64encode(membership.encode()).decode()


def user_json(person: Person) -> Json:
    given, _, family = person.name.rpartition(" ")
    return {
        "id": person.entra_id,
        "displayName": person.name,
        "givenName": given,
        "surname": family,
        "userPrincipalName": person.email,
        "mail": person.email,
    }


def _bound_user(sent: Json) -> str:
    bound = sent.get("user@odata.bind")
    match = _BOUND_USER.fullmatch(bound) if isinstance(bound, str) and len(bound) < 1024 else None  # noqa: PLR2004
    if match is None:
        raise bad_request("Bad or missing 'user@odata.bind': the address of a user is expected.")
    return match[1] or match[2]


def _roles(sent: Json) -> list[str]:
    roles = sent.get("roles") or []
    if not isinstance(roles, list) or not all(role in ("owner", "guest") for role in roles):
        raise bad_request("Invalid role specified for member.")
    return roles
