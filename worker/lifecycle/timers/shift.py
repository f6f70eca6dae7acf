"""The shift of somebody who is at work on it has ended: that ends no role, and they are asked whether they stay."""

from worker.domain.response.entry import Say
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.shifts import off_shift
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import names


def ask_whether_they_stay(log: Log, known: Circumstances) -> None:
    timer = log.before.timers.get(TimerKind.SHIFT)
    people = off_shift(log.response, known, timer.due_at) if timer is not None and timer.due_at is not None else ()
    if not people:
        return
    said = f"{names(people)}: your shift is over. Do you stay, or do you hand over?"
    log.enter(
        "question",
        said,
        data={"about": "shift", "people": [ref.person for ref in people]},
        tells=[tell(known, ref, "Your shift is over. Do you stay, or do you hand over?") for ref in people],
        says=[Say(text=said, mentions=mentions(known, people), question="role")],
    )
