"""JSON for a terminal: the same to whoever parses it, and nothing in it that a terminal acts on."""

import ast
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.cli.json_output import escaped, print_json

CLI = Path(__file__).parents[3] / "worker/cli"
ACTED_ON = ["\x7f", "\x80", "\x85", "\x9b31m", "\x9d0;title\x9c", "\u202e", "\u2066", "\u200b", "\u2028", "\U000e0041"]


@pytest.mark.parametrize("text", ACTED_ON)
def test_what_a_terminal_acts_on_is_escaped(text, capsys):
    """Controls beyond ASCII, marks of direction and what is never seen leave as ASCII."""
    print_json(json.dumps({text: [text]}, ensure_ascii=False, indent=2))
    told = capsys.readouterr().out
    assert all(" " <= each <= "~" or each == "\n" for each in told)
    assert json.loads(told) == {text: [text]}


@given(st.text(alphabet=st.characters()))
def test_whoever_parses_it_gets_the_same(text):
    """Whatever stands in a string, halves of pairs included; and no control is left in it."""
    told = escaped(json.dumps({"x": text}, ensure_ascii=False))
    assert json.loads(told) == {"x": text}
    assert not [each for each in told if unicodedata.category(each) in {"Cc", "Cs"}]


def test_what_people_read_stays_readable():
    """Letters of any script and emoji are no matter for escapes."""
    assert escaped('"Größe 日本 👩\u200d🚒"') == '"Größe 日本 👩\u200d🚒"'


def test_no_command_writes_json_by_another_way():
    """Whatever makes JSON for standard output hands it to the one that escapes."""
    written = [
        f"{path.name}:{call.lineno}"
        for path in CLI.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"typer.echo", "print"}
        if any(word in ast.unparse(call) for word in ("dumps", "dump_json"))
    ]
    assert written == []
