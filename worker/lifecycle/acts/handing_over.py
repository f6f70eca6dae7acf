"""The note with which command is handed over: how it stands, who does what, what is open."""

from worker.domain.response.roles import role_named
from worker.lifecycle.acts.impact import impact_words
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.promising import next_update_words
from worker.lifecycle.response.wording import severity_words, standing


def handover_note(log: Log, known: Circumstances) -> str:
    """A few lines of plain text."""
    response = log.response
    roles = "; ".join(
        f"{role_named(span.role).name}{f' for {span.topic}' if span.topic else ''}: {span.person.name}"
        for span in response.roles
        if span.until is None
    )
    newest = response.last_update
    lines = (
        f"{standing(response, known)}, {severity_words(response.severity)}.",
        f"Impact: {impact_words(response) or 'not stated yet'}.",
        f"Newest update: {newest.text}" if newest else "There was no update yet.",
        f"Who does what: {roles or 'nobody has a role'}.",
        f"Open: {'; '.join(_open(log)) or 'no question'}.",
        next_update_words(log),
    )
    return "\n".join(filter(None, lines))


def _open(log: Log) -> list[str]:
    response = log.response
    questions = [
        "whom it hurts" if response.impact is None else "",
        "its alerts have all resolved" if response.alerts == "resolved" else "",
        f"{response.actions} action {'item' if response.actions == 1 else 'items'} noted" if response.actions else "",
        *(f"{span.person.name} has not confirmed" for span in response.roles if span.until is None and span.asked_at),
    ]
    return [each for each in questions if each]
