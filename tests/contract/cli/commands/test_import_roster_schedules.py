"""Files of schedules by command: planned, imported as people saw it, and never over what people made meanwhile."""

import asyncio
import json
import threading

import pytest

from worker.cli import definition_import
from worker.cli.roster_access import record_changes
from worker.oncall.stored.table import open_schedules
from worker.settings import Settings
from worker.storage.stores import open_stores

OVERRIDE = (
    "roster",
    "override",
    "checkout",
    "--person",
    "eve",
    "--from",
    "2037-06-03T18:00",
    "--to",
    "2037-06-04T08:00",
)
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Old tool//EN
BEGIN:VEVENT
UID:1
SUMMARY:Eve
DTSTART:20370601T090000Z
DTEND:20370602T090000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def stored(connection, schedules):
    """Reads what stands in the table of schedules."""

    async def read():
        names = {"tables_connection_string": connection, "tables_schedules": schedules}
        async with open_schedules(Settings.read(_env_file=None, **names), None) as table:
            return (await table.stored()).definitions

    return read


async def test_a_plan_tells_whose_shifts_move_and_an_import_does_it(tocsin, rota, stored, settings):
    """Overrides that people made stay; what is done is recorded, and the same file again changes nothing."""
    await tocsin(*OVERRIDE)
    rota.write_text(rota.read_text().replace("people: [ada, ben]", "people: [ben, ada]"))
    rota.write_text(rota.read_text().replace("2037-06-01T09:00", "2026-06-01T09:00"))
    planned = json.loads((await tocsin("roster", "plan", rota.name, "--json")).stdout)
    assert (planned["done"], planned["file"]) == (False, "rota.yaml")
    assert {each["schedule"] for each in planned["moves"]} == {"checkout"}
    assert any("gets" in sentence for move in planned["moves"] for sentence in move["sentences"])
    assert (await stored()).schedules["checkout"].version == 1
    done = json.loads((await tocsin("roster", "import", rota.name, "--yes", "--json")).stdout)
    assert (done["done"], done["changes"]) == (True, planned["changes"])
    (schedule,) = (await stored()).schedules.values()
    assert [each.person for each in schedule.overrides] == ["eve"]
    assert schedule.version == 2
    again = await tocsin("roster", "plan", rota.name, "--yes")
    assert "says what stands there already" in again.stderr
    async with open_stores(settings, owner="test") as store:
        [_, record] = await store.audit.read(None)
    assert (record.action, record.details["file"]) == ("import", "rota.yaml")


async def test_a_file_with_faults_changes_nothing_and_all_are_named(tocsin, rota, stored):
    """Each with its line."""
    before = await stored()
    rota.write_text(rota.read_text().replace("1 week", "1 fortnight").replace("Europe/Berlin\n", "CET+1\n"))
    told = await tocsin("roster", "import", rota.name, "--yes", code=1)
    assert "line 8" in str(told.exception)
    assert "line 10" in str(told.exception)
    assert await stored() == before


async def test_of_two_who_import_at_once_one_is_told(tocsin, rota, stored, monkeypatch):
    """Both have read before either writes; what the other wrote stands whole."""
    both = threading.Barrier(2, timeout=30)

    async def record_together(*given, **details):
        await asyncio.to_thread(both.wait)
        await record_changes(*given, **details)

    monkeypatch.setattr(definition_import, "record_changes", record_together)
    files = []
    for number, given in enumerate(["[eve, ada]", "[ben, eve]"]):
        file = rota.with_name(f"rota{number}.yaml")
        text = rota.read_text().replace("people: [ada, ben]", f"people: {given}")
        file.write_text(text.replace("name: Ada,", f"name: Ada {number},"))
        files.append(file.name)
    together = [tocsin("roster", "import", name, "--now", "--yes", code=None) for name in files]
    ended = await asyncio.gather(*together)
    (loser,) = [each for each in ended if each.exit_code]
    assert loser.exit_code == 1
    assert "changed meanwhile by" in str(loser.exception)
    winner = str(ended.index(loser) ^ 1)
    after = await stored()
    assert after.people["ada"].name == f"Ada {winner}"
    assert after.schedules["checkout"].layers[0].people == ((("eve",), ("ada",)), (("ben",), ("eve",)))[int(winner)]


async def test_an_import_that_was_killed_in_the_midst_is_finished_by_the_next(tocsin, rota, stored):
    """The first half stands there; the same file says the rest."""
    whole = (
        rota.read_text()
        + "  search: {schedules: [checkout]}\npolicies:\n  calm: {levels: [{notify: ada, wait: 5 min}]}\n"
    )
    rota.write_text(whole.replace("notify: ada", 'notify: ["person:ada"]'))
    (rota.with_name("half.yaml")).write_text("services:\n  search: {schedules: [checkout]}\n")
    await tocsin("roster", "import", "half.yaml", "--yes")
    done = json.loads((await tocsin("roster", "import", rota.name, "--yes", "--json")).stdout)
    assert [(each["section"], each["name"]) for each in done["changes"]] == [("policies", "calm")]
    after = await stored()
    assert (set(after.policies), set(after.services)) == ({"calm"}, {"checkout", "search"})


async def test_an_old_calendar_becomes_a_schedule(tocsin, rota, stored):
    """With its report; the name is the file's, or the one that is given."""
    rota.with_name("old.ics").write_text(CALENDAR)
    told = await tocsin("roster", "import", "old.ics", "--schedule", "nights", "--yes")
    assert "overrides for 1 person" in " ".join(told.stderr.split())
    (made,) = (await stored()).schedules["nights"].overrides
    assert made.person == "eve"


@pytest.mark.parametrize(
    "words",
    [
        ("rota.yaml", "--remove-missing"),
        ("rota.yaml", "--schedule", "x"),
        ("people.csv", "--now"),
    ],
)
async def test_what_does_not_belong_together_is_wrong_use(tocsin, tmp_path, words):
    """Nothing is read from a table for it."""
    (tmp_path / "rota.yaml").write_text("people: {}\n")
    (tmp_path / "people.csv").write_text("name,email,oncall\n")
    await tocsin("roster", "import", *words, code=2)
