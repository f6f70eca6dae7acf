"""The states of a work item type, as its process names them, and which of them mean that nothing is left to do."""

from dataclasses import dataclass

# The process may give states any name, in any language; their categories are the service's own.
_COMPLETED = "Completed"
_OVER = {_COMPLETED, "Removed"}


@dataclass(frozen=True, slots=True)
class States:
    """Names with their categories, in the order of the process."""

    named: tuple[tuple[str, str], ...]

    @property
    def closed(self) -> str | None:
        """Basic and Scrum say "Done", Agile and CMMI "Closed"; None where the type knows no end."""
        return next((name for name, category in self.named if category == _COMPLETED), None)

    def is_over(self, state: str) -> bool:
        return any(name == state and category in _OVER for name, category in self.named)
