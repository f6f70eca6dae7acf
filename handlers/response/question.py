"""What answers a question that is asked in the channel, in words: the command that does it."""

from worker.domain.response.entry import Entry

_COMMANDS = {"acknowledge": "ack"}
# What has to be said with it.
_WORDS = {"update": ' "how it stands"', "impact": ' "who cannot do what"'}


def answered_by(act: str, incident_id: str, entry: Entry) -> str:
    words = _WORDS.get(act, "")
    if act == "role":
        words = _role_words(entry)
    elif act == "severity":
        words = f" {entry.data.get('severity', 'NUMBER')}"
    return f"To do it: tocsin {_COMMANDS.get(act, act)} {incident_id}{words}"


def _role_words(entry: Entry) -> str:
    """Whoever is offered one answers; otherwise somebody takes it, or gives it to somebody."""
    role = entry.data.get("role") or "ROLE"
    return f" {role} --accept, or --decline" if entry.kind == "role-offered" else f" {role}, or {role} and a name"
