"""An override by command: done at once, told, recorded, and undone by whoever wants to."""

import json

from worker.storage.stores import open_stores

# Long ahead, so that the days of the test do not count.
COVER = ("roster", "override", "checkout", "--person", "eve", "--from", "2037-06-03T18:00", "--to", "2037-06-04T08:00")


async def records(settings):
    async with open_stores(settings, owner="test") as store:
        await store.table.prepare()
        return await store.audit.read(None)


async def people_at(tocsin, at):
    told = await tocsin("roster", "who", "checkout", "--at", at, "--json")
    return [each["person"] for each in json.loads(told.stdout)["on_call"]]


async def test_an_override_is_done_at_once_told_and_recorded(tocsin, rota, settings):
    """Whose shifts move stands on standard output, by the schedule's clock, with the command that undoes it."""
    told = await tocsin(*COVER, "--reason", "Concert")
    lines = told.stdout.splitlines()
    assert lines[0] == "Eve covers checkout, Wed 3 Jun 18:00 \N{EN DASH} Thu 4 Jun 08:00 (Europe/Berlin)"
    assert lines[1] == "  Ada gives Wed 3 Jun 18:00 \N{EN DASH} Thu 4 Jun 08:00 of checkout to Eve"
    assert await people_at(tocsin, "2037-06-03T20:00") == ["eve"]
    (record,) = await records(settings)
    assert (record.action, record.details["reason"]) == ("override", "Concert")
    assert record.details["changes"] == [" ".join(line.split()) for line in lines[:2]]
    (undo,) = [line.removeprefix("To undo it: ") for line in lines if line.startswith("To undo it: ")]
    undone = await tocsin(*undo.split()[1:])
    assert await people_at(tocsin, "2037-06-03T20:00") == ["ada"]
    assert "Eve gives Wed 3 Jun 18:00 \N{EN DASH} Thu 4 Jun 08:00 of checkout to Ada" in undone.stdout
    again = undone.stdout.splitlines()[-1].removeprefix("To have it again: tocsin ")
    assert [each.action for each in await records(settings)] == ["override", "remove"]
    await tocsin(*again.split())
    assert await people_at(tocsin, "2037-06-03T20:00") == ["eve"]


async def test_programs_read_what_moved_and_what_undoes_it(tocsin, rota):
    """Times in UTC; a dry run changes nothing."""
    tried = json.loads((await tocsin(*COVER, "--dry-run", "--json")).stdout)
    assert (tried["done"], tried["id"], tried["undo"]) == (False, None, None)
    assert await people_at(tocsin, "2037-06-03T20:00") == ["ada"]
    told = json.loads((await tocsin(*COVER, "--json")).stdout)
    assert told["undo"] == f"tocsin roster remove {told['id']}"
    assert [(each["from"], each["to"], each["before"], each["after"]) for each in told["moves"]] == [
        ("2037-06-03T16:00Z", "2037-06-04T06:00Z", ["ada"], ["eve"])
    ]


async def test_what_has_no_effect_is_refused(tocsin, rota, settings):
    """With why; nothing is changed, and nothing recorded."""
    told = await tocsin(*COVER, "--person", "ada", code=1)
    assert "Ada alone is on call for checkout already" in str(told.exception)
    assert await records(settings) == []


async def test_whom_nobody_knows_is_wrong_use(tocsin, rota):
    """Who is like it is offered, and nothing is guessed."""
    told = await tocsin(*COVER, "--person", "eva", code=2)
    assert "nobody is called 'eva'; do you mean eve?" in " ".join(told.stderr.replace("\u2502", "").split())


async def test_what_is_taken_of_a_time_and_a_person_is_said(tocsin, rota):
    """A time that comes twice in the night on which the clock is set back; an address of nobody known."""
    limits = ("--from", "2037-10-25T02:30", "--to", "2037-10-25T08:00")
    told = await tocsin(*COVER, "--person", "zoe@x.example", *limits, "--json")
    assert "2037-10-25 02:30 comes twice in Europe/Berlin" in told.stderr
    assert "zoe@x.example is known to no table" in told.stderr
    assert json.loads(told.stdout)["from"] == "2037-10-25T00:30Z"
