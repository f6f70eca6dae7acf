"""Wrong use of the commands on dead letters is told before anything is reached."""

import os
import sys

import pytest

from worker.__main__ import main
from worker.cli.dead_letter_options import read_filter
from worker.dead_letters.filter import Filter


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    """Neither variables nor a .env file."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tocsin(monkeypatch, capsys):
    """Run the command in this process: its exit code and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tocsin", "dead-letters", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, " ".join(capsys.readouterr().err.replace("│", " ").split())

    return run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("replay", "--set", "titel=x"), "an event has no field 'titel'"),
        (("replay", "--set", "title"), "not of the form path=value"),
        (("list", "--since", "yesterday"), "'yesterday' is neither a time ago such as 30m"),
        (("groups", "--until", "soon"), "neither a time ago"),
        (("show", "--incident", "17"), "an incident id is"),
        (("show", "inc-17"), "an incident id is"),
        (("show", "-6"), "No such option"),
        (("export", "6", "inc-4h7k2m9xqz"), "either numbers or incidents' ids"),
        (("discard", "--yes"), "say why, for the record"),
        (("discard", "--yes", "--because", " "), "say why, for the record"),
        (("export", "--limit", "0"), "greater than or equal to 1"),
        (("replay",), "TOCSIN_SERVICEBUS_CONNECTION_STRING"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(tocsin, arguments, sentence):
    """The exit code is 2, the sentence names what is wrong, and there is no traceback."""
    code, err = tocsin(*arguments)
    assert (code, "Traceback" in err) == (2, False)
    assert sentence in err


def test_numbers_are_typed_as_the_list_prints_them():
    """Beside the option, and ids in any case; without any, all are meant."""
    assert read_filter(which=["6", "1207"], seq=[8]) == Filter(sequences=frozenset({6, 8, 1207}))
    assert read_filter(which=["INC-4h7k2m9xqz"]) == Filter(incidents=frozenset({"inc-4h7k2m9xqz"}))
    assert read_filter() == Filter()
