"""`tocsin reopen`: it is not over."""

from worker.cli.incident_acts import IncidentActOptions, Words, act_with_reason, incident_act_options
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind
from worker.domain.response.state import ResponseState


@with_options_of(incident_act_options)
def reopen(options: IncidentActOptions, words: Words = None) -> None:
    act_with_reason(ActKind.REOPEN, words, options, states=frozenset({ResponseState.RESOLVED, ResponseState.CLOSED}))
