"""What is over and old is deleted whole, and nothing else is, wherever a run is ended."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from aged_incidents import KEEP, AgedIncidents
from memory_table import straight

from worker.domain.alert_identity import identity
from worker.domain.alert_status import Disposition
from worker.domain.audit import AuditRecord
from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.domain.errors import Misconfigured, Unreachable
from worker.domain.event import Event
from worker.domain.lease import AlreadyLaunched
from worker.domain.states import LaunchState
from worker.retention.export import Export
from worker.retention.left_over import LEFT_OVERS
from worker.storage import partitions as partitions_of_the_table
from worker.storage.partitions import INDEX, MARKS, TURNS

OLD = KEEP + timedelta(days=5)
VERY_OLD = 2 * KEEP + timedelta(days=5)
YOUNG = KEEP - timedelta(days=5)
NOTHING = set()


class Killed(Exception):
    """The process is gone: nothing that it calls from then on happens."""


class Line:
    """Counts the writes of a process, and ends it at one of them: before it is applied, or with its answer lost."""

    def __init__(self, at, *, applied):
        self.left = at
        self.applied = applied

    async def __call__(self, kind, name, happen):
        del name
        if self.left < 0 or (kind == "write" and self.left == 0):
            if self.left == 0 and self.applied:
                happen()
            self.left = -1
            raise Killed
        self.left -= kind == "write"
        return happen()


@pytest.fixture
def aged():
    return AgedIncidents()


def partitions(aged):
    return {name for name in aged.table.partitions() if name != TURNS}


async def run(aged, directory=None, *, delete=True):
    return await aged.retention().run(Export(directory), delete=delete)


OVER = {
    "raised by a person": lambda aged: aged.raised("a", OLD),
    "too large for a message": lambda aged: aged.raised("a", OLD, large=True),
    "all its alerts resolved": lambda aged: aged.alerted("a", OLD, resolved=True),
    "long without an alert": lambda aged: aged.alerted("a", OLD),
    "of large alerts": lambda aged: aged.alerted("a", OLD, large=True),
    "failed long ago": lambda aged: aged.alerted("a", VERY_OLD, state=LaunchState.FAILED),
    "answered and closed": lambda aged: aged.answered("a", OLD, "acknowledged", "resolved", "closed"),
    "declined": lambda aged: aged.answered("a", OLD, "declined"),
    "an end without a beginning": lambda aged: aged.recorded("a", OLD),
}


@pytest.mark.parametrize("make", OVER.values(), ids=OVER)
async def test_what_is_over_and_old_goes_with_all_that_belongs_to_it(aged, make):
    """No row in any partition is left of it, and a run that changes nothing says the same beforehand."""
    await make(aged)
    foreseen = await run(aged, delete=False)
    before = sum(map(len, aged.table.partitions().values()))
    done = await run(aged)
    assert partitions(aged) == NOTHING
    assert foreseen.model_dump(exclude={"dry_run"}) == done.model_dump(exclude={"dry_run"})
    assert done.rows == before
    assert (await run(aged)).rows == 0


STAYS = {
    "young": (lambda aged: aged.alerted("a", YOUNG, resolved=True), "too young"),
    "launching": (
        lambda aged: aged.alerted("a", VERY_OLD, state=LaunchState.LAUNCHING, alerts=1, large=True),
        "launching",
    ),
    "open": (lambda aged: aged.answered("a", VERY_OLD, "open"), "people are at it"),
    "reopened": (lambda aged: aged.answered("a", VERY_OLD, "closed", "open"), "people are at it"),
    "mitigated": (lambda aged: aged.answered("a", VERY_OLD, "mitigated"), "people are at it"),
    "closed lately": (lambda aged: aged.answered("a", YOUNG, "closed"), "too young"),
    "nobody told": (lambda aged: aged.raised("a", VERY_OLD, state=LaunchState.NOBODY_TOLD), "nobody was told"),
    "failed and not yet twice as old": (
        lambda aged: aged.raised("a", OLD, state=LaunchState.FAILED, large=True),
        "too young",
    ),
}


@pytest.mark.parametrize(("make", "why"), STAYS.values(), ids=STAYS)
async def test_what_is_young_or_open_stays_whole(aged, make, why):
    """Not one row is changed, of its alerts or of what is stored apart of it either."""
    await make(aged)
    before = aged.table.versions()
    done = await run(aged)
    assert done.rows == 0
    assert set(done.kept) <= {why}
    assert aged.table.versions().items() >= before.items()


@pytest.mark.parametrize("spoken_of", ["the incident", "its fingerprint", "its event"])
async def test_what_a_dead_letter_speaks_of_stays_whole(aged, spoken_of):
    """A replay goes on where the launch stopped, however long ago that was."""
    incident = await aged.alerted("a", VERY_OLD, state=LaunchState.FAILED, large=True)
    event_id = incident.event.remainder.partition("-")[0]
    aged.subjects = {
        "the incident": DeadLetterSubjects(incidents={incident.id}),
        "its fingerprint": DeadLetterSubjects(identities={identity(incident.event)}),
        "its event": DeadLetterSubjects(events={event_id}),
    }[spoken_of]
    pointing = {f"alerts:{incident.id}", f"identity:{identity(incident.event)}", f"aside:{event_id}", incident.id}
    before = {key: version for key, version in aged.table.versions().items() if key[0] in pointing}
    assert (await run(aged)).kept == {"named by a dead letter": 1}
    assert aged.table.versions().items() >= before.items()


async def test_what_a_dead_letter_speaks_of_may_not_have_begun(aged):
    """Its fingerprint keeps its place though no incident is there, and so does what was done to its message."""
    before = aged.table.versions()
    incident = await aged._received(Event(title="a", source="grafana", fingerprint="a"), OLD)
    await aged.grouper.place(incident)
    await aged.stores.audit.add(incident.id, AuditRecord(action="replay", who="ada", details={}))
    aged.table.age(before, OLD + KEEP * 10)
    before = aged.table.versions()
    aged.subjects = DeadLetterSubjects({incident.id}, {identity(incident.event)})
    await run(aged)
    assert aged.table.versions().items() >= before.items()
    aged.subjects = DeadLetterSubjects()
    await run(aged)
    assert partitions(aged) == NOTHING


async def test_what_people_did_to_no_incident_is_kept_for_a_year(aged):
    """An entry of the audit goes by its own age."""
    for days in (100, 366):
        before = aged.table.versions()
        await aged.stores.audit.add(None, AuditRecord(action="roster-import", who=f"{days}", details={}))
        aged.table.age(before, timedelta(days=days))
    assert (await run(aged)).deleted == {"audit": 1}
    assert [record.who for record in await aged.stores.audit.read(None)] == ["100"]


async def test_a_fingerprint_whose_incident_is_gone_opens_another(aged):
    """What fired in the deleted incident fires anew, in an incident that is launched."""
    await aged.alerted("a", OLD, resolved=True)
    await run(aged)
    firing = Event(title="a", source="prometheus", service="a", fingerprint="a", occurred_at=datetime.now(UTC))
    placed = await aged.grouper.place(await aged._received(firing, timedelta()))
    assert placed.disposition is Disposition.OPENED


async def test_an_incident_of_which_a_part_is_left_goes_as_well(aged):
    """Rows that somebody wrote while it was deleted are found without the list."""
    before = aged.table.versions()
    await aged.stores.audit.add("inc-0000000000", AuditRecord(action="acknowledge", who="ada", details={}))
    await aged.stores.duplicates.add("inc-0000000000", "work-item:2", {}, again=False)
    await aged.alert_store.close("inc-0000000000")
    for name in ("response:inc-0000000000", "lane:inc-0000000000:words", "lane:inc-0000000000:tells-7"):
        aged.table.transact([("create", {"PartitionKey": name, "RowKey": "state"})])
    aged.table.age(before, 10 * KEEP)
    await run(aged)
    assert partitions(aged) == NOTHING


async def test_more_rows_than_one_transaction_takes(aged):
    """Of an incident with hundreds of entries none is left."""
    incident = await aged.raised("a", OLD)
    before = aged.table.versions()
    for _ in range(250):
        await aged.stores.audit.add(incident.id, AuditRecord(action="comment", who="ada", details={}))
    aged.table.age(before, OLD)
    await run(aged)
    assert partitions(aged) == NOTHING


async def test_rows_that_nobody_can_read_stay_with_what_is_stored_apart(aged):
    """A row of a later or an earlier version is no reason to end the run, or to guess."""
    incident = await aged.raised("a", OLD, large=True)
    await aged.raised("b", OLD)
    row = {"PartitionKey": incident.id, "RowKey": "lease", "state": "of another version"}
    before = aged.table.versions()
    aged.table.transact([("upsert", row, {"mode": "merge"})])
    aged.table.age(before, OLD)
    done = await run(aged)
    assert done.kept == {"cannot be read": 1}
    assert done.deleted["incidents"] == 1
    assert "aside:" + incident.event.remainder.partition("-")[0] in partitions(aged)


@pytest.fixture
async def scene(aged):
    """Two that are to go, with all that may belong to one, and two that are to stay."""
    gone = [
        await aged.alerted("gone", OLD, resolved=True, alerts=2),
        await aged.raised("gone too", OLD, large=True),
    ]
    stays = [await aged.alerted("stays", YOUNG), await aged.alerted("open", OLD, state=LaunchState.LAUNCHING)]
    return aged, gone, stays


async def a_run_that_is_killed(scene, at, directory, *, applied):
    """The incidents after a run whose process ended at this write, or None where it came to its end before."""
    original, gone, stays = scene
    aged = original.copied()
    kept = {key: each for key, each in aged.table.versions().items() if set(key[0].split(":")) & {i.id for i in stays}}
    aged.reach(Line(at, applied=applied))
    rows = {key for key in aged.table.versions() if key[0] != TURNS}
    try:
        await run(aged, directory)
    except Killed:
        aged.reach(straight)
        return aged, gone, kept, rows
    return None


@pytest.mark.parametrize("applied", [False, True], ids=["before a write", "after it"])
async def test_a_run_may_be_killed_at_any_write(scene, tmp_path, applied):
    """What is deleted stands in the export, nothing is shown in half, no copy launches again what is not gone, and
    the next run leaves what it would have left."""
    at = 0
    while (killed := await a_run_that_is_killed(scene, at, tmp_path / f"{at}", applied=applied)) is not None:
        aged, gone, kept, rows = killed
        deleted = rows - set(aged.table.versions())
        assert deleted <= {(row["PartitionKey"], row["RowKey"]) for row in exported_rows(tmp_path / f"{at}")}
        assert aged.table.versions().items() >= kept.items()
        for incident in gone:
            record = await aged.stores.incidents.record(incident.id)
            assert record is None or record.steps[0].result == {"id": 7}
            if record is not None:
                assert isinstance(await aged.stores.incidents.lease(incident, []), AlreadyLaunched)
        await aged.stores.listing.newest(10)
        await run(aged)
        assert not {name for name in partitions(aged) for each in gone if each.id in name}
        assert not [name for name in partitions(aged) if identity(gone[0].event) in name]
        assert aged.table.versions().items() >= kept.items()
        at += 1
    assert at > 7


def exported_rows(directory):
    lines = [json.loads(line) for file in directory.glob("*") for line in file.read_text().splitlines()]
    return [row for line in lines for row in line["rows"]]


async def test_what_somebody_changes_meanwhile_stays(aged):
    """An incident that was leased since it was read is not touched, and neither is anything of it."""
    incident = await aged.alerted("a", OLD)
    keys = set(aged.table.versions())

    leases = []

    async def leasing(kind, name, happen):
        del name
        if kind == "write" and not leases:
            aged.reach(straight)
            leases.append(await aged.stores.incidents.lease_launched(incident.id))
        return happen()

    aged.reach(leasing)
    retention = aged.retention()
    assert (await retention.run(Export(None), delete=True)).kept == {"changed meanwhile": 1}
    assert set(aged.table.versions()) >= keys


async def test_every_kind_of_partition_has_its_age(scene):
    """Whatever is written into the table is looked at by a run, or goes with what is."""
    aged, *_ = scene
    await aged.recorded("an end", YOUNG)
    await aged.stores.audit.add(None, AuditRecord(action="roster-import", who="ada", details={}))
    await run(aged)
    looked_at = tuple(kind.beginning for kind in LEFT_OVERS)
    assert {name for name in aged.table.partitions() if not name.startswith(looked_at)} == {INDEX, TURNS}
    kinds = {value for name, value in vars(partitions_of_the_table).items() if name.isupper()}
    assert kinds == {*looked_at, INDEX, TURNS, MARKS}


async def test_a_senders_key_is_remembered_after_its_incident(aged):
    """Told again, it opens another incident: the first one's channel and work item are still there."""
    first = await aged.keyed("disk-db1", VERY_OLD)
    await run(aged)
    assert set(partitions(aged)) == {f"identity:{identity(first.event)}"}
    again = await aged.keyed("disk-db1", YOUNG)
    assert again.id != first.id


