"""What a file makes of a schedule: the past stays, and the future is the file's."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from written_schedules import schedules

from worker.oncall.planning.plan import plan
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import DAY, minute_of

NOWS = st.sampled_from(["2027-03-25T10:07Z", "2027-03-28T00:59Z", "2027-03-28T01:00Z", "2027-04-03T14:59Z"])
SOONER = st.sampled_from(["handover", "now"])


def read(**schedules):
    return build(GivenDefinitions.model_validate({"schedules": schedules}))


def minute(text):
    return minute_of(datetime.fromisoformat(text))


def people(schedule, start, end, step=487):
    return [schedule.at(instant).people for instant in range(start, end, step)]


@given(stored=schedules(), file=schedules(), now=NOWS, apply_at=SOONER)
@settings(max_examples=40)
def test_no_import_changes_who_was_on_call(stored, file, now, apply_at):
    """At each minute before, the same people stand there in the same order."""
    present = minute(now)
    planned = plan(read(x=stored), read(x=file), present, apply_at=apply_at)
    before, after = read(x=stored).schedules["x"], planned.definitions.schedules["x"]
    instants = [*range(minute("2027-01-01T00:00Z"), present, 1511), *range(present - 90, present, 7), present - 1]
    assert [before.at(each).people for each in instants] == [after.at(each).people for each in instants]


@given(stored=schedules(), file=schedules(), now=NOWS, apply_at=SOONER)
@settings(max_examples=40)
def test_the_same_file_again_changes_nothing(stored, file, now, apply_at):
    """Neither at once nor later, when what was planned has come."""
    first = plan(read(x=stored), read(x=file), minute(now), apply_at=apply_at).definitions
    for later in (0, 1, 3 * DAY, 40 * DAY):
        again = plan(first, read(x=file), minute(now) + later, apply_at=apply_at)
        assert again.sentences == ()
        assert again.definitions == first


@given(stored=schedules(), file=schedules(), now=NOWS)
@settings(max_examples=40)
def test_with_all_that_it_says_the_file_counts_at_once(stored, file, now):
    """A layer new in it, or changed in its turns, names from then on whom the file alone would name."""
    for layer in (*stored["layers"], *file["layers"]):
        layer.pop("changes", None)
    for layer in file["layers"]:
        layer["starts"] = "2027-01-04T09:00"
        layer["depth"] = 5  # no layer of the stored has it, so that each begins anew
    file.pop("overrides", None)
    stored.pop("overrides", None)
    present = minute(now)
    planned = plan(read(x=stored), read(x=file), present, apply_at="now").definitions.schedules["x"]
    alone = read(x=file).schedules["x"]
    assert people(planned, present, present + 60 * DAY) == people(alone, present, present + 60 * DAY)
