"""Keys of senders, known here only by their hashes; a sender may have several, so that one can follow another."""

import hashlib
import hmac
from collections.abc import Sequence

from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated


class Keys:
    def __init__(self, hashes: Sequence[tuple[str, str]]) -> None:
        self._hashes = tuple(hashes)

    def admit(self, key: bytes) -> Authenticated:
        """Raises NotAuthenticated."""
        if not key:  # also where somebody hashed an unset variable into the settings
            raise NotAuthenticated("the key is empty")
        presented = hashlib.sha256(key).hexdigest()
        # Every hash is compared in full, so that the time of the answer tells nothing about any of them.
        known = [name for name, wanted in self._hashes if hmac.compare_digest(presented, wanted)]
        if not known:
            raise NotAuthenticated("the key is not known")
        return Authenticated(known[0])
