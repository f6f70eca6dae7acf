"""What happens to an incident when its time has come: a file for each kind of timer, and the table of them."""

from collections.abc import Callable, Mapping

from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.timers.answer import remind_of_answer
from worker.lifecycle.timers.archive import archive
from worker.lifecycle.timers.escalation import escalate_in_time
from worker.lifecycle.timers.impact import ask_for_impact
from worker.lifecycle.timers.launch import tell_for_launch
from worker.lifecycle.timers.review import remind_of_review
from worker.lifecycle.timers.role import ask_after_roles
from worker.lifecycle.timers.scribe import ask_for_scribe
from worker.lifecycle.timers.shift import ask_whether_they_stay
from worker.lifecycle.timers.update import remind_of_update

# Called once the timer of that kind has come, and has been taken back.
Fire = Callable[[Log, Circumstances], None]

TIMERS: Mapping[TimerKind, Fire] = {
    TimerKind.ANSWER: remind_of_answer,
    TimerKind.ESCALATION: escalate_in_time,
    TimerKind.UPDATE: remind_of_update,
    TimerKind.ROLE: ask_after_roles,
    TimerKind.IMPACT: ask_for_impact,
    TimerKind.SCRIBE: ask_for_scribe,
    TimerKind.SHIFT: ask_whether_they_stay,
    TimerKind.REVIEW: remind_of_review,
    TimerKind.ARCHIVE: archive,
    TimerKind.LAUNCH: tell_for_launch,
}
