"""The roles that everybody knows, and the short words for them."""

ROLES = ("incident-commander", "primary", "secondary", "sme", "scribe", "communications")
_SHORT = {
    "commander": "incident-commander",
    "ic": "incident-commander",
    "lead": "incident-commander",
    "comms": "communications",
    "communication": "communications",
    "communications-lead": "communications",
    "primary-responder": "primary",
    "secondary-responder": "secondary",
    "expert": "sme",
}


def role_key(text: str) -> str:
    """Of a role as somebody writes it; another one than these is as configured."""
    written = "-".join(text.casefold().split())
    return _SHORT.get(written, written)
