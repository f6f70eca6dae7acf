"""What people do to an incident: a file for each act, and the table of them."""

from collections.abc import Callable, Mapping

from worker.domain.response.act import Act, ActKind, Outcome
from worker.lifecycle.acts.acknowledge import acknowledge
from worker.lifecycle.acts.alerts import alerts
from worker.lifecycle.acts.begin import begin
from worker.lifecycle.acts.close import close
from worker.lifecycle.acts.correct_time import correct_time
from worker.lifecycle.acts.decline import decline
from worker.lifecycle.acts.escalate import escalate
from worker.lifecycle.acts.impact import impact
from worker.lifecycle.acts.look import look
from worker.lifecycle.acts.merge import merge
from worker.lifecycle.acts.mitigate import mitigate
from worker.lifecycle.acts.note import note
from worker.lifecycle.acts.outcome import outcome
from worker.lifecycle.acts.page import page
from worker.lifecycle.acts.relapse import relapse
from worker.lifecycle.acts.reopen import reopen
from worker.lifecycle.acts.resolve import resolve
from worker.lifecycle.acts.role import role
from worker.lifecycle.acts.severity import severity
from worker.lifecycle.acts.take import take
from worker.lifecycle.acts.unacknowledge import unacknowledge
from worker.lifecycle.acts.update import update
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log

# Called where the state allows the act.
Decide = Callable[[Log, Act, Circumstances], Outcome]

ACTS: Mapping[ActKind, Decide] = {
    ActKind.ACKNOWLEDGE: acknowledge,
    ActKind.TAKE: take,
    ActKind.UNACKNOWLEDGE: unacknowledge,
    ActKind.UPDATE: update,
    ActKind.NOTE: note,
    ActKind.SEVERITY: severity,
    ActKind.IMPACT: impact,
    ActKind.ROLE: role,
    ActKind.MITIGATE: mitigate,
    ActKind.RELAPSE: relapse,
    ActKind.RESOLVE: resolve,
    ActKind.REOPEN: reopen,
    ActKind.DECLINE: decline,
    ActKind.MERGE: merge,
    ActKind.CLOSE: close,
    ActKind.ESCALATE: escalate,
    ActKind.PAGE: page,
    ActKind.TIME: correct_time,
    ActKind.LOOK: look,
    ActKind.BEGIN: begin,
    ActKind.ALERTS: alerts,
    ActKind.OUTCOME: outcome,
}
