"""Something worth remembering, or something that is to be done later."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def note(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    if not act.is_action:
        log.enter("note", f"{who.name}: {act.text}", data={"text": act.text})
        return done("It is noted.")
    number = log.response.actions + 1
    told = f"Action {number}, noted by {who.name}: {act.text}"
    log.enter("action", told, data={"number": number, "text": act.text}, says=[Say(text=told)], actions=number)
    return done(f"It is noted as action {number}.")
