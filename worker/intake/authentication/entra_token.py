"""A token of Entra ID: an app's, as the secure webhooks of Azure Monitor send it, or a person's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from fastapi import Request

from worker.domain.response.actor import Actor, ActorKind, Right
from worker.domain.sender_scope import OF_PERSONS
from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated, credentials
from worker.intake.authentication.entra_keys import EntraKeys
from worker.intake.authentication.signed_body import WINDOW

_DOTS = 2
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Of the claim `acct`: whether the account is of the tenant (0) or a guest's.
_GUEST = "1"
_PREFIX_OF_APPS = "api://"
# Nothing else is accepted: neither `none`, nor a secret that would be our public key.
_ALGORITHMS = ["RS256"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say of itself."""

    authority: str
    tenant: str
    audience: str
    role: str
    apps: Sequence[str]
    admin_role: str = ""

    @property
    def issuers(self) -> Sequence[str]:
        """Which of the two it is depends on the version that the manifest of our own app asks for."""
        return (f"https://sts.windows.net/{self.tenant}/", f"{self.authority}/{self.tenant}/v2.0")

    @property
    def audiences(self) -> Sequence[str]:
        """An app's id alone in tokens of version 2, and its address in those of version 1."""
        app = self.audience.removeprefix(_PREFIX_OF_APPS)
        return (self.audience, app, _PREFIX_OF_APPS + app)


class EntraToken:
    def __init__(self, expected: Expected, keys: EntraKeys) -> None:
        self._expected = expected
        self._keys = keys

    async def authenticate(self, request: Request) -> Authenticated | None:
        token = credentials(request, "bearer")
        if token is None or token.count(".") != _DOTS:
            return None
        key = await self._keys.find(_key_id(token))
        if key is None:
            raise NotAuthenticated("the token is signed with a key that Entra ID does not list")
        claims = self._claims(token, key)
        if claims.get("scp"):
            return self._person(claims)
        return Authenticated(f"entra:{self._app(claims)}")

    def _person(self, claims: dict[str, Any]) -> Authenticated:
        """Who signed in to an app that this one lets ask for them: known by `oid`, and never by what people choose."""
        object_id = str(claims.get("oid", "")).lower()
        if not _GUID.fullmatch(object_id):
            raise NotAuthenticated("the token is a person's and names no object id")
        if str(claims.get("tid", "")).lower() != self._expected.tenant:
            raise NotAuthenticated("the token is of a person of another tenant")
        name = claims.get("name")
        person = Actor(
            kind=ActorKind.PERSON,
            id=object_id,
            name=name if isinstance(name, str) else "",
            right=self._right(claims),
        )
        return Authenticated(f"{OF_PERSONS}{object_id}", person=person)

    def _right(self, claims: dict[str, Any]) -> Right:
        """Guests only see, whatever role somebody gave them."""
        home = claims.get("idp")
        if str(claims.get("acct", "0")) == _GUEST or (home is not None and home not in self._expected.issuers):
            return Right.READER
        roles = claims.get("roles")
        is_admin = isinstance(roles, list) and bool(self._expected.admin_role) and self._expected.admin_role in roles
        return Right.ADMIN if is_admin else Right.MEMBER

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._expected.audiences,
                issuer=self._expected.issuers,
                leeway=WINDOW,
                options={"require": ["exp", "nbf", "iss", "aud"]},
            )
        except jwt.InvalidTokenError as error:
            raise NotAuthenticated(f"the token does not hold: {type(error).__name__}") from None

    def _app(self, claims: dict[str, Any]) -> str:
        app = claims.get("azp") or claims.get("appid")
        if app not in self._expected.apps:
            raise NotAuthenticated("the token was given to an app that may not send")
        roles = claims.get("roles")
        if not isinstance(roles, list) or self._expected.role not in roles:
            raise NotAuthenticated(f"the token lacks the role {self._expected.role}")
        return str(app)


def _key_id(token: str) -> str:
    try:
        head = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise NotAuthenticated("the token cannot be read") from None
    if head.get("alg") not in _ALGORITHMS or not isinstance(head.get("kid"), str):
        raise NotAuthenticated("the token is not signed as Entra ID signs")
    return str(head["kid"])
