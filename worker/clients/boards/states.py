"""The states of a work item type, as its process names them, and what they mean by their categories."""

from dataclasses import dataclass

# The process may give states any name, in any language; their categories are the service's own.
PROPOSED = "Proposed"
IN_PROGRESS = "InProgress"
RESOLVED = "Resolved"
COMPLETED = "Completed"
_OVER = {COMPLETED, "Removed"}


@dataclass(frozen=True, slots=True)
class States:
    """Names with their categories, in the order of the process."""

    named: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.named)

    @property
    def closed(self) -> str | None:
        """Basic and Scrum say "Done", Agile and CMMI "Closed"; None where the type knows no end."""
        return self.first(COMPLETED)

    def first(self, *categories: str) -> str | None:
        """The first state of the first of these categories that the type has a state of."""
        return next((name for wanted in categories for name, category in self.named if category == wanted), None)

    def known_as(self, name: str) -> str | None:
        """A state as the process spells it, whatever the case it is asked for in."""
        wanted = name.strip().casefold()
        return next((known for known in self.names if known.casefold() == wanted), None)

    def is_over(self, state: str) -> bool:
        return any(name == state and category in _OVER for name, category in self.named)
