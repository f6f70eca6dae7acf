"""The address of a person's calendar: whoever has it reads it, so it holds what nobody guesses."""

import hashlib
import re
import secrets

PLACE = "/v1/on-call/calendars/"
_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def make_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> str:
    """As it is stored: whoever reads the table has no calendar by it. Empty for what cannot be a token."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


def address(intake_url: str, token: str) -> str:
    """`intake_url` is where people reach the intake."""
    return f"{intake_url.rstrip('/')}{PLACE}{token}.ics"
