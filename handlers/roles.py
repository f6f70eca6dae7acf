"""The roles of an incident as people are told of them: their names, and what each is for in one line."""

_DUTIES = {
    "incident-commander": "decides and delegates, does not repair",
    "primary": "has the first hands on the system",
    "secondary": "takes over from the primary, or helps",
    "sme": "knows one system, and says how it is and what it needs",
    "scribe": "writes down decisions, times and findings",
    "communications": "writes the updates, inside and outside",
}
_NAMES = {"sme": "Subject matter expert", "primary": "Primary responder", "secondary": "Secondary responder"}


def role_name(role: str) -> str:
    return _NAMES.get(role) or role.replace("-", " ").capitalize()


def duty(role: str) -> str:
    """Empty of a role that only this house has."""
    return _DUTIES.get(role, "")
