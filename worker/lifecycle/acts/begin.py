"""The response begins: the launch has looked up who is to be called, and calls them."""

from worker.domain.response.act import ALREADY, DONE, Act, Outcome
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import begin_escalation
from worker.lifecycle.response.log import Log


def begin(log: Log, act: Act, known: Circumstances) -> Outcome:
    if log.response.escalation is not None:
        return Outcome(verdict=ALREADY, sentence="The response has begun.")
    log.enter("opened", "The incident is open.")
    begin_escalation(log, known, act.data)
    return Outcome(verdict=DONE, sentence="The response has begun.")
