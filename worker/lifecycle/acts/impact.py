"""Whom it hurts, as a dated statement: the newest one is shown, the earlier ones stay entries."""

from worker.domain.response.act import Act, GivenImpact, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.response import Impact, PersonRef, Response
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import joined

_STATEMENT = frozenset({"stated_at", "stated_by"})


def impact(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    former = log.response.impact
    newest = stated(log, act.impact or GivenImpact(), who)
    if former is not None and _content(former) == _content(newest):
        return already("That is the impact as it is known already.")
    log.set(impact=newest)
    told = joined(f"{who.name} on the impact: {impact_words(log.response)}", act.text)
    log.enter(
        "impact",
        told,
        data={"impact": newest.model_dump(mode="json"), "former": former.model_dump(mode="json") if former else None},
        says=[Say(text=told)],
        comments=[told],
    )
    return done(f"The impact is stated: {impact_words(log.response)}")


def stated(log: Log, given: GivenImpact, who: PersonRef) -> Impact:
    """What was given, and of the rest what stood before."""
    before = log.response.impact
    known = before.model_dump() if before is not None else {}
    said = {name: getattr(given, name) for name in given.model_fields_set}
    return Impact.model_validate({**known, **said, "stated_at": log.at, "stated_by": who.person})


def impact_words(response: Response) -> str:
    impact = response.impact
    if impact is None:
        return ""
    parts = [
        impact.text,
        f"services {', '.join(impact.services)}" if impact.services else "",
        f"regions {', '.join(impact.regions)}" if impact.regions else "",
        f"{impact.customers} customers" if impact.customers is not None else "",
        f"since {impact.started_at:%Y-%m-%d %H:%M %Z}" if impact.started_at else "",
        f"until {impact.ended_at:%Y-%m-%d %H:%M %Z}" if impact.ended_at else "",
    ]
    return "; ".join(filter(None, parts)) or "nothing is known of it"


def _content(known: Impact) -> dict[str, object]:
    return known.model_dump(mode="json", exclude=set(_STATEMENT))
