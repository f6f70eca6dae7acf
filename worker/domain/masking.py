"""Addresses without what opens them: passwords before the host, and keys and signatures among the parameters."""

import re

_MASK = "***"
# Bounded, so that the longest text takes no longer by the character than a short one. A password may hold any sign.
_USER = re.compile(r"(?<=://)(?:[^\s/?#@:]{0,300}:\S{0,300}|[^\s/?#@]{0,300})@")
_PARAMETER = re.compile(
    r"([?&;#][^=&;#\s]{0,60}(?:sig|code|key|token|secret|pass|pwd|auth|cred)[^=&;#\s]{0,60}=)[^&;#\s]+", re.IGNORECASE
)


def masked(text: str) -> str:
    """The same text; whoever reads it learns where something is and not how to get in."""
    return _PARAMETER.sub(rf"\1{_MASK}", _USER.sub(f"{_MASK}@", text))
