"""What the dead letters speak of, each of which may yet be sent anew."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeadLetterSubjects:
    """`incidents`: their ids; `identities`: by which alerts find their incident; `events`: ids of those of which a
    part is stored apart.
    """

    incidents: AbstractSet[str] = field(default_factory=frozenset)
    identities: AbstractSet[str] = field(default_factory=frozenset)
    events: AbstractSet[str] = field(default_factory=frozenset)

    def names(self, incident: str, identities: AbstractSet[str], events: AbstractSet[str]) -> bool:
        """Whether any of these is spoken of."""
        return incident in self.incidents or bool(self.identities & identities or self.events & events)
