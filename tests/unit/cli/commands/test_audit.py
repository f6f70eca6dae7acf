"""The newest records, the oldest of them first."""

import json
from datetime import UTC, datetime

import pytest

from worker.cli.commands import audit as command
from worker.domain.audit import AuditRecord


@pytest.fixture
def records(monkeypatch):
    """As many as a test wants, the oldest first, as the store gives them."""

    def kept(count):
        found = [
            AuditRecord(action="discard", who=f"ops{n}", at=datetime(2026, 3, 2, 9, n, tzinfo=UTC))
            for n in range(count)
        ]

        async def read(_):
            return found

        monkeypatch.setattr(command, "_records", read)

    return kept


@pytest.mark.parametrize(("limit", "expected"), [(2, ["ops3", "ops4"]), (5, [f"ops{n}" for n in range(5)]), (9, None)])
def test_the_limit_leaves_the_newest(records, capsys, limit, expected):
    """Whoever asks for two is shown the last two that were done."""
    records(5)
    command.audit(limit=limit, json=True)
    told = [each["who"] for each in json.loads(capsys.readouterr().out)]
    assert told == (expected or [f"ops{n}" for n in range(5)])


def test_the_same_in_words(records, capsys):
    """A line for each."""
    records(3)
    command.audit(limit=2, utc=True)
    out = capsys.readouterr().out
    assert ("ops0" in out, "ops1" in out, "ops2" in out) == (False, True, True)


def test_nothing_is_said_to_be_nothing(records, capsys):
    """On standard error, so that programs read an empty answer."""
    records(0)
    command.audit(limit=2)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Nobody did anything of this kind yet.\n")
