"""The settings that the sandbox writes are read back by those who need them."""

import stat
import subprocess

import pytest

from worker.domain.errors import Misconfigured
from worker.sandbox.running.env_file import take_away_settings, write_settings
from worker.settings import Settings

GIVEN = {
    "TOCSIN_SERVICEBUS_CONNECTION_STRING": "Endpoint=sb://127.0.0.1:1;SharedAccessKey=a b;UseDevelopmentEmulator=true",
    "TOCSIN_BOARDS_URL": "http://127.0.0.1:1/boards",
}


def test_settings_are_readable_by_their_owner_alone(tmp_path):
    """The file holds keys: nobody else on the machine reads it, also where it was open before."""
    path = tmp_path / "sandbox.env"
    path.touch(0o644)
    write_settings(path, GIVEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["sandbox.env"]


def test_settings_are_a_dotenv_file(tmp_path, monkeypatch):
    """As a .env file, they are the settings of a worker beside it."""
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    write_settings(tmp_path / ".env", GIVEN)
    settings = Settings.read(_env_file=tmp_path / ".env")
    assert settings.boards_url == GIVEN["TOCSIN_BOARDS_URL"]
    read = settings.servicebus_connection_string.get_secret_value()
    assert read == GIVEN["TOCSIN_SERVICEBUS_CONNECTION_STRING"]


def test_settings_are_sourced_by_a_shell(tmp_path):
    """Semicolons and spaces of a connection string are text to the shell."""
    write_settings(tmp_path / "sandbox.env", GIVEN)
    program = 'set -a; . ./sandbox.env; printf %s "$TOCSIN_SERVICEBUS_CONNECTION_STRING"'
    ran = subprocess.run(["sh", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == GIVEN["TOCSIN_SERVICEBUS_CONNECTION_STRING"]


def test_settings_that_cannot_be_written_are_told(tmp_path):
    """A directory that is not there is a sentence."""
    with pytest.raises(Misconfigured, match="cannot be written"):
        write_settings(tmp_path / "none" / "sandbox.env", GIVEN)


def test_an_earlier_file_of_a_sandbox_is_taken_away(tmp_path):
    """It stands for a sandbox that is ready; none, and an empty one that somebody made for it, are no obstacle."""
    path = tmp_path / ".env"
    take_away_settings(path)
    path.touch()
    take_away_settings(path)
    write_settings(path, GIVEN)
    take_away_settings(path)
    assert not path.exists()


@pytest.mark.parametrize("content", ["TOCSIN_BOARDS_PAT=mine\n", "# mine\n", "\nX=1\n", "\x00" * 500])
def test_a_file_of_somebody_else_stays(tmp_path, content):
    """Settings that a person wrote are not replaced, neither at the beginning nor at the end."""
    path = tmp_path / ".env"
    path.write_text(content)
    for act in (take_away_settings, lambda path: write_settings(path, GIVEN)):
        with pytest.raises(Misconfigured, match="was not written by a sandbox, and stays as it is"):
            act(path)
    assert path.read_text() == content
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


def test_a_place_that_is_no_file_is_told(tmp_path):
    """A directory in the file's place is a sentence."""
    with pytest.raises(Misconfigured, match="cannot be used for the settings: Is a directory"):
        take_away_settings(tmp_path)
