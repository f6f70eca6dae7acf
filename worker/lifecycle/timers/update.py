"""A promised update is due soon, or overdue: whoever writes it is reminded, in one message that is edited."""

from collections.abc import Callable, Sequence

from worker.domain.response.entry import Say, TellKind
from worker.domain.response.response import PersonRef, Promise
from worker.domain.response.roles import COMMANDER, role_named
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.leading import next_on_call
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.promising import REMINDER, overdue_at, writers
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import clock_words, names

OVERDUE = "update-overdue"
_SOON = 0
# Of milder ones nobody is called for words.
_CALLED_FOR = 2


def remind_of_update(log: Log, known: Circumstances) -> None:
    awaited = log.response.promise
    if awaited is None or awaited.reminded >= len(_STAGES):
        return
    stage = awaited.reminded
    if stage == _SOON and known.now >= overdue_at(awaited, known):
        stage += 1  # nobody was there to remind in time: what is overdue is not due soon
    log.set(promise=awaited.model_copy(update={"reminded": stage + 1, "reminded_at": known.now}))
    _STAGES[stage](log, known, awaited)


def _soon(log: Log, known: Circumstances, awaited: Promise) -> None:
    people, _ = writers(log)
    said = f"An update is due by {clock_words(awaited.due_at, known.now)}."
    log.enter("reminder", said, says=[_say(known, said, people, REMINDER)], data=_data(awaited, people))


def _overdue(log: Log, known: Circumstances, awaited: Promise) -> None:
    """From now on it counts as broken."""
    people = log.response.has(COMMANDER) or writers(log)[0]
    said = f"The update that was promised for {clock_words(awaited.due_at, known.now)} is overdue."
    log.enter(
        "overdue",
        said,
        data=_data(awaited, people),
        tells=[tell(known, each, said) for each in people],
        says=[_say(known, said, people, OVERDUE, urgent=True)],
        promises_broken=log.response.promises_broken + 1,
    )


def _overdue_by_far(log: Log, known: Circumstances, awaited: Promise) -> None:
    """The next on the schedule of the role is asked, once."""
    writing, role = writers(log)
    following = next_on_call(log, known, role or COMMANDER, writing)
    since = clock_words(awaited.due_at, known.now)
    if following is None:
        said = f"The update that was promised for {since} has not come, and no schedule names anybody else for it."
        log.enter("overdue", said, says=[_say(known, said, writing, OVERDUE, urgent=True)], data=_data(awaited, ()))
        return
    name = role_named(role or COMMANDER).name
    said = f"The update that was promised for {since} has not come. {following.name}, next as {name}, is asked for it."
    kind = TellKind.PAGE if log.response.severity <= _CALLED_FOR else TellKind.NOTICE
    why = f"Please write an update: the one that was promised for {since} has not come, and you are next as {name}."
    log.enter(
        "overdue",
        said,
        data=_data(awaited, [following]),
        tells=[tell(known, following, why, kind=kind)],
        says=[_say(known, said, [following], OVERDUE, urgent=True)],
        joins=mentions(known, [following]),
    )


_STAGES: Sequence[Callable[[Log, Circumstances, Promise], None]] = (_soon, _overdue, _overdue_by_far)


def _say(known: Circumstances, said: str, people: Sequence[PersonRef], topic: str, *, urgent: bool = False) -> Say:
    asked = f"{said} {names(people)}: write it, or say that nothing is new." if people else said
    return Say(text=asked, mentions=mentions(known, people), topic=topic, urgent=urgent, question="update")


def _data(awaited: Promise, people: Sequence[PersonRef]) -> dict[str, object]:
    return {"due_at": awaited.due_at, "people": [each.person for each in people]}
