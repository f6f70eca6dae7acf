"""The shell completes commands, and their options with their values."""

import sys

import pytest

from worker.__main__ import main


@pytest.fixture
def completed(monkeypatch, capsys):
    """What bash is offered after these words."""

    def run(words):
        monkeypatch.setenv("_TOCSIN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
        monkeypatch.setattr(sys, "argv", ["tocsin"])
        with pytest.raises(SystemExit):
            main()
        return capsys.readouterr().out.split()

    return run


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tocsin inc", ["incidents"]),
        ("tocsin incidents ", ["list", "show"]),
        ("tocsin incidents list --sta", ["--state"]),
        ("tocsin incidents list --state la", ["launching", "launched"]),
        ("tocsin roster l", ["list", "lint"]),
    ],
)
def test_what_can_follow_is_offered(completed, words, offered):
    """Groups, commands, options and the words an option takes."""
    assert completed(words) == offered
