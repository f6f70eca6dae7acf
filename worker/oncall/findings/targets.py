"""When a target of a policy names nobody, within the days ahead."""

from collections.abc import Iterable
from functools import reduce

from worker.oncall.definitions import NotifyTarget
from worker.oncall.findings.spans import Span, common, joined
from worker.oncall.findings.survey import Survey


def silence(survey: Survey, target: NotifyTarget) -> list[Span]:
    """A role may be nobody's at any time; a webhook, and a person, are told whenever they are named."""
    whole = [(survey.start, survey.end)]
    if target.kind == "role":
        return whole
    if target.kind != "schedule":
        return []
    walk = survey.walks.get(target.name)
    if walk is None:
        return whole
    if target.rank <= 1:
        return walk.gaps
    return joined((each.start, each.until) for each in walk.stretches if len(each.places) < target.rank)


def silence_of_all(survey: Survey, targets: Iterable[NotifyTarget]) -> list[Span]:
    """When none of them names anybody; without any target that is always."""
    return reduce(common, (silence(survey, target) for target in targets), [(survey.start, survey.end)])
