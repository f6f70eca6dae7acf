"""The roles of an incident as its card tells of them: each with what it is for, in one line."""

from worker.domain.response.roles import role_named

_DUTIES = {
    "incident-commander": "decides and delegates, does not repair",
    "primary": "has the first hands on the system",
    "secondary": "takes over from the primary, or helps",
    "sme": "knows one system, and says how it is and what it needs",
    "scribe": "writes down decisions, times and findings",
    "communications": "writes the updates, inside and outside",
}


def role_name(role: str) -> str:
    name = role_named(role).name
    return name[:1].upper() + name[1:]


def duty(role: str) -> str:
    """Empty of a role that only this house has."""
    return _DUTIES.get(role, "")
