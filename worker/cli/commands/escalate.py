"""`tocsin escalate`: call the next level now."""

from worker.cli.incident_acts import IncidentActOptions, Words, act_with_reason, incident_act_options
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def escalate(options: IncidentActOptions, words: Words = None) -> None:
    act_with_reason(ActKind.ESCALATE, words, options)
