"""All kinds of findings, in the order in which they are told: the worst first."""

from collections.abc import Callable, Iterator, Sequence

from worker.oncall.findings.absent_turns import find_absent_turns
from worker.oncall.findings.broken_rows import find_broken_rows
from worker.oncall.findings.double_duty import find_double_duty
from worker.oncall.findings.finding import Finding, Severity
from worker.oncall.findings.gaps import find_gaps
from worker.oncall.findings.handovers import find_handovers
from worker.oncall.findings.hidden_layers import find_hidden_layers
from worker.oncall.findings.idle_overrides import find_idle_overrides
from worker.oncall.findings.idle_people import find_idle_people
from worker.oncall.findings.leaps import find_leaps
from worker.oncall.findings.levels import find_untold_levels
from worker.oncall.findings.long_runs import find_long_runs
from worker.oncall.findings.paging import find_unreadable_ways
from worker.oncall.findings.people import find_unreachable_people
from worker.oncall.findings.policies import find_dead_ends
from worker.oncall.findings.seams import find_seams
from worker.oncall.findings.services import find_service_faults
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.unknown_ids import find_unknown_ids

KINDS: Sequence[Callable[[Survey], Iterator[Finding]]] = (
    find_broken_rows,
    find_gaps,
    find_unreachable_people,
    find_unreadable_ways,
    find_unknown_ids,
    find_service_faults,
    find_untold_levels,
    find_dead_ends,
    find_absent_turns,
    find_idle_overrides,
    find_hidden_layers,
    find_idle_people,
    find_handovers,
    find_seams,
    find_leaps,
    find_double_duty,
    find_long_runs,
)


def find(survey: Survey) -> list[Finding]:
    """Faults before notes."""
    found = [finding for kind in KINDS for finding in kind(survey)]
    return sorted(found, key=lambda finding: finding.severity is not Severity.FAULT)
