"""What a step made is told in words that mean something at three in the morning."""

import pytest

from worker.domain.digest import Told
from worker.domain.event import Severity
from worker.incidents.step_words import in_words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("raise-severity", "severity 1"),
        ("note-alerts", "noted on the work item"),
        ("tell-of-alerts", "told in the channel"),
    ],
)
def test_what_was_told_of_alerts_is_no_bare_number(step, words):
    """The ids of comments and messages are for programs."""
    result = Told(mark="a", id="1795877672147", severity=Severity.CRITICAL)
    assert in_words(step, result.model_dump(mode="json")) == words
