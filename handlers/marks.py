"""What our own messages are found by again: a word in their small print, one kind for each thing they say."""

from worker.domain.incident import Incident

ANNOUNCEMENT, ELSEWHERE, CALL, CHAT, TROUBLE, ALERTS = "announcement", "elsewhere", "call", "chat", "trouble", "alerts"
SHIFT, REVIEW, SAY, COMMENT = "shift", "review", "say", "comment"


def mark(incident: Incident, kind: str) -> str:
    return f"{kind}:{incident.id.removeprefix('inc-').removeprefix('notice-')}"
