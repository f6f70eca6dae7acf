"""Definitions written to the table of schedules, against Azurite: by one, and by two at once."""

import asyncio
from dataclasses import replace

import pytest
from brief_definitions import definitions, week

from worker.domain.errors import Rejected
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.moments import read_moment
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.stored.keys import Kind as ThingKind
from worker.oncall.stored.keys import Thing
from worker.oncall.stored.writing import ChangedMeanwhile, SchedulesWriter

PEOPLE = {name: {"email": f"{name}@contoso.example"} for name in ("ada", "ben")}
COVER = Override(Kind.COVER, "ben", read_moment("2026-06-10T20:00"), read_moment("2026-06-11T08:00"), reason="Concert")


def swap(person, other):
    start = read_moment("2026-06-12T08:00" if person == "ben" else "2026-06-19T08:00")
    return Override(Kind.REPLACE, person, start, replace(start, minute=start.minute + 1440), other, swap="swap-0")


async def stand(table, **given):
    """Let that stand in the table, beside what does."""
    await SchedulesWriter(table, "lea").replace(definitions(**given), await table.stored())


async def test_what_is_written_is_read_and_tells_who_wrote_it(opened):
    """A table that was missing is made; the schedule's version goes up with each import that changes it."""
    async with opened() as table:
        await stand(table, people=PEOPLE, schedules={"checkout": week("ada", "ben")}, services={"checkout": {}})
        first = (await table.stored()).definitions
        await stand(table, schedules={"checkout": week("ben", "ada")})
        await stand(table, schedules={"checkout": week("ben", "ada")})
        second = (await table.stored()).definitions
    assert (first.schedules["checkout"].version, first.schedules["checkout"].changed_by) == (1, "lea")
    assert second.schedules["checkout"].version == 2
    assert second.schedules["checkout"].layers[0].people == (("ben",), ("ada",))
    assert (second.people, second.services) == (first.people, first.services)


async def test_columns_and_rows_that_people_added_stay(opened):
    """An import changes what is defined; a note beside it, and whatever people put there, are theirs."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada")})
        noted = {
            "PartitionKey": "schedule:checkout",
            "RowKey": "layer:week",
            "Remarks": "Ask Lea.",
            "Ends": "2027-01-01",
        }
        await table.client.upsert_entity(noted)
        (added,) = await SchedulesWriter(table, "ada").add_overrides("checkout", [COVER])
        await stand(table, schedules={"checkout": week("ben")})
        row = (await table.stored()).by_keys["schedule:checkout", "layer:week"]
        schedule = (await table.stored()).definitions.schedules["checkout"]
    assert row.columns["Remarks"] == "Ask Lea."
    assert schedule.layers[0].ends is None
    assert [each.key for each in schedule.overrides] == [added.key]


@pytest.mark.parametrize("several", [False, True])
async def test_of_two_who_import_at_once_one_wins_and_the_other_is_told(opened, several):
    """The other's import changed nothing, and names who was faster."""
    theirs = {"people": PEOPLE} if several else {}
    async with opened() as table, opened() as other:
        await stand(table, schedules={"checkout": week("lea"), "search": week("lea")})
        seen = await table.stored()

        def importing(table, by, person):
            wanted = definitions(schedules={"checkout": week(person), "search": week(person)}, **theirs)
            return SchedulesWriter(table, by).replace(wanted, seen)

        ended = await asyncio.gather(
            importing(table, "ada", "ada"), importing(other, "ben", "ben"), return_exceptions=True
        )
        late = SchedulesWriter(other, "cem").replace(definitions(schedules={"search": week("cem")}), seen)
        with pytest.raises(ChangedMeanwhile, match=r"changed meanwhile by (ada|ben) at 20"):
            await late
        after = (await table.stored()).definitions.schedules
    (told,) = [each for each in ended if isinstance(each, Exception)]
    assert isinstance(told, ChangedMeanwhile)
    winner = "ben" if isinstance(ended[0], Exception) else "ada"
    assert f"by {winner} at 20" in str(told)
    assert {name: schedule.layers[0].people for name, schedule in after.items()} == {
        "checkout": ((winner,),),
        "search": ((winner,),),
    }


async def test_a_schedule_is_replaced_only_in_the_version_that_was_seen(opened):
    """Whoever looked at another one is told who changed it."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada")})
        (wanted,) = definitions(schedules={"checkout": week("ben")}).schedules.values()
        await SchedulesWriter(table, "ben").replace_schedule(wanted, if_version=1)
        with pytest.raises(ChangedMeanwhile, match="The schedule 'checkout' was changed meanwhile by ben at"):
            await SchedulesWriter(table, "cem").replace_schedule(wanted, if_version=1)


async def test_an_override_is_added_and_taken_out_by_its_key(opened):
    """With who made it and why; what is gone cannot be taken out again."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada")})
        writer = SchedulesWriter(table, "ben")
        (added,) = await writer.add_overrides("Checkout", [COVER])
        (stored,) = (await table.stored()).definitions.schedules["checkout"].overrides
        (gone,) = await writer.delete_override("checkout", added.key)
        with pytest.raises(Rejected, match="has it no more"):
            await writer.delete_override("checkout", added.key)
        left = (await table.stored()).definitions.schedules["checkout"].overrides
    assert added.key.startswith("override:2026-06-10T18:00Z:")
    assert stored == gone
    assert (stored.key, stored.created_by, stored.reason) == (added.key, "ben", "Concert")
    assert left == ()


