"""Whoever wants to undoes what somebody did; a whole thing goes only when nothing needs it, and when it is said."""

import json

from worker.oncall.stored.table import open_schedules
from worker.settings import Settings


async def on_call(tocsin, at):
    told = await tocsin("roster", "who", "checkout", "--at", at, "--json")
    return [each["person"] for each in json.loads(told.stdout)["on_call"]]


async def test_a_swap_is_made_and_undone_as_one(tocsin, rota):
    """By a time within each shift; the id is of both halves, and what undoes it is undone by what it prints."""
    swap = ("roster", "swap", "checkout", "ada", "2037-06-03T12:00", "ben", "2037-06-10T12:00")
    told = json.loads((await tocsin(*swap, "--json")).stdout)
    assert [await on_call(tocsin, at) for at in ("2037-06-02T12:00", "2037-06-09T12:00")] == [["ben"], ["ada"]]
    undone = json.loads((await tocsin("roster", "remove", told["id"], "--json")).stdout)
    assert [await on_call(tocsin, at) for at in ("2037-06-02T12:00", "2037-06-09T12:00")] == [["ada"], ["ben"]]
    await tocsin(*undone["undo"].split()[1:])
    assert await on_call(tocsin, "2037-06-02T12:00") == ["ben"]


async def test_an_absence_tells_the_gap_that_it_opens_and_is_undone(tocsin, rota):
    """With the command that closes the gap, by the person's clock."""
    away = ("roster", "away", "ada", "--from", "2037-06-03T09:00", "--to", "2d", "--reason", "fair")
    told = json.loads((await tocsin(*away, "--json")).stdout)
    assert [(each["from"], each["to"]) for each in told["gaps"]] == [("2037-06-03T07:00Z", "2037-06-05T07:00Z")]
    assert told["gaps"][0]["command"].startswith("tocsin roster override checkout --person NAME")
    assert told["id"] == "ada@x.example:2037-06-03T07:00Z"
    undone = await tocsin(*told["undo"].split()[1:])
    assert "Ada gets Wed 3 Jun 09:00" in undone.stdout
    assert await on_call(tocsin, "2037-06-04T09:00") == ["ada"]


async def test_a_thing_goes_once_nothing_needs_it(tocsin, rota):
    """The schedule is refused while the service lists it; what goes is told first."""
    refused = await tocsin("roster", "remove", "schedule:checkout", "--yes", code=1)
    assert "still needed, and nothing was changed: by the service checkout" in str(refused.exception)
    await tocsin("roster", "remove", "service:checkout", "--yes")
    tried = await tocsin("roster", "remove", "schedule:Checkout")
    assert "Ada no longer has Mon 1 Jun 09:00" not in tried.stdout
    assert "say the same with --yes" in tried.stderr
    assert "ada" in (await tocsin("roster", "shifts", "checkout", "--at", "2037-06-03T09:00", "--json")).stdout
    await tocsin("roster", "remove", "schedule:checkout", "--yes")
    assert json.loads((await tocsin("roster", "shifts", "--json")).stdout)["shifts"] == []


async def test_a_row_is_taken_out_by_its_keys(tocsin, rota, connection, schedules):
    """As lint prints them, be it that it cannot be read."""
    names = {"tables_connection_string": connection, "tables_schedules": schedules}
    broken = {"PartitionKey": "schedule:checkout", "RowKey": "layer:night", "starts": "some day"}
    async with open_schedules(Settings.read(_env_file=None, **names), None) as table:
        await table.client.create_entity(broken)
        tried = await tocsin("roster", "remove", "schedule:checkout/layer:night")
        assert "say the same with --yes" in tried.stderr
        await tocsin("roster", "remove", "schedule:checkout/layer:night", "--yes")
        assert not (await table.stored()).broken


async def test_who_takes_a_service_has_it_for_a_while(tocsin, rota):
    """TOCSIN_ME would say who it is."""
    told = json.loads((await tocsin("roster", "take", "checkout", "2h", "--person", "ben", "--json")).stdout)
    assert [each["person"] for each in told["overrides"]] == ["ben"]
    now = json.loads((await tocsin("roster", "who", "checkout", "--json")).stdout)
    assert [each["person"] for each in now["on_call"]] == ["ben"]
