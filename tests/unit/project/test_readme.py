"""The README stays true: what it names is there, and what is there is named."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from worker.cli.commands import command_line
from worker.cli.lazy_command import LazyCommand
from worker.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
VARIABLES = {str(field.validation_alias or PREFIX + name.upper()) for name, field in Settings.model_fields.items()}
COMMANDS = re.findall(r"^\$ (?:\.venv/bin/)?tocsin ([^#\n|]+)", README, flags=re.MULTILINE)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_setting_is_explained(name):
    """Nobody has to read the code to find a setting."""
    assert f"`{name}`" in README.partition("## Configure")[2]


def test_no_setting_is_invented():
    """Each variable that the README names is read."""
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", README))
    assert named <= VARIABLES


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_typed(line):
    """Each command of the README, with its options, is one that there is."""
    command, words = get_command(command_line()), shlex.split(line)
    while words and not words[0].startswith("-") and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    command = command.load() if isinstance(command, LazyCommand) else command
    options = {option for parameter in command.params for option in parameter.opts}
    assert not getattr(command, "commands", {}), f"{line} names no command"
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make ([a-z]+)", README))))
def test_every_make_target_is_there(target):
    """Each `make …` of the README works."""
    assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
