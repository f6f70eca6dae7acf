"""`tocsin mitigate`: the harm has stopped, its cause may not have."""

from worker.cli.incident_acts import IncidentActOptions, Words, act_with_reason, incident_act_options
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def mitigate(options: IncidentActOptions, words: Words = None) -> None:
    act_with_reason(ActKind.MITIGATE, words, options)
