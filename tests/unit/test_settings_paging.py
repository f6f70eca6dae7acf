"""By which ways people are told by default is read when a process starts."""

import pytest

from worker.domain.errors import Misconfigured
from worker.domain.event import Severity
from worker.settings import Settings


def test_the_default_wakes_for_what_is_severe():
    """An SMS for critical and high, a mention for all."""
    ways = Settings.read(_env_file=None).paging
    assert ways.for_severity(Severity.HIGH) == ("mention", "sms")
    assert ways.for_severity(Severity.MEDIUM) == ("mention",)


def test_the_variable_is_read_like_the_column(monkeypatch):
    """In any case, with blanks."""
    monkeypatch.setenv("TOCSIN_PAGING", "Critical = Webhook: Pager")
    assert Settings.read(_env_file=None).paging.for_severity(Severity.CRITICAL) == ("webhook:pager",)


def test_ways_that_nobody_knows_stop_the_start(monkeypatch):
    """The sentence names the variable and the word."""
    monkeypatch.setenv("TOCSIN_PAGING", "1=pigeon")
    with pytest.raises(Misconfigured, match="TOCSIN_PAGING: 'pigeon' is no way"):
        Settings.read(_env_file=None)
