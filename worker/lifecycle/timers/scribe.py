"""A severity 1 goes on and nobody writes it down: the channel is asked, once."""

from worker.domain.response.entry import Say
from worker.domain.response.roles import COMMANDER, SCRIBE
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.telling import mentions


def ask_for_scribe(log: Log, known: Circumstances) -> None:
    said = "There is no scribe. Who writes down decisions, times and findings?"
    says = [Say(text=said, mentions=mentions(known, log.response.has(COMMANDER)), question="role")]
    log.enter("question", said, data={"about": "scribe", "role": SCRIBE}, says=says, scribe_asked=True)
