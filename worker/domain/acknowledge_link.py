"""The token in a link by which a person who was paged says "I have it": signed, so that it needs no key besides."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from worker.domain.errors import Gone, Rejected, Undecodable

PATH = "/v1/acknowledge"
TOKEN_LIMIT = 1024
_PERSON_LIMIT = 256
# Half of HMAC-SHA256, as RFC 2104 allows: an SMS has few characters.
_PROOF_BYTES = 16
# What else may be signed with the same secret one day is not taken for this.
_PURPOSE = b"acknowledge\n"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """Who says that they have which incident."""

    incident_id: str
    person: str


def make(secret: str, incident_id: str, person: str, expires_at: datetime) -> str:
    """The token, of characters that a query holds as they are; `person` is cut to 256 characters."""
    payload = f"{incident_id}\n{int(expires_at.timestamp())}\n{person[:_PERSON_LIMIT]}".encode()
    return f"{_to_text(payload)}.{_to_text(_prove(secret, payload))}"


def read(secret: str, token: str, now: datetime) -> Acknowledging:
    """Raises Undecodable for what is no token, Rejected for one that we did not make, Gone for one that has expired."""
    payload, proof = _split(token)
    if not hmac.compare_digest(proof, _prove(secret, payload)):
        raise Rejected("This link was not made here, or a part of it is missing. Open it as it was sent.")
    incident_id, expires, person = payload.decode().split("\n", _PARTS - 1)
    if datetime.fromtimestamp(int(expires), UTC) <= now:
        raise Gone("This link has expired. Say in the incident's channel that you have it.")
    return Acknowledging(incident_id, person)


def address(intake_url: str, token: str) -> str:
    """The link itself; `intake_url` is where people reach the intake."""
    return f"{intake_url.rstrip('/')}{PATH}?token={token}"


def _split(token: str) -> tuple[bytes, bytes]:
    if not token or len(token) > TOKEN_LIMIT:
        raise Undecodable("A part of this link is missing. Open it as it was sent.")
    payload, _, proof = token.partition(".")
    try:
        return _from_text(payload), _from_text(proof)
    except ValueError:
        raise Undecodable("A part of this link is missing. Open it as it was sent.") from None


def _prove(secret: str, payload: bytes) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + payload, hashlib.sha256)[:_PROOF_BYTES]


def _to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    content = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _to_text(content) != text:
        raise ValueError("another spelling of the same bytes")
    return content