async def test_a_swap_comes_and_goes_as_one(opened):
    """Whichever half is named."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada", "ben")})
        writer = SchedulesWriter(table, "ada")
        added = await writer.add_overrides("checkout", [swap("ada", "ben"), swap("ben", "ada")])
        await writer.add_overrides("checkout", [COVER])
        gone = await writer.delete_override("checkout", added[1].key)
        left = (await table.stored()).definitions.schedules["checkout"].overrides
    assert added[0].swap == added[1].swap
    assert {each.key for each in gone} == {each.key for each in added}
    assert [each.kind for each in left] == [Kind.COVER]


@pytest.mark.parametrize(
    ("schedule", "end", "told"),
    [
        ("search", "2026-06-11T08:00", "There is no schedule 'search'"),
        ("checkout", "2026-06-10T20:00", "has no effect"),
    ],
)
async def test_an_override_without_effect_is_refused(opened, schedule, end, told):
    """Of a schedule that is not there, or of no length."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada")})
        with pytest.raises(Rejected, match=told):
            await SchedulesWriter(table, "ben").add_overrides(schedule, [replace(COVER, end=read_moment(end))])


async def test_an_absence_is_added_and_taken_out(opened):
    """Under the person's address, whatever characters it has."""
    begins = read_moment("2026-06-10T08:00Z").minute
    async with opened() as table:
        await stand(table, people={"ada": {"email": "ada/x#y@contoso.example"}})
        writer = SchedulesWriter(table, "ada")
        added = await writer.add_absence(Absence("ada", begins, reason="Leave"))
        with pytest.raises(Rejected, match="ada is away from 2026-06-10T08:00Z on already"):
            await writer.add_absence(Absence("ada", begins))
        (stored,) = (await table.stored()).definitions.absences
        assert await writer.delete_absence(added.key) == stored
        with pytest.raises(Rejected, match="no more"):
            await writer.delete_absence(added.key)
    assert (stored.person, stored.start, stored.reason) == ("ada", begins, "Leave")
    assert added.key.startswith("ada-x-y@contoso.example:2026-06-10T08:00Z")


async def test_a_thing_is_taken_out_with_all_of_its_rows(opened):
    """The others stay; a row that nobody can read goes by its keys."""
    async with opened() as table:
        await stand(table, schedules={"checkout": week("ada"), "search": week("ben")}, people=PEOPLE)
        writer = SchedulesWriter(table, "lea")
        gone = [Thing(ThingKind.SCHEDULE, "checkout"), Thing(ThingKind.PERSON, "ada")]
        told = await writer.replace(definitions(), await table.stored(), gone)
        await table.client.create_entity({"PartitionKey": "rotas", "RowKey": "1"})
        await writer.delete_row(("rotas", "1"))
        left = await table.stored()
    assert told == ("the schedule 'checkout'", "the person 'ada'")
    assert {row.partition for row in left.rows} == {"schedule:search", "person:ben", "import"}
    assert left.broken == ()


def crowded(layers, every="1 week"):
    """A schedule of so many layers, each in two rows."""
    many = [
        {"name": f"l{number}", "people": ["ada"], "starts": "2026-01-05", "every": every} for number in range(layers)
    ]
    return {"checkout": {"time_zone": "UTC", "layers": many}}


async def test_a_new_schedule_of_any_number_of_rows_is_there_when_it_is_whole(opened):
    """Its own row comes last; what is changed later in more rows than go together is refused whole."""
    async with opened() as table:
        await stand(table, schedules=crowded(50))
        schedule = (await table.stored()).definitions.schedules["checkout"]
        many = [replace(COVER, reason=str(number)) for number in range(60)]
        await SchedulesWriter(table, "ada").add_overrides("checkout", many)
        await stand(table, schedules=crowded(50, "2 weeks"))
        renamed = crowded(50)
        for layer in renamed["checkout"]["layers"]:
            layer["name"] = layer["name"].upper()
        with pytest.raises(Rejected, match="changes at most 100 of them together; nothing was changed"):
            await stand(table, schedules=renamed)
        after = (await table.stored()).definitions.schedules["checkout"]
    assert (len(schedule.layers), schedule.version) == (50, 1)
    assert (len(after.layers), after.version, len(after.overrides)) == (50, 2, 60)
    assert str(after.layers[0].every) == "2 weeks"


async def test_a_write_whose_answer_was_lost_is_known_again(opened, monkeypatch):
    """The client sends it again, and the table refuses what stands there by the first one: nobody else changed it."""
    async with opened() as table:
        await table.create()
        submit = table.client.submit_transaction

        async def submit_twice(operations):
            await submit(operations)
            await submit(operations)

        monkeypatch.setattr(table.client, "submit_transaction", submit_twice)
        await stand(table, people=PEOPLE, schedules={"checkout": week("ada")})
        await stand(table, schedules={"checkout": week("ben")})
        writer = SchedulesWriter(table, "ada")
        (added,) = await writer.add_overrides("checkout", [COVER])
        await writer.delete_override("checkout", added.key)
        schedule = (await table.stored()).definitions.schedules["checkout"]
    assert (schedule.version, schedule.overrides) == (2, ())
