"""Somebody looks at a restricted incident: that is an entry, and nothing else."""

from worker.domain.response.act import Act, Outcome
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def look(log: Log, act: Act, known: Circumstances) -> Outcome:
    if not log.response.restricted:
        return already("It is not restricted: nobody counts who looks at it.")
    log.enter("looked", f"{known.people.of(act.actor).name} has looked at it.")
    return done("It is shown.")
