"""It is resolved, and nobody has closed it: those whose it was are reminded of what is left, in one message."""

from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import TimerKind
from worker.lifecycle.acts.resolve import summary_writers
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.telling import mentions
from worker.lifecycle.response.wording import clock_words

_WEEK = 7 * 24 * 60.0
# Whoever has not closed it after a month knows why.
_REMINDERS = 4


def remind_of_review(log: Log, known: Circumstances) -> None:
    response = log.response
    if response.state is not ResponseState.RESOLVED:
        return
    asked = response.reviews_asked + 1
    if asked < _REMINDERS:
        log.set_timer(TimerKind.REVIEW, known.after(_WEEK))
    since = clock_words(response.since, known.now)
    said = f"It is resolved since {since}. Finish the review and close it, or reopen it."
    says = [Say(text=said, mentions=mentions(known, summary_writers(log)), topic="review-reminder", question="close")]
    log.enter("reminder", said, data={"about": "review"}, says=says, reviews_asked=asked)
