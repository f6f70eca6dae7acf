"""Who may send: one key per sender, known here only by its hash."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

NOBODY_ASKED = "loopback"


class SenderKeys:
    """Without any key every caller is the same one; the intake then listens on loopback only."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def sender(self, authorization: str | None) -> str | None:
        """The name of the sender of this Authorization header, or None for a stranger."""
        if not self._hashes:
            return NOBODY_ASKED
        secret = _secret(authorization or "")
        if not secret:  # also where somebody hashed an unset variable into the settings
            return None
        presented = hashlib.sha256(secret).hexdigest()
        # Every hash is compared in full, so that the time of the answer tells nothing about any of them.
        known = [name for name, wanted in self._hashes.items() if hmac.compare_digest(presented, wanted)]
        return known[0] if known else None


def _secret(authorization: str) -> bytes:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip().encode("latin-1", "replace")
    # Azure Monitor's plain webhooks can only send what stands in their address: https://name:key@host/.
    if scheme.lower() == "basic":
        return _password(credentials)
    return b""


def _password(credentials: str) -> bytes:
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
