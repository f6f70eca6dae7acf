"""What becomes of a duplicate that a sweep finds: each outcome, what is noted of it, and how often it is repaired."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from somebody_told import SomebodyTold

from worker.domain.errors import Forbidden, Unknown, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.engine.duplicates import Duplicate
from worker.engine.sweep import Finding, RepairOutcome, Sweep

INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))
HOUR = timedelta(hours=1)


@dataclass
class Finder:
    """Finds what it is told, whose repair ends as it is told."""

    step = SomebodyTold
    found: list[Duplicate] = field(default_factory=list)
    error: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    async def duplicates(self, incident, done):
        self.asked.append(incident)
        if self.error:
            raise self.error
        return self.found


class Repair:
    def __init__(self, *ends):
        self.ends = list(ends)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def sweep(stores):
    """Over one incident whose launch has ended, or not."""

    async def swept(finder, *, repair=True, since=HOUR, state=LaunchState.LAUNCHED):
        if await stores.incidents.summary(INCIDENT.id) is None:
            lease = await stores.incidents.lease(INCIDENT, [])
            await stores.listing.add(INCIDENT)
            await stores.incidents.commit(lease, [], Closing(state))
        return await Sweep(stores, (SomebodyTold(),), lambda: [finder]).run(since, repair=repair)

    return swept


def notes(table):
    rows = table.partitions()[INCIDENT.id]
    return {row["RowKey"]: (row["outcome"], row["because"]) for row in rows if row["RowKey"].startswith("duplicate:")}


ENDS = {
    "repaired": (Repair(True), "repaired", 1, ""),
    "somebody was quicker": (Repair(False), "gone", 1, ""),
    "refused": (Repair(Forbidden("No right.")), "failed", 1, "No right."),
    "a lost answer": (Repair(Unknown("Lost."), False), "repaired", 2, ""),
    "a lost answer and a refusal": (Repair(Unknown("Lost."), Forbidden("No right.")), "failed", 2, "No right."),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_each_end_of_a_repair_is_told_and_noted(sweep, table, end):
    """What was done stays known; what somebody else did is noted as it was found."""
    repair, outcome, calls, because = end
    swept = await sweep(Finder([Duplicate("task", "2", "1", repair=repair)]))
    [finding] = swept.findings
    told = Finding(incident_id=INCIDENT.id, kind="task", id="2", kept="1", outcome=outcome, because=because)
    assert (finding, repair.calls) == (told, calls)
    assert notes(table) == {"duplicate:task:2": ("found" if outcome == "gone" else outcome, because)}
    assert (swept.incidents, swept.count(RepairOutcome(outcome))) == (1, 1)
    assert swept.counts == {"incidents": 1, **dict.fromkeys(RepairOutcome, 0), outcome: 1}


async def test_what_is_left_to_people_is_noted_once(sweep, table):
    """With the reason; the next sweep finds it again and changes nothing of the note."""
    finder = Finder([Duplicate("channel", "b", "a", because="People may be talking in it.")])
    for _ in range(2):
        [finding] = (await sweep(finder)).findings
        assert (finding.outcome, finding.because) == (RepairOutcome.LEFT, "People may be talking in it.")
    assert notes(table) == {"duplicate:channel:b": ("left", "People may be talking in it.")}


async def test_who_only_looks_changes_and_notes_nothing(sweep, table):
    """What could be repaired is told apart from what is left to people."""
    repair = Repair()
    finder = Finder([Duplicate("task", "2", "1", repair=repair), Duplicate("channel", "b", "a", because="People.")])
    findings = (await sweep(finder, repair=False)).findings
    assert [finding.outcome.value for finding in findings] == ["found", "left"]
    assert (repair.calls, notes(table)) == (0, {})


async def test_a_look_that_fails_is_a_finding_of_its_own(sweep):
    """It names the step, and what came back."""
    [finding] = (await sweep(Finder(error=Unreachable("Boards did not answer.")))).findings
    failed = {"kind": "tell-somebody", "outcome": "failed", "because": "Boards did not answer."}
    assert finding == Finding(incident_id=INCIDENT.id, **failed)


@pytest.mark.parametrize(
    ("state", "looked"), [(LaunchState.LAUNCHED, 1), (LaunchState.FAILED, 1), (LaunchState.LAUNCHING, 0)]
)
async def test_a_step_that_is_under_way_is_left_to_itself(sweep, state, looked):
    """Its own look decides what counts; whatever has ended is looked at."""
    finder = Finder()
    assert (await sweep(finder, state=state)).incidents == 1
    assert [incident.id for incident in finder.asked] == [INCIDENT.id] * looked


async def test_the_finder_is_asked_about_the_incident_as_it_is_stored(sweep):
    """By its key, event and time: all marks are made of them."""
    finder = Finder()
    await sweep(finder)
    [incident] = finder.asked
    assert (incident.key, incident.event) == (INCIDENT.key, INCIDENT.event)
    assert abs(incident.received_at - INCIDENT.received_at) < timedelta(milliseconds=1)


async def test_what_was_not_touched_lately_is_not_looked_at(sweep):
    """A sweep goes back as far as it is told."""
    finder = Finder()
    assert (await sweep(finder, since=timedelta(seconds=-30))).incidents == 0
    assert finder.asked == []
