"""What docs/on-call.md shows is what one sees who types it: here what asks a file, and the names of all there is."""

import re
from pathlib import Path

import pytest
from terminal import terminal
from typed_page import TypedPage
from typer.main import get_command

from worker.cli.commands import command_line
from worker.oncall.reading.given_definitions import GivenPerson
from worker.oncall.reading.given_policy import GivenPolicy
from worker.oncall.reading.given_schedule import GivenChange, GivenLayer, GivenOverride

PAGE = TypedPage((Path(__file__).parents[3] / "docs" / "on-call.md").read_text())
OFFLINE = [command for command in PAGE.commands if "--file" in command.words]


@pytest.fixture
def type_words(tmp_path):
    """In a folder with the page's files."""
    for name, text in PAGE.files.items():
        (tmp_path / name).write_text(text)
    with terminal(tmp_path) as typing:
        yield typing


@pytest.mark.parametrize("command", OFFLINE, ids=lambda command: command.line)
def test_a_command_on_a_file_is_answered_as_the_page_shows(type_words, command):
    """Nobody who learns it from the page sees something else."""
    told = type_words(command.words)
    assert command.is_answered_by(told), told


def test_every_command_of_the_roster_is_typed_on_the_page():
    """Whoever reads it has seen all there is, with an example."""
    typed = {words[1] for command in PAGE.commands if (words := command.words)[0] == "roster"}
    assert typed >= {*get_command(command_line()).commands["roster"].commands}


def test_every_column_of_the_table_is_on_the_page():
    """Whoever mends a row at night knows its columns."""
    rows = PAGE.text.partition("Storage Explorer")[2]
    shapes = (GivenPerson, GivenPolicy, GivenLayer, GivenChange, GivenOverride)
    columns = {field.alias or name for shape in shapes for name, field in shape.model_fields.items()}
    assert columns - {"changes", "add"} <= set(re.findall(r"`(\w+)`", rows))
