"""Which fields a work item type has, and how an incident's urgency and key are put into those."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from worker.clients.boards.items import Operation, set_field
from worker.domain.errors import Misconfigured
from worker.domain.event import Severity
from worker.domain.incident import Incident

SEVERITY = "Microsoft.VSTS.Common.Severity"
PRIORITY = "Microsoft.VSTS.Common.Priority"

# Azure DevOps knows four degrees where we know five; information is the least of theirs.
_SEVERITIES = {1: "1 - Critical", 2: "2 - High", 3: "3 - Medium", 4: "4 - Low", 5: "4 - Low"}
_LEAST_PRIORITY = 4

_REFERENCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")
_STRING_FIELD_LIMIT = 255


def checked_key_field(name: str | None) -> str | None:
    """A reference name such as Custom.IncidentKey: it becomes part of queries, so nothing else may pass."""
    if name is not None and not _REFERENCE_NAME.fullmatch(name):
        raise Misconfigured(
            f"TOCSIN_BOARDS_KEY_FIELD={name!r} is no reference name of a field, as Custom.IncidentKey is."
        )
    return name


@dataclass(frozen=True, slots=True)
class FieldMap:
    """What the type can hold of what we know; a field that the type lacks would have the whole item refused."""

    known: frozenset[str]
    key_field: str | None

    @classmethod
    def of(cls, names: Iterable[str], *, key_field: str | None, work_item_type: str) -> "FieldMap":
        known = frozenset(names)
        if key_field is not None and key_field not in known:
            raise Misconfigured(
                f"The work item type {work_item_type!r} has no field {key_field}. Add it to the type in the process "
                "settings, or correct TOCSIN_BOARDS_KEY_FIELD."
            )
        return cls(known, key_field)

    def urgency(self, severity: Severity) -> tuple[Operation, ...]:
        """The severity where the type has one, and its priority is people's own; else the priority."""
        if SEVERITY in self.known:
            return (set_field(SEVERITY, _SEVERITIES[severity]),)
        return (set_field(PRIORITY, min(severity, _LEAST_PRIORITY)),) if PRIORITY in self.known else ()

    def key(self, incident: Incident) -> tuple[Operation, ...]:
        return (set_field(self.key_field, stored_key(incident)),) if self.key_field else ()


def stored_key(incident: Incident) -> str:
    """The incident key, or its id, which is the key's digest, when a text field cannot hold the key whole."""
    return incident.key if len(incident.key) <= _STRING_FIELD_LIMIT else incident.id
