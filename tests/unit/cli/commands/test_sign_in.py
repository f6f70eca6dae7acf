"""The one-time sign-in says what it lacks before anybody types a code."""

import sys

import pytest
import structlog
from azure.identity import AuthenticationRecord
from azure.identity._persistent_cache import _load_persistent_cache

from worker.__main__ import main
from worker.clients.posting.sign_in import signed_in_user
from worker.domain.errors import Misconfigured
from worker.settings import Settings


@pytest.fixture
def sign_in(monkeypatch, capsys):
    """Run the command with these settings: its exit code and standard error."""

    def run(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"TOCSIN_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["tocsin", "sign-in"])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert told.out == ""
        assert "Traceback" not in told.err
        return ended.value.code, told.err

    return run


def test_all_that_is_missing_is_named(sign_in):
    """The application, the tenant and the file, in one sentence."""
    code, told = sign_in()
    assert code == 2
    for name in ("TOCSIN_DELEGATED_CLIENT_ID or TOCSIN_BOT_APP_ID", "TENANT_ID", "DELEGATED_TOKEN_CACHE"):
        assert name in told


def test_a_file_that_cannot_be_written_is_told_first(sign_in, tmp_path):
    """Nobody signs in for nothing."""
    place = str(tmp_path / "nowhere" / "sign-in")
    code, told = sign_in(bot_app_id="app", tenant_id="tenant", delegated_token_cache=place)
    assert code == 2
    assert "TOCSIN_DELEGATED_TOKEN_CACHE" in told
    assert "No such file or directory" in told


def test_what_can_be_no_tenant_is_a_sentence(sign_in, tmp_path):
    """The SDK's complaint becomes ours, with what to do."""
    cache = tmp_path / "sign-in"
    code, told = sign_in(delegated_client_id="app", tenant_id="no tenant!", delegated_token_cache=str(cache))
    assert code == 1
    assert "Nobody was signed in" in told
    assert cache.stat().st_mode & 0o077 == 0


def test_tokens_are_kept_beside_the_file_whatever_the_home_directory_is(tmp_path, monkeypatch):
    """All of the sign-in is where one volume can be, for this user alone, and nothing of it in the home directory."""
    home, volume = tmp_path / "home", tmp_path / "volume"
    home.mkdir()
    volume.mkdir()
    monkeypatch.setenv("HOME", str(home))
    path = volume / "sign-in"
    record = AuthenticationRecord("tenant", "client", "login.microsoftonline.com", "home-id", "lea@contoso.com")
    path.write_text(record.serialize())
    path.chmod(0o644)
    settings = Settings(_env_file=None, bot_app_id="app", tenant_id="tenant", delegated_token_cache=str(path))
    with structlog.testing.capture_logs() as lines:
        credential = signed_in_user(settings)
    for is_cae in (False, True):
        cache = _load_persistent_cache(credential._credential._cache_options, is_cae)
        assert list(cache.search("AccessToken")) == []
        cache._persistence.save("{}")
    assert list(home.rglob("*")) == []
    assert {"sign-in", "sign-in.tokens.cae", "sign-in.tokens.nocae"} <= {each.name for each in volume.iterdir()}
    assert [each.name for each in volume.iterdir() if each.stat().st_size and each.stat().st_mode & 0o077] == []
    assert lines[0]["file"] == str(path)


def test_a_sign_in_that_cannot_be_renewed_is_told_at_the_start(tmp_path):
    """A place where nothing can be written is named, before the first token ends."""
    path = tmp_path / "sign-in"
    record = AuthenticationRecord("tenant", "client", "login.microsoftonline.com", "home-id", "lea@contoso.com")
    path.write_text(record.serialize())
    (tmp_path / "sign-in.tokens.cae").mkdir()
    settings = Settings(_env_file=None, bot_app_id="app", tenant_id="tenant", delegated_token_cache=str(path))
    with pytest.raises(Misconfigured, match=f"TOCSIN_DELEGATED_TOKEN_CACHE={path} cannot be written .* volume"):
        signed_in_user(settings)
