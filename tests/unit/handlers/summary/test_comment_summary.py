"""What the comment on the work item says, whatever stands in the alerts."""

from datetime import UTC, datetime, timedelta

from handlers.summary.comment_summary import _lines
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)> & \"'"


def test_the_senders_words_never_reach_boards_as_html(incident):
    """Sources, services and resources are what a stranger writes, and stand in the reasons and sentences."""
    summary = AlertSummary(
        alerts=2,
        faults=1,
        firing=1,
        first_at=NOON,
        last_at=NOON,
        severity=2,
        resources=(HOSTILE,),
        reasons={f"it agrees with it in source {HOSTILE!r}": 1, f"it is the same service, {HOSTILE}": 1},
        unreported_because=(HOSTILE,),
        unreported=1,
    )
    text = "".join(_lines(incident, Digest(summary=summary, reopen=timedelta(minutes=10))))
    assert "<img" not in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt; &amp;") == 4
    assert text.startswith("<p>2 alerts of one fault")
    assert text.count("<li>") == 2
    assert "<br>" in text
