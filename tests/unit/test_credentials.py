"""Who signs the requests: the Entra token that renews itself, the PAT, and nobody at all."""

import time

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.identity.aio import DefaultAzureCredential
from msrest.authentication import Authentication, BasicAuthentication

from worker.credentials import BOARDS_SCOPE, EntraToken, azure_credential, boards_authentication
from worker.domain.errors import Misconfigured
from worker.settings import Settings


class Issuer:
    """A credential that numbers its tokens."""

    def __init__(self, lifetime):
        self.lifetime = lifetime
        self.asked = []
        self.closed = False

    def get_token(self, *scopes, **_options):
        self.asked.append(scopes)
        return AccessToken(f"token-{len(self.asked)}", int(time.time()) + self.lifetime)

    def close(self):
        self.closed = True


def sent_by(authentication):
    """The header that a request of a signed session would carry."""
    session = authentication.signed_session(requests.Session())
    return session.prepare_request(requests.Request("GET", "https://boards.example/org")).headers.get("Authorization")


def set_to(**given):
    return Settings.read(_env_file=None, **given)


ANONYMOUS = {"credential": "anonymous", "graph_url": "http://sandbox:8080/graph/v1.0"}


def test_a_fresh_token_is_used_again():
    """A token with an hour to live is asked for once."""
    issuer = Issuer(lifetime=3_600)
    entra = EntraToken(issuer)
    assert [sent_by(entra), sent_by(entra)] == ["Bearer token-1", "Bearer token-1"]
    assert issuer.asked == [(BOARDS_SCOPE,)]


def test_an_old_token_is_renewed():
    """A token in its last minutes is replaced before it is used."""
    entra = EntraToken(Issuer(lifetime=60))
    assert [sent_by(entra), sent_by(entra)] == ["Bearer token-1", "Bearer token-2"]


def test_a_netrc_file_does_not_replace_the_token(tmp_path, monkeypatch):
    """What somebody keeps in ~/.netrc for the same host stays out of it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine boards.example login somebody password theirs\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert sent_by(Authentication()).startswith("Basic ")
    assert sent_by(EntraToken(Issuer(lifetime=3_600))) == "Bearer token-1"


def test_closing_closes_the_credential():
    """The identity's own connections end with it."""
    issuer = Issuer(lifetime=60)
    EntraToken(issuer).close()
    assert issuer.closed


def test_a_pat_comes_first():
    """Where a PAT is set it signs, as a password without a name."""
    signed = boards_authentication(set_to(boards_url="https://dev.azure.com/org", boards_pat="secret"))
    assert isinstance(signed, BasicAuthentication)
    assert sent_by(signed) == "Basic OnNlY3JldA=="


def test_without_a_pat_the_identity_signs():
    """The default is the Entra identity."""
    signed = boards_authentication(set_to(boards_url="https://dev.azure.com/org"))
    assert isinstance(signed, EntraToken)
    signed.close()


async def test_the_default_credential_is_asynchronous():
    """The other SDKs get a credential that does not block the event loop."""
    credential = azure_credential(set_to())
    assert isinstance(credential, DefaultAzureCredential)
    await credential.close()


def test_anonymous_signs_nothing():
    """A stand-in gets no secret at all."""
    anonymous = set_to(boards_url="http://sandbox:8080/boards", **ANONYMOUS)
    assert azure_credential(anonymous) is None
    assert sent_by(boards_authentication(anonymous)) is None


@pytest.mark.parametrize("given", [{"boards_pat": "secret"}, {"boards_pat": "secret", **ANONYMOUS}, {}])
def test_no_secret_crosses_a_network_in_the_clear(given):
    """A PAT or token for a plain-http address elsewhere is refused, and the sentence does not tell the secret."""
    with pytest.raises(Misconfigured, match="plain http") as refused:
        boards_authentication(set_to(boards_url="http://boards.example/org", **given))
    assert "secret" not in str(refused.value)
