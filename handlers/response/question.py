"""What answers a question that is asked in the channel, in words: the command that does it."""

_COMMANDS = {"acknowledge": "ack"}


def answered_by(act: str, incident_id: str) -> str:
    return f"To do it: tocsin {_COMMANDS.get(act, act)} {incident_id}"
