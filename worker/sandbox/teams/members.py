"""The people of a tenant as Graph shows them, and which of them are in the team."""

from __future__ import annotations

import base64
import re
from typing import Any

from worker.sandbox.teams.refusals import bad_request, not_found
from worker.sandbox.world import Person, World

Json = dict[str, Any]

_BOUND_USER = re.compile(r".*/users(?:\('([^']{1,254})'\)|/([^/']{1,254}))", re.DOTALL)


class Members:
    def __init__(self, world: World, team_id: str) -> None:
        self._world = world
        self._team_id = team_id
        self.ids = [person.entra_id for person in world.people if person.in_team]

    def people(self) -> list[Person]:
        return [person for person in self._world.people if person.entra_id in self.ids]

    def names(self) -> dict[str, str]:
        return {person.entra_id: person.name for person in self.people()}

    def add(self, sent: Json) -> Json:
        person = self.user(_bound_user(sent))
        if person.entra_id not in self.ids:
            self.ids.append(person.entra_id)
        return self.to_json(person)

    def user(self, address: str) -> Person:
        person = self._world.person(address)
        if person is None:
            raise not_found(
                f"Resource '{address[:100]}' does not exist or one of its queried reference-property "
                "objects are not present."
            )
        return person

    def to_json(self, person: Person) -> Json:
        membership = f"{self._world.tenant_id}##{self._team_id}##{person.entra_id}"
        return {
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "id": base64.urlsafe_b64encode(membership.encode()).decode(),
            "roles": [],
            "displayName": person.name,
            "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z",
            "userId": person.entra_id,
            "email": person.email,
            "tenantId": self._world.tenant_id,
        }


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
