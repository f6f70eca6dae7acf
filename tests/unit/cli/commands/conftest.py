"""Commands run within the process."""

import sys

import pytest

from worker.__main__ import main


@pytest.fixture
def tocsin(monkeypatch, capsys):
    """Run a command: its exit code, standard output and standard error."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run
