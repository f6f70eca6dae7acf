"""The people as Azure DevOps knows them: found by what a client writes, and shown as identity references."""

import re
from collections.abc import Mapping
from typing import Any

from worker.sandbox.world import Person, World

NAMED_ADDRESS = re.compile(r"^[^<>]*<([^<>]+)>$")


class Identities:
    def __init__(self, world: World) -> None:
        self._people = [p for p in (*world.people, world.service) if p.known_to_boards]

    def find(self, value: object) -> Person | None:
        """Find a person by address, by `Name <address>`, by a name only one has, or by an identity object."""
        if isinstance(value, Mapping):
            return self._by_descriptor(value)
        if not isinstance(value, str):
            return None
        named = NAMED_ADDRESS.match(value.strip())
        wanted = (named.group(1) if named else value).strip().casefold()
        by_address = [p for p in self._people if p.email.casefold() == wanted]
        by_name = [] if named else [p for p in self._people if p.name.casefold() == wanted]
        found = by_address or by_name
        return found[0] if len(found) == 1 else None

    def _by_descriptor(self, value: Mapping[str, Any]) -> Person | None:
        # Of an identity object the service reads only these two.
        descriptor = value.get("descriptor")
        if descriptor is not None:
            return next((p for p in self._people if p.boards_descriptor == descriptor), None)
        return self.find(value.get("displayName"))


def reference_to(person: Person) -> dict[str, Any]:
    directory = "https://directory.contoso.example"
    avatar = f"{directory}/avatars/{person.boards_descriptor}"
    return {
        "displayName": person.name,
        "url": f"{directory}/identities/{person.boards_id}",
        "_links": {"avatar": {"href": avatar}},
        "id": person.boards_id,
        "uniqueName": person.email,
        "imageUrl": avatar,
        "descriptor": person.boards_descriptor,
    }
