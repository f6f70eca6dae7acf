"""What every end has in common: the channel is archived after a while."""

from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import clock_words

_DAY = 24 * 60.0


def archive_later(log: Log, known: Circumstances) -> None:
    if known.rules.archive_after_days is not None:
        log.set_timer(TimerKind.ARCHIVE, known.after(known.rules.archive_after_days * _DAY))


def archive_words(log: Log) -> str:
    timer = log.response.timers.get(TimerKind.ARCHIVE)
    if timer is None or timer.due_at is None:
        return ""
    return f"The channel is archived at {clock_words(timer.due_at, log.now)}."
