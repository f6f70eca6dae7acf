"""A look at what is open keeps nobody from raising an incident."""

from contextlib import asynccontextmanager

import pytest

from worker.cli import joining
from worker.cli.joining import look_up_open, tell_open
from worker.domain.errors import Forbidden
from worker.settings import Settings


@pytest.mark.parametrize(
    ("error", "words"),
    [(Forbidden("The table may not be read."), "The table may not be read."), (ValueError("secret"), "ValueError.")],
)
async def test_whatever_goes_wrong_is_told_in_a_line(monkeypatch, capsys, error, words):
    """A fault of ours too, by its name alone."""

    @asynccontextmanager
    async def broken(_settings):
        raise error
        yield

    monkeypatch.setattr(joining, "open_open_incidents", broken)
    assert await look_up_open(Settings(_env_file=None), "checkout") == ()
    told = f"tocsin: What is open for checkout could not be looked up: {words} It is raised anyway.\n"
    assert capsys.readouterr() == ("", told)


async def test_a_setting_that_is_missing_keeps_nobody_from_raising(capsys):
    """Who may only reach the queue raises without a look."""
    assert await look_up_open(Settings(_env_file=None), "checkout") == ()
    assert "TOCSIN_TABLES_CONNECTION_STRING" in capsys.readouterr().err


def test_nothing_open_is_nothing_told(capsys):
    """No heading without a line."""
    tell_open([])
    assert capsys.readouterr() == ("", "")
