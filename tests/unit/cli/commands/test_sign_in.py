"""The one-time sign-in says what it lacks before anybody types a code."""

import sys

import pytest

from worker.__main__ import main


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
