"""Somebody was given a role, or offered it, and has not been heard of: the channel is asked, once for each."""

from datetime import datetime

from worker.domain.response.entry import Say
from worker.domain.response.response import RoleOffer, RoleSpan
from worker.domain.response.roles import role_named
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.life_signs import is_awaited
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.telling import mentions
from worker.lifecycle.response.wording import clock_words


def ask_after_roles(log: Log, known: Circumstances) -> None:
    for span in log.response.roles:
        if is_awaited(span) and span.asked_at is None and _is_due(span.awaited_since, known):
            _ask_after(log, known, span)
    for offer in log.response.offers:
        if offer.asked_at is None and _is_due(offer.offered_at, known):
            _ask_about(log, known, offer)


def _ask_after(log: Log, known: Circumstances, span: RoleSpan) -> None:
    since = clock_words(span.awaited_since or span.since, known.now)
    said = (
        f"{span.person.name} is {role_named(span.role).name} since {since}, and has given no sign of life yet. "
        "Is somebody else to take it?"
    )
    asked = [each.model_copy(update={"asked_at": known.now}) if each == span else each for each in log.response.roles]
    says = [Say(text=said, mentions=mentions(known, [span.person]), question="role")]
    log.enter("question", said, data={"role": span.role, "person": span.person.person}, says=says, roles=asked)


def _ask_about(log: Log, known: Circumstances, offer: RoleOffer) -> None:
    said = (
        f"{offer.person.name} was offered to be {role_named(offer.role).name} at "
        f"{clock_words(offer.offered_at, known.now)}, and has not answered. Is somebody else to be asked?"
    )
    asked = [each.model_copy(update={"asked_at": known.now}) if each == offer else each for each in log.response.offers]
    by = known.people.of(offer.by)
    says = [Say(text=said, mentions=mentions(known, [offer.person, by]), question="role")]
    log.enter("question", said, data={"role": offer.role, "person": offer.person.person}, says=says, offers=asked)


def _is_due(since: datetime | None, known: Circumstances) -> bool:
    return since is not None and since + known.lasting(known.rules.confirm_within) <= known.now
