"""How an incident's own work item is found and known: by the key field, or by the id at the head of its title."""

from dataclasses import dataclass

from worker.clients.boards.fields import stored_key
from worker.clients.boards.items import Item
from worker.domain.incident import Incident


@dataclass(frozen=True, slots=True)
class Search:
    key_field: str | None

    def query(self, incident: Incident) -> str:
        if self.key_field:
            clause = f"[{self.key_field}] = {literal(stored_key(incident))}"
        else:
            clause = f"[System.Title] CONTAINS {literal(incident.id)}"
        return (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "  # noqa: S608  # only literals
            f"AND {clause} ORDER BY [System.Id]"
        )

    def is_of(self, incident: Incident, item: Item) -> bool:
        """Exactly, since a query compares without regard to case and finds the id in the middle of other titles too."""
        if self.key_field:
            return bool(item.fields.get(self.key_field) == stored_key(incident))
        return item.title.startswith(title_mark(incident))


def title_mark(incident: Incident) -> str:
    """The head of the item's title, by which it is found again where no field holds the key."""
    return f"[{incident.id}]"


def literal(text: str) -> str:
    """The text as a WIQL string, in which only the quote means anything."""
    return "'" + text.replace("'", "''") + "'"
