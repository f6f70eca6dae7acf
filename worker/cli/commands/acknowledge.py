"""`tocsin ack`: say that you have it."""

from worker.cli.incident_acts import IncidentActOptions, Words, act_with_reason, incident_act_options
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def acknowledge(options: IncidentActOptions, words: Words = None) -> None:
    act_with_reason(ActKind.ACKNOWLEDGE, words, options)
