"""It ended some days ago, and nobody has reopened it: its channel is to be archived."""

from worker.domain.response.state import ENDED
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def archive(log: Log, known: Circumstances) -> None:
    del known
    if log.response.state in ENDED:
        seq = log.response.seq + 1
        log.enter("archived", "The channel is archived from now on.", does=["archive"], archived_by=seq)
