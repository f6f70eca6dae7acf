"""Who may send: the ways to authenticate, a file for each, and the table of them all."""

from collections.abc import Iterator, Sequence

from fastapi import Request

from worker.domain.sender_scope import NOBODY_ASKED
from worker.intake.authentication.access_token import AccessToken
from worker.intake.authentication.authenticator import Authenticated, Authenticator, NotAuthenticated
from worker.intake.authentication.basic_auth import BasicAuth
from worker.intake.authentication.bearer_key import BearerKey
from worker.intake.authentication.entra_keys import EntraKeys
from worker.intake.authentication.entra_token import EntraToken, Expected
from worker.intake.authentication.grafana_signature import GRAFANA
from worker.intake.authentication.known_keys import Keys
from worker.intake.authentication.replay_cache import Replays
from worker.intake.authentication.signed_body import SignedBody
from worker.intake.authentication.tocsin_signature import TOCSIN
from worker.settings import Settings

__all__ = ["GRAFANA", "TOCSIN", "Authentication"]

_WITH_A_KEY = (BearerKey, BasicAuth, AccessToken)
_WITH_A_SIGNATURE = (TOCSIN, GRAFANA)


class Authentication:
    """One that is valid is enough. Where none is asked for every caller is the same one, and sits on loopback."""

    def __init__(self, settings: Settings) -> None:
        self._keys = Keys(settings.intake_keys)
        self._authenticators: Sequence[Authenticator] = tuple(_configured(settings, self._keys))

    def __bool__(self) -> bool:
        return bool(self._authenticators)

    async def admit(self, request: Request) -> Authenticated:
        """Raises NotAuthenticated with every reason there is."""
        if not self:
            return Authenticated(NOBODY_ASKED)
        reasons = []
        for authenticator in self._authenticators:
            try:
                if authenticated := await authenticator.authenticate(request):
                    return authenticated
            except NotAuthenticated as reason:
                reasons.append(str(reason))
        raise NotAuthenticated("; ".join(dict.fromkeys(reasons)) or "nothing tells who sends")

    def admit_key(self, key: str) -> Authenticated:
        """For formats that carry the key in their body; raises NotAuthenticated."""
        return self._keys.admit(key.encode(errors="replace")) if self else Authenticated(NOBODY_ASKED)


def _configured(settings: Settings, keys: Keys) -> Iterator[Authenticator]:
    """Those that are configured. What needs the body comes last, so that nobody with a key waits for it."""
    if settings.intake_keys:
        yield from (by_key(keys) for by_key in _WITH_A_KEY)
    if settings.intake_entra_audience:
        yield _entra(settings, settings.intake_entra_audience)
    if settings.intake_signing_secrets:
        replays = Replays()
        yield from (SignedBody(scheme, settings.intake_signing_secrets, replays) for scheme in _WITH_A_SIGNATURE)


def _entra(settings: Settings, audience: str) -> EntraToken:
    expected = Expected(
        authority=settings.intake_entra_authority,
        tenant=(settings.tenant_id or "").lower(),
        audience=audience,
        role=settings.intake_entra_role,
        apps=settings.intake_entra_apps,
        admin_role=settings.intake_entra_admin_role,
    )
    return EntraToken(expected, EntraKeys(f"{expected.authority}/{expected.tenant}/discovery/v2.0/keys"))
