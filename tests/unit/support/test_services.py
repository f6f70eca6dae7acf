"""Tests that miss something of their machine are skipped on a desk, and never where nobody would see it."""

import re
from pathlib import Path

import pytest
from services import REQUIRED, skip_or_fail

TESTS = Path(__file__).parents[2]
HELPER = TESTS / "support/services.py"


def test_on_a_desk_what_is_missing_skips(monkeypatch):
    """Nobody needs a browser to work on the queue."""
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="There is no browser"):
        skip_or_fail("There is no browser.")


def test_where_services_are_required_what_is_missing_fails(monkeypatch):
    """A test that is skipped in CI does not exist."""
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="There is no browser"):
        skip_or_fail("There is no browser.")


def test_no_test_skips_in_any_other_way():
    """Whatever a test may be skipped for goes through the one function that CI can turn into a failure."""
    skips = re.compile(r"\b(skipif|importorskip|SkipTest|pytest\.(mark\.)?skip)\b")
    skipping = [path for path in TESTS.rglob("*.py") if path not in {HELPER, Path(__file__)}]
    assert [path for path in skipping if skips.search(path.read_text())] == []
