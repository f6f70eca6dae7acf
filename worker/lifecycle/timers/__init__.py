"""What happens to an incident when its time has come: a file for each kind of timer, and the table of them."""

from collections.abc import Callable, Mapping

from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.timers.answer import remind_of_answer
from worker.lifecycle.timers.escalation import escalate_in_time
from worker.lifecycle.timers.launch import tell_for_launch

# Called once the timer of that kind has come, and has been taken back.
Fire = Callable[[Log, Circumstances], None]

TIMERS: Mapping[TimerKind, Fire] = {
    TimerKind.ANSWER: remind_of_answer,
    TimerKind.ESCALATION: escalate_in_time,
    TimerKind.LAUNCH: tell_for_launch,
}
