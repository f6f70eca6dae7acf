"""Which entries change what the launch does not show by itself."""

from worker.domain.response.actor import Source
from worker.domain.response.entry import Entry


def changes_what_is_shown(entry: Entry) -> bool:
    """How the response begins stands on the card that the launch sends; to send it again costs every launch."""
    return entry.source is not Source.LAUNCH or "state" in entry.sets
