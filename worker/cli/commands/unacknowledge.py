"""`tocsin unack`: give it back, so that others are called again."""

from worker.cli.incident_acts import IncidentActOptions, Words, act_with_reason, incident_act_options
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def unacknowledge(options: IncidentActOptions, words: Words = None) -> None:
    act_with_reason(ActKind.UNACKNOWLEDGE, words, options)
