"""The roles of a response: what each is called, and what whoever has it does."""

from collections.abc import Mapping
from dataclasses import dataclass

COMMANDER = "incident-commander"
PRIMARY = "primary"
SECONDARY = "secondary"
EXPERT = "sme"
SCRIBE = "scribe"
COMMUNICATIONS = "communications"


@dataclass(frozen=True, slots=True)
class Role:
    """`duty` is one or two sentences, for whoever is given it. `is_single`: one person has it at a time."""

    key: str
    name: str
    duty: str = ""
    is_single: bool = True


_ROLES: Mapping[str, Role] = {
    role.key: role
    for role in (
        Role(
            COMMANDER,
            "incident commander",
            "You decide and delegate, and do not repair. You keep the one picture of what is happening.",
        ),
        Role(PRIMARY, "primary responder", "You are the first hands on the system. Say what you see and what you do."),
        Role(
            SECONDARY, "secondary responder", "You help the primary responder. You take over where they cannot go on."
        ),
        Role(
            EXPERT,
            "subject matter expert",
            "You know one system that is concerned. You report its condition, what you do and what you need.",
            is_single=False,
        ),
        Role(SCRIBE, "scribe", "You write down decisions, times and findings. Ask for notes of calls."),
        Role(
            COMMUNICATIONS,
            "communications lead",
            "You write the updates, inside and outside. You keep what was promised of them.",
        ),
    )
}
_ALSO_CALLED: Mapping[str, str] = {
    "commander": COMMANDER,
    "ic": COMMANDER,
    "command": COMMANDER,
    "incidentcommander": COMMANDER,
    "primary-responder": PRIMARY,
    "secondary-responder": SECONDARY,
    "expert": EXPERT,
    "subject-matter-expert": EXPERT,
    "comms": COMMUNICATIONS,
    "communication": COMMUNICATIONS,
    "communications-lead": COMMUNICATIONS,
}


def role_named(text: str) -> Role:
    """By its key, or another word for it; whatever else somebody writes is a role of that name."""
    key = _ALSO_CALLED.get(text, text)
    return _ROLES.get(key) or Role(key, key.replace("-", " "))


def is_role(text: str) -> bool:
    """Whether everybody knows it, under one of its words."""
    return role_named(text.casefold()).key in _ROLES


def known_roles() -> tuple[str, ...]:
    return tuple(_ROLES)
