"""What a step made is told in words that mean something at three in the morning."""

import pytest

from worker.domain.digest import PublishedSummary
from worker.domain.event import Severity
from worker.incidents.step_words import in_words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("raise-severity", "severity 1"),
        ("comment-summary", "noted on the work item"),
        ("post-summary", "told in the channel"),
    ],
)
def test_what_was_told_of_alerts_is_no_bare_number(step, words):
    """The ids of comments and messages are for programs."""
    result = PublishedSummary(mark="a", id="1795877672147", severity=Severity.CRITICAL)
    assert in_words(step, result.model_dump(mode="json")) == words
