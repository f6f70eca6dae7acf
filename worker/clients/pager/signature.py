"""How Standard Webhooks sign a request (standardwebhooks.com): its id, the moment and the body, by a shared secret."""

import base64
import hmac
from collections.abc import Iterable


def signature(secrets: Iterable[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature for each secret, so that whoever receives it may know the old or the new one."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}" for secret in secrets)
