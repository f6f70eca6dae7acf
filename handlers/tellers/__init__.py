"""What tells people of an incident's alerts, each in one place that changes; the table of them."""

from collections.abc import Mapping

from handlers.tellers.note_alerts import NoteAlerts
from handlers.tellers.raise_severity import RaiseSeverity
from handlers.tellers.tell_of_alerts import TellOfAlerts
from worker.clients.boards import Boards
from worker.clients.posting import Poster
from worker.digest import Digest, Told
from worker.step import Playbook

TELLERS = (RaiseSeverity, NoteAlerts, TellOfAlerts)


def tellers(digest: Digest, before: Mapping[str, Told], *, boards: Boards, poster: Poster) -> Playbook:
    """The steps that tell this digest, in the place of what they told `before`, by their names."""
    return (
        RaiseSeverity(boards, digest, before.get(RaiseSeverity.name)),
        NoteAlerts(boards, digest, before.get(NoteAlerts.name)),
        TellOfAlerts(poster, digest, before.get(TellOfAlerts.name)),
    )
