"""The small world all stand-ins share: one organisation, two projects, two teams and eight people."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    entra_id: str
    boards_id: str
    known_to_boards: bool = True
    in_team: bool = True
    """Of both teams; whoever is has the bot's app, since it is installed there."""
    owns_team: bool = False
    """Of both teams: who can add others."""
    blocks_bot: bool = False
    phone: str = ""
    """As E.164 says, of numbers that are nobody's; empty for whoever has given none."""
    opted_out_of_sms: bool = False

    @property
    def is_guest(self) -> bool:
        return "#EXT#" in self.email

    @property
    def boards_descriptor(self) -> str:
        return f"aad.{self.boards_id.replace('-', '')}"


@dataclass(frozen=True)
class World:
    organisation: str
    project_id: str
    project: str
    other_project_id: str
    other_project: str
    """Where the incidents of a service can live that names it."""
    team_id: str
    team: str
    other_team_id: str
    other_team: str
    """Where an incident can be worked on while the first team takes no more channels."""
    tenant_id: str
    bot_app_id: str
    sms_from: str
    """The number that SMS are sent from."""
    service: Person
    """Whom a request without a person's name is made by: the application's own identity."""
    people: tuple[Person, ...]
    on_call: tuple[dict[str, Any], ...]
    """Rows for the table of on-call people, as an operator would type them."""

    @property
    def planted(self) -> tuple[str, ...]:
        """Addresses of those on call whom one of the systems does not know: each shows what a launch makes of it."""
        addresses = dict.fromkeys(row["email"] for row in self.on_call)
        return tuple(address for address in addresses if not _is_known(self.person(address)))

    @property
    def projects(self) -> dict[str, str]:
        """The ids of all projects by their names, the first one's first."""
        return {self.project: self.project_id, self.other_project: self.other_project_id}

    def person(self, address: str) -> Person | None:
        """Find a person by e-mail or Entra object id, in any spelling of upper and lower case."""
        wanted = address.casefold()
        return next((p for p in self.people if wanted in (p.email.casefold(), p.entra_id)), None)


def _is_known(person: Person | None) -> bool:
    return person is not None and person.known_to_boards and person.in_team


def _person(number: int, name: str, *, email: str = "", phone: str = "", **where: bool) -> Person:
    return Person(
        name=name,
        email=email or f"{name.split(maxsplit=1)[0].lower()}@contoso.example",
        entra_id=f"e0000000-0000-4000-8000-00000000000{number}",
        boards_id=f"b0000000-0000-4000-8000-00000000000{number}",
        phone=phone,
        **where,
    )


def _on_call(name: str, service: str, role: str, order: int, *, email: str = "", phone: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "email": email or f"{name.split(maxsplit=1)[0].lower()}@contoso.example",
        "service": service,
        "oncall": True,
        "role": role,
        "order": order,
        **({"phone": phone} if phone else {}),
    }


DEFAULT_WORLD = World(
    organisation="contoso",
    project_id="a0000000-0000-4000-8000-000000000001",
    project="Incidents",
    other_project_id="a0000000-0000-4000-8000-000000000002",
    other_project="Storefront",
    team_id="d0000000-0000-4000-8000-000000000001",
    team="Incident response",
    other_team_id="d0000000-0000-4000-8000-000000000002",
    other_team="Incident response, reserve",
    tenant_id="f0000000-0000-4000-8000-000000000001",
    bot_app_id="c0000000-0000-4000-8000-000000000001",
    sms_from="+15005550100",
    service=Person(
        name="Tocsin",
        email="tocsin@contoso.example",
        entra_id="e0000000-0000-4000-8000-000000000009",
        boards_id="b0000000-0000-4000-8000-000000000009",
    ),
    people=(
        _person(1, "Amara Okafor", phone="+15005550101"),
        _person(2, "Bruno Costa", phone="+15005550102"),
        # Has answered STOP to an SMS once.
        _person(3, "Chiyo Tanaka", phone="+15005550103", opted_out_of_sms=True),
        # In the directory and in the team, but never added to the Azure DevOps organisation: the unknown identity.
        _person(4, "Dario Rossi", known_to_boards=False),
        # Known to Boards, but nobody added her to the team: she cannot be mentioned there.
        _person(5, "Edda Lind", in_team=False),
        # In the team, and mentioned there like anybody else; what the bot writes to him alone is refused.
        _person(6, "Farid Haddad", phone="+15005550106", blocks_bot=True),
        # On call for nothing; their addresses are as Entra ID allows them, and as rules of one's own forget them.
        _person(7, "Siobhan O'Neil", email="s.o'neil@contoso.example", owns_team=True),
        _person(8, "Lena (Fabrikam)", email="lena_fabrikam.example#EXT#@contoso.onmicrosoft.example"),
    ),
    on_call=(
        _on_call("Amara Okafor", "checkout", "primary", 1, phone="+1 500 555-0101"),
        _on_call("Bruno Costa", "checkout", "secondary", 2),
        _on_call("Dario Rossi", "checkout", "lead", 3),
        _on_call("Chiyo Tanaka", "payments", "primary", 1),
        _on_call("Edda Lind", "payments", "secondary", 2),
        # Left the company: nobody's directory knows this address.
        _on_call("Former Colleague", "payments", "lead", 3, email="gone@contoso.example"),
        _on_call("Edda Lind", "default", "primary", 1),
        _on_call("Amara Okafor", "default", "secondary", 2, phone="+1 500 555-0101"),
    ),
)
