"""Whether whoever acts may do that; what they may not do is recorded too."""

from worker.domain.response.act import REFUSED, Act, Outcome
from worker.domain.response.actor import ActorKind
from worker.domain.response.permission import Asking, may
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def forbid(log: Log, act: Act, known: Circumstances) -> Outcome | None:
    """None where they may; else what it came to, with an entry of its own."""
    who = asking(act, known)
    why = may(who, act, log.response, members_acknowledge=known.rules.members_acknowledge)
    if why is None:
        return None
    log.enter("refused", why, data={"act": act.act})
    return Outcome(verdict=REFUSED, sentence=why, forbidden=True)


def asking(act: Act, known: Circumstances) -> Asking:
    people, actor = known.people, act.actor
    is_human = actor.kind in {ActorKind.PERSON, ActorKind.OPERATOR}
    return Asking(
        actor=actor,
        source=act.source,
        person=people.of(actor),
        is_on_roster=people.is_known(actor) if is_human and people.is_readable else None,
    )
