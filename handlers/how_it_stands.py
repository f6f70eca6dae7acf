"""How an incident stands, in sentences for whoever is told of it."""

from datetime import UTC, datetime

from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState

# The clock of everybody who reads it is another one.
_TIME = "%H:%M UTC"
_DAY = "%Y-%m-%d %H:%M UTC"


def with_severity(incident: Incident, severity: int) -> Incident:
    """As if it had been raised with this severity, for the words that are made of its event."""
    if incident.event.severity == severity:
        return incident
    event = incident.event.model_copy(update={"severity": Severity(severity)})
    return incident.model_copy(update={"event": event})


def how_it_stands(response: Response) -> str:
    """One sentence: the state, since when, and who has it."""
    since = f"since {clock(response.since)}"
    owner = response.owner.name if response.owner else ""
    if response.state is ResponseState.OPEN:
        return f"Open {since}: nobody has it yet."
    if response.state is ResponseState.MERGED:
        return f"Merged into {response.merged_into} {since}."
    if response.state is ResponseState.DECLINED:
        because = f": {response.declined_because}" if response.declined_because else "."
        return f"Declined {since}{because}"
    has_it = f": {owner} has it." if owner and response.is_running else "."
    return f"{response.state.value.capitalize()} {since}{has_it}"


def clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TIME)


def day_and_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_DAY)
