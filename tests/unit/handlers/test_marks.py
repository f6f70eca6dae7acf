"""The words by which our own messages are found again."""

from datetime import UTC, datetime

from handlers import marks
from worker.domain.event import Event
from worker.domain.incident import Incident

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = (marks.ANNOUNCEMENT, marks.ELSEWHERE, marks.CALL, marks.CHAT, marks.TROUBLE, marks.ALERTS, marks.SHIFT)


def test_no_mark_is_part_of_another():
    """Neither of another kind nor of another incident, so that no message is taken for another one."""
    incidents = [Incident(key=key, event=Event(title="Down"), received_at=NOON) for key in ("one", "two")]
    made = [marks.mark(incident, kind) for incident in incidents for kind in KINDS]
    assert not any(one in other for one in made for other in made if one is not other)


def test_no_mark_holds_the_incidents_id():
    """By which a person names it: whoever quotes that has not announced anything."""
    incident = Incident(key="one", event=Event(title="Down"), received_at=NOON)
    assert not any(incident.id in marks.mark(incident, kind) for kind in KINDS)
