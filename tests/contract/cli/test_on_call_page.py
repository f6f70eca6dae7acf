"""Whoever types the whole of docs/on-call.md in its order, on tables of their own, sees what it shows."""

import importlib
import pkgutil
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standing_clock import standing_at
from terminal import terminal
from typed_page import TypedPage

PAGE = TypedPage((Path(__file__).parents[3] / "docs" / "on-call.md").read_text())
# On the page it is Wednesday, 21:00 in Berlin.
THEN = datetime(2027, 3, 10, 20, tzinfo=UTC)
PACKAGES = ("worker.cli", "worker.oncall")
ID = re.compile(r"\b[0-9a-f]{8}\b")


@pytest.fixture
def type_words(settings, tmp_path):
    """On that day, in a folder with the page's files, with empty tables."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for name, text in PAGE.files.items():
        (tmp_path / name).write_text(text)
    tables = {
        f"TOCSIN_TABLES_{kind}": f"{kind[0].lower()}{settings.tables_incidents}"
        for kind in ("INCIDENTS", "ONCALL", "SCHEDULES", "CALENDARS")
    }
    connection = settings.tables_connection_string.get_secret_value()
    with (
        standing_at(THEN, *PACKAGES),
        terminal(tmp_path, TOCSIN_TABLES_CONNECTION_STRING=connection, **tables) as typing,
    ):
        yield typing


def test_the_page_can_be_typed_from_its_first_line_to_its_last(type_words):
    """What is made by random is called what the page calls it."""
    real = {}
    for command in PAGE.commands:
        told = type_words([real.get(word, word) for word in command.words])
        made = [each for each in ID.findall(told) if each not in real.values()]
        real.update(zip(ID.findall(command.answer), made, strict=False))
        for shown, each in real.items():
            told = told.replace(each, shown)
        assert command.is_answered_by(told), f"$ {command.line}\n{told}"
