"""What people do to an incident: a file for each act, and the table of them."""

from collections.abc import Callable, Mapping

from worker.domain.response.act import Act, ActKind, Outcome
from worker.lifecycle.acts.acknowledge import acknowledge
from worker.lifecycle.acts.begin import begin
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log

Decide = Callable[[Log, Act, Circumstances], Outcome]

ACTS: Mapping[ActKind, Decide] = {
    ActKind.ACKNOWLEDGE: acknowledge,
    ActKind.BEGIN: begin,
}