async def test_two_runs_at_once_delete_what_one_would(aged, tmp_path):
    """Whoever comes second finds rows gone, and goes on with the next."""
    for number in range(10):
        await aged.alerted(f"{number}", OLD, resolved=number % 2 == 0)
    await asyncio.gather(run(aged, tmp_path), run(aged, tmp_path))
    await run(aged)
    assert partitions(aged) == NOTHING


async def test_an_answer_that_is_lost_costs_nothing(aged):
    """The deletion is asked for again, and that its rows are gone by then is no fault."""
    await aged.alerted("a", OLD, large=True)
    losses = [Unreachable("The answer was lost.", retry_after=timedelta(milliseconds=1))]

    async def losing(kind, name, happen):
        del name
        answer = happen()
        if kind == "write" and losses:
            raise losses.pop()
        return answer

    aged.reach(losing)
    await run(aged)
    await run(aged)
    assert not losses
    assert partitions(aged) == NOTHING


async def test_what_goes_is_exported_as_it_was_shown_and_stored(aged, tmp_path):
    """The one file of a run is for its owner alone, and has each incident with its rows, and all the others."""
    incident = await aged.alerted("a", OLD, large=True)
    shown = await aged.alert_store.with_alerts(await aged.stores.incidents.record(incident.id))
    rows = {key for key in aged.table.versions() if key[0] != TURNS}
    done = await run(aged, tmp_path / "new")
    [file] = (tmp_path / "new").iterdir()
    assert done.export == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {(row["PartitionKey"], row["RowKey"]) for row in exported_rows(tmp_path / "new")} == rows
    first = json.loads(file.read_text().splitlines()[0])
    assert (first["kind"], first["incident"]) == ("incident", shown.model_dump(mode="json"))
    lease = next(row for row in first["rows"] if row["RowKey"] == "lease")
    assert lease["received_at@odata.type"] == "Edm.DateTime"
    [aside] = [row for row in first["rows"] if "rest_0" in row]
    assert aside["rest_0@odata.type"] == "Edm.Binary"


