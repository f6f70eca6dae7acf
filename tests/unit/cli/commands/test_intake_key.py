"""A new key for a sender: shown once, and known to the intake by its hash."""

import hashlib
import re
import sys

import pytest

from worker.__main__ import main
from worker.settings import Settings


@pytest.fixture
def intake_key(monkeypatch, capsys):
    """Run the command: its exit code, standard output and standard error."""

    def run(name):
        monkeypatch.setattr(sys, "argv", ["tocsin", "intake-key", name])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run


def test_the_entry_lets_the_key_in(intake_key):
    """The second line can be set as it is, and is the hash of the first."""
    code, out, _ = intake_key("azure-monitor")
    key, entry = out.splitlines()
    assert code == 0
    assert Settings(_env_file=None, intake_keys=entry).intake_keys == (
        ("azure-monitor", hashlib.sha256(key.encode()).hexdigest()),
    )


def test_a_key_is_random_and_fits_where_pagerduty_keeps_its_own(intake_key):
    """No two are the same, and each is 32 letters and digits."""
    keys = {intake_key("x")[1].splitlines()[0] for _ in range(3)}
    assert len(keys) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


@pytest.mark.parametrize("name", ["", " ", "a,b", "a=b", "a b", "x" * 65, "a\nb"])
def test_a_name_that_cannot_stand_in_the_setting_is_refused(intake_key, name):
    """A comma would make two entries of one."""
    code, out, err = intake_key(name)
    assert (code, out) == (2, "")
    assert "NAME" in err
