"""What tells people of an incident's alerts, each in one place that changes; the table of them."""

from collections.abc import Mapping

from handlers.summary.comment_summary import NoteAlerts
from handlers.summary.post_summary import TellOfAlerts
from handlers.summary.raise_severity import RaiseSeverity
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.domain.digest import Digest, Told
from worker.engine.step import Playbook

TELLERS = (RaiseSeverity, NoteAlerts, TellOfAlerts)


def tellers(digest: Digest, before: Mapping[str, Told], *, boards: Boards, poster: Poster) -> Playbook:
    """The steps that tell this digest, in the place of what they told `before`, by their names."""
    return (
        RaiseSeverity(boards, digest, before.get(RaiseSeverity.name)),
        NoteAlerts(boards, digest, before.get(NoteAlerts.name)),
        TellOfAlerts(poster, digest, before.get(TellOfAlerts.name)),
    )
