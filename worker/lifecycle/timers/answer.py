"""A third of the time to give a sign of life is left: the channel is reminded, by one message that is edited."""

from datetime import timedelta

from worker.domain.response.entry import Say, TellKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import ANSWER_TOPIC, known_escalation
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.policy_clock import policy_time
from worker.oncall.escalation.because import spoken
from worker.oncall.escalation.state import Status
from worker.oncall.schedule.wall_clock import instant_at


def remind_of_answer(log: Log, known: Circumstances) -> None:
    escalation, owner = known_escalation(log), log.response.owner
    if escalation is None or owner is None or escalation.state.status is not Status.ACKNOWLEDGED:
        return
    due = escalation.state.due
    if due is None:
        return
    left = instant_at(due) + escalation.rest - policy_time(log.response.clock, known.now)
    if left <= timedelta():
        return  # the time is over, and the message that says so is on its way
    minutes = max(1, round(left / timedelta(minutes=1)))
    text = (
        f"{owner.name} has it: without a sign of life (an update, a note) within {spoken(minutes)} "
        "it is open again, and the escalation starts from the top."
    )
    mention = known.people.tell(owner.person, text, kind=TellKind.NOTICE)
    log.enter("reminder", text, says=[Say(text=text, mentions=(mention,), topic=ANSWER_TOPIC)])
