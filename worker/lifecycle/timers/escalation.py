"""The time to answer has passed: the next level is told, or whoever had it has it no more."""

from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.oncall.escalation.event import EventType


def escalate_in_time(log: Log, known: Circumstances) -> None:
    pass_on(log, known, EventType.TIMER)
