"""People as a bot knows them: by an id that only this bot has for them, and by those of the directory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from worker.sandbox.world import Person, World

Json = dict[str, Any]


def account_id(person: Person) -> str:
    return f"29:1{person.entra_id.replace('-', '')}"


def account_json(person: Person, world: World) -> Json:
    given, _, family = person.name.rpartition(" ")
    return {
        "id": account_id(person),
        "objectId": person.entra_id,
        "aadObjectId": person.entra_id,
        "name": person.name,
        "givenName": given,
        "surname": family,
        "email": person.email,
        "userPrincipalName": person.email,
        "tenantId": world.tenant_id,
        "userRole": "user",
    }


def by_id(address: str, people: Iterable[Person]) -> Person | None:
    """Find a person by object id or by the bot's own id for them."""
    wanted = address.casefold()
    return next((person for person in people if wanted in (person.entra_id, account_id(person))), None)


def by_any_name(address: str, people: Iterable[Person]) -> Person | None:
    """As `by_id`, and by e-mail or user principal name."""
    known = tuple(people)
    named = (person for person in known if person.email.casefold() == address.casefold())
    return by_id(address, known) or next(named, None)
