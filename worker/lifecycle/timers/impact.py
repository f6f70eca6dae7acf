"""Nobody has said whom a severity 1 hurts: its owner is asked, once."""

from worker.domain.response.entry import Say
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.telling import mentions


def ask_for_impact(log: Log, known: Circumstances) -> None:
    said = "Whom does it hurt, and how many? Nobody has stated the impact yet."
    says = [Say(text=said, mentions=mentions(known, [log.response.owner]), question="impact")]
    log.enter("question", said, data={"about": "impact"}, says=says, impact_asked=True)