async def test_nothing_is_deleted_that_cannot_be_exported(aged, tmp_path):
    """A directory that cannot be written to is named, and every row stays."""
    await aged.alerted("a", OLD)
    before = aged.table.versions()
    taken = tmp_path / "a file"
    taken.write_text("")
    with pytest.raises(Misconfigured, match="Name a directory"):
        await run(aged, taken)
    assert aged.table.versions() == before


@pytest.mark.parametrize("seed", range(4))
async def test_exactly_what_is_over_and_old_goes(aged, seed):
    """Of any incidents, those stay and are found that are young, open or spoken of; all others are gone."""
    chance = random.Random(seed)
    expected, named = set(), set()
    for number in range(12):
        age = chance.choice((YOUNG, OLD, VERY_OLD))
        state = chance.choice(tuple(LaunchState))
        make = chance.choice((aged.raised, aged.alerted))
        incident = await make(f"{number}", age, state=state, large=chance.random() < 0.1)
        spoken_of = chance.random() < 0.2
        named |= {incident.id} if spoken_of else set()
        never = state in {LaunchState.LAUNCHING, LaunchState.NOBODY_TOLD}
        enough = VERY_OLD if state is LaunchState.FAILED else OLD
        expected |= {incident.id} if never or spoken_of or age < enough else set()
    aged.subjects = DeadLetterSubjects(named)
    await run(aged)
    assert {history.incident_id for history in await aged.stores.listing.newest(100)} == expected
    assert {name for name in partitions(aged) if name.startswith("inc-")} == expected
    for incident_id in expected:
        assert await aged.stores.incidents.record(incident_id) is not None
