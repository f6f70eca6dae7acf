"""What stored definitions become when a file is imported, thing by thing and in sentences."""

from datetime import datetime

import pytest

from worker.oncall.planning.plan import Section, plan
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.overrides import Kind
from worker.oncall.schedule.wall_clock import DAY, minute_of

# A Wednesday; the week's handover is on Monday the 7th, at 09:00 in Berlin.
NOW = minute_of(datetime.fromisoformat("2026-12-02T10:30Z"))
HANDOVER = minute_of(datetime.fromisoformat("2026-12-07T08:00Z"))
WEEK = {"name": "week", "starts": "2026-03-02T09:00", "every": "1 week", "people": ["ada", "ben", "cem"]}


def read(**definitions):
    return build(GivenDefinitions.model_validate(definitions))


def checkout(*layers, **fields):
    return read(schedules={"checkout": {"time_zone": "Europe/Berlin", "layers": list(layers), **fields}})


def planned(before, after, **options):
    found = plan(before, after, NOW, **options)
    return found, found.definitions.schedules["checkout"]


def on_call(schedule, instant):
    return schedule.at(instant).people


def test_other_people_come_with_the_next_handover():
    """Whoever has the week keeps it, and the list is stored as a change that says when."""
    stored = checkout(WEEK)
    found, schedule = planned(stored, checkout({**WEEK, "people": ["ada", "dee", "ben", "cem"]}))
    assert found.sentences == (
        (
            "change  schedule checkout, layer week: ada; ben; cem -> ada; dee; ben; cem from Mon 7 Dec 2026 09:00 "
            "(Europe/Berlin) on"
        ),
    )
    [change] = schedule.layers[0].changes
    assert (str(change.begins), schedule.layers[0].people) == ("2026-12-07T09:00", stored_people(stored))
    assert on_call(schedule, HANDOVER - 1) == on_call(stored.schedules["checkout"], NOW)


def stored_people(definitions):
    return definitions.schedules["checkout"].layers[0].people


def test_other_people_come_at_once_where_that_is_asked():
    found, schedule = planned(checkout(WEEK), checkout({**WEEK, "people": ["dee"]}), apply_at="now")
    assert (on_call(schedule, NOW - 1), on_call(schedule, NOW)) == (("ada",), ("dee",))
    assert "from Wed 2 Dec 2026 11:30 (Europe/Berlin) on" in found.sentences[0]


def test_what_was_to_come_with_the_handover_can_come_at_once():
    """Both plans say the same people; the second is in a hurry."""
    first, _ = planned(checkout(WEEK), checkout({**WEEK, "people": ["dee"]}))
    found, schedule = planned(first.definitions, checkout({**WEEK, "people": ["dee"]}), apply_at="now")
    assert (on_call(schedule, NOW - 1), on_call(schedule, NOW)) == (("ada",), ("dee",))
    assert len(schedule.layers[0].changes) == len(found.sentences) == 1


def test_of_two_lists_in_one_minute_the_second_counts():
    """Each change is a row by its minute."""
    first, _ = planned(checkout(WEEK), checkout({**WEEK, "people": ["dee"]}), apply_at="now")
    _, schedule = planned(first.definitions, checkout({**WEEK, "people": ["eve"]}), apply_at="now")
    assert [change.people for change in schedule.layers[0].changes] == [(("eve",),)]
    assert (on_call(schedule, NOW - 1), on_call(schedule, NOW)) == (("ada",), ("eve",))


def test_a_change_that_has_not_come_can_be_withdrawn():
    first, _ = planned(checkout(WEEK), checkout({**WEEK, "people": ["dee"]}))
    found, schedule = planned(first.definitions, checkout(WEEK))
    assert schedule == checkout(WEEK).schedules["checkout"]
    assert found.sentences == (
        "change  schedule checkout, layer week: a change that was to come is withdrawn; it stays ada; ben; cem",
    )


def test_other_turns_come_with_the_next_handover_and_the_past_keeps_its_layer():
    """The turns of the new layer are counted from its own start."""
    stored, file = checkout(WEEK), checkout({**WEEK, "every": "2 weeks"})
    found, schedule = planned(stored, file)
    assert found.sentences == (
        (
            "change  schedule checkout, layer week: every 1 week -> 2 weeks, from Mon 7 Dec 2026 09:00 (Europe/Berlin) "
            "on; what was stays as layer week until 2026-12-07"
        ),
    )
    assert [layer.name for layer in schedule.layers] == ["week", "week until 2026-12-07"]
    for instant in (HANDOVER - 1, NOW - 200 * DAY):
        assert on_call(schedule, instant) == on_call(stored.schedules["checkout"], instant)
    for instant in (HANDOVER, HANDOVER + 100 * DAY):
        assert on_call(schedule, instant) == on_call(file.schedules["checkout"], instant)


def test_a_new_grid_that_starts_later_begins_then():
    found, schedule = planned(checkout(WEEK), checkout({**WEEK, "starts": "2027-01-04T18:00"}))
    starts = minute_of(datetime.fromisoformat("2027-01-04T17:00Z"))
    assert [layer.ends and layer.ends.instant(layer.clock) for layer in schedule.layers] == [None, starts]
    assert "from Mon 4 Jan 2027 18:00" in found.sentences[0]


@pytest.mark.parametrize(("name", "told"), [("week", "layer week"), ("", "layer 1")])
def test_a_layer_that_is_not_in_the_file_ends_with_its_turn(name, told):
    """One that nobody named is known by its place."""
    office = {"name": "office", "priority": 1, "people": ["eve"]}
    found, schedule = planned(checkout({**WEEK, "name": name}, office), checkout(office))
    assert found.sentences == (
        f"end     schedule checkout, {told}: it is not in the file, and ends Mon 7 Dec 2026 09:00 (Europe/Berlin)",
    )
    assert str(schedule.layers[0].ends) == "2026-12-07T09:00"


def test_all_layers_that_end_do_so_at_one_handover():
    """One without turns waits for it, so that no mixture of old and new is in force; the same file again moves none."""
    always = {"name": "always", "people": ["eve"]}
    file = checkout({**WEEK, "depth": 2})
    found, schedule = planned(checkout(WEEK, always), file)
    ends = {layer.name: str(layer.ends) for layer in schedule.layers if layer.ends}
    assert ends == {"week until 2026-12-07": "2026-12-07T09:00", "always": "2026-12-07T09:00"}
    assert on_call(schedule, HANDOVER - 1) == on_call(checkout(WEEK, always).schedules["checkout"], HANDOVER - 1)
    assert on_call(schedule, HANDOVER) == on_call(file.schedules["checkout"], HANDOVER)
    assert planned(found.definitions, file)[0].sentences == ()


def test_a_layer_that_has_named_nobody_yet_goes_without_a_trace():
    later = {**WEEK, "name": "later", "starts": "2027-02-01T09:00"}
    found, schedule = planned(checkout(WEEK, later), checkout(WEEK))
    assert found.sentences == ("remove  schedule checkout, layer later: it has named nobody yet",)
    assert [layer.name for layer in schedule.layers] == ["week"]


def test_a_new_layer_counts_from_now_and_in_its_own_turns():
    """As if it had always been there, for whoever asks about what comes."""
    night = {**WEEK, "name": "night", "priority": 1, "people": ["dee", "eve"], "every": "1 day"}
    _, schedule = planned(checkout(WEEK), checkout(WEEK, night))
    alone = checkout(night).schedules["checkout"]
    assert on_call(schedule, NOW - 1) == ("ada",)
    for day in range(9):
        assert on_call(schedule, NOW + day * DAY) == on_call(alone, NOW + day * DAY)


def test_another_zone_of_the_schedule_leaves_overrides_where_they_are():
    """Their times were those of the old zone."""
    override = {"from": "2026-12-24T18:00", "to": "2026-12-25T08:00", "person": "gus"}
    stored = checkout(WEEK, overrides=[override])
    file = read(schedules={"checkout": {"time_zone": "America/New_York", "layers": [WEEK]}})
    found, schedule = planned(stored, file)
    [kept] = schedule.overrides
    assert (str(kept.start), str(kept.end)) == ("2026-12-24T17:00Z", "2026-12-25T07:00Z")
    assert found.sentences[0] == "change  schedule checkout: time zone Europe/Berlin -> America/New_York"
    assert [layer.clock.name for layer in schedule.layers] == ["America/New_York", "Europe/Berlin"]
    assert schedule.layers[1].has_own_zone


EXCEPTIONS = {
    "overrides": [
        {"from": "2026-12-24T18:00", "to": "2026-12-25T08:00", "person": "gus"},
        {"from": "2026-12-26T18:00Z", "to": "2026-12-27T08:00Z", "person": "hal", "add": True},
    ],
    "absences": [{"person": "ada", "from": "2027-01-01"}],
}


def test_a_file_takes_no_exception_away_and_brings_none():
    """People make them; what the file says of them is left out, and that is said."""
    stored = checkout(WEEK, overrides=EXCEPTIONS["overrides"][:1])
    found, schedule = planned(stored, checkout(WEEK))
    assert (found.sentences, schedule) == ((), stored.schedules["checkout"])
    found, schedule = planned(checkout(WEEK), checkout(WEEK, **EXCEPTIONS))
    assert (schedule.overrides, found.definitions.absences, found.sentences) == ((), (), ())
    assert found.notes == (
        "overrides of the file, 2 of them, are left out: people make them.",
        "absences of the file, 1 of them, are left out: people make them.",
    )


def test_exceptions_of_a_file_are_added_once_where_that_is_asked():
    stored = checkout(WEEK, overrides=EXCEPTIONS["overrides"][:1])
    away = [{"person": "ben", "from": "2027-01-01"}]
    layers = {"checkout": {"time_zone": "Europe/Berlin", "layers": [WEEK], **EXCEPTIONS}}
    file = read(schedules=layers, absences=away)
    found, schedule = planned(stored, file, with_exceptions=True)
    assert [override.kind for override in schedule.overrides] == [Kind.COVER, Kind.ADD]
    assert [absence.person for absence in schedule.absences.all] == ["ben", "ada"]
    assert [absence.person for absence in found.definitions.absences] == ["ben"]
    assert (found.names(Section.ABSENCES), found.names(Section.SCHEDULES)) == (("ben",), ("checkout",))
    again, _ = planned(found.definitions, file, with_exceptions=True)
    assert (again.sentences, again.definitions) == ((), found.definitions)


def test_absences_of_one_schedule_stay_with_it():
    """Whatever else of it changes."""
    stored = checkout(WEEK, absences=EXCEPTIONS["absences"])
    _, schedule = planned(stored, checkout({**WEEK, "people": ["dee"]}))
    assert schedule.absences == stored.schedules["checkout"].absences


def test_what_the_file_does_not_name_is_left_alone():
    """Things as a whole, and what is stored of a person or a service beside what the file says."""
    stored = read(
        people={"Ada": {"name": "Ada Okafor", "email": "ada@contoso.com", "phone": "+49 30 1"}},
        schedules={"other": {"time_zone": "UTC", "layers": [WEEK]}},
        services={"Shop": {"schedules": ["other"], "teams": ["a"], "runbook": "https://contoso.com"}},
        policies={"p": {"levels": [{"notify": ["person:ada"], "wait": "5 min"}]}},
    )
    found = plan(
        stored,
        read(people={"ada": {"email": "okafor@contoso.com"}}, services={"shop": {"policies": ["p"], "teams": ["b"]}}),
        NOW,
    )
    assert found.sentences == (
        "change  person Ada: email ada@contoso.com -> okafor@contoso.com",
        "change  service Shop: policies nothing -> p, teams a -> b",
    )
    assert found.definitions.schedules == stored.schedules
    assert found.definitions.people["Ada"].phone == "+49 30 1"
    assert found.definitions.services["Shop"].runbook == "https://contoso.com"
    assert (found.names(Section.PEOPLE), found.names(Section.SERVICES)) == (("Ada",), ("Shop",))


def test_whoever_gets_a_name_is_the_one_with_that_address():
    """Rows name people by address; the file that names them so changes nobody's turn."""
    stored = checkout({**WEEK, "people": ["ada@contoso.com", "ben@contoso.com"]})
    people = {"ada": {"email": "Ada@contoso.com"}, "ben": {"email": "ben@contoso.com"}}
    layer = {**WEEK, "people": ["ada", "ben"]}
    file = read(people=people, schedules={"checkout": {"time_zone": "Europe/Berlin", "layers": [layer]}})
    assert plan(stored, file, NOW).sentences == ("add     person ada", "add     person ben")


@pytest.mark.parametrize(
    ("stored", "file", "words"),
    [
        ({"repeat": 1}, {"repeat": 2}, "repeat 1 -> 2"),
        ({}, {"severities": [1, 2]}, "severities nothing -> 1; 2"),
        ({}, {"last_resort": ["person:x@y.z"]}, "last resort nothing -> person:x@y.z"),
        (
            {},
            {"levels": [{"notify": ["role:b"], "wait": "1 h"}]},
            "levels role:a for 5 min -> role:b for 60 min",
        ),
        (
            {"hours": {"time_zone": "UTC", "windows": "mon 09:00-10:00"}},
            {"ack_timeout": "5 min"},
            "ack timeout nothing -> 5, hours UTC mon 09:00-10:00 -> nothing",
        ),
    ],
)
def test_a_policy_is_as_the_file_has_it(stored, file, words):
    whole = {"levels": [{"notify": ["role:a"], "wait": "5 min"}]}
    found = plan(read(policies={"p": {**whole, **stored}}), read(policies={"p": {**whole, **file}}), NOW)
    assert found.sentences == (f"change  policy p: {words}",)
    assert found.definitions.policies == read(policies={"p": {**whole, **file}}).policies


def test_a_telephone_number_is_told_in_part():
    """What a plan says is kept in the audit, and sent on."""
    numbers = ["+49 30 1234567", "+49 30 7654321"]
    stored, file = (read(people={"ada": {"email": "ada@contoso.com", "phone": number}}) for number in numbers)
    (sentence,) = plan(stored, file, NOW).sentences
    assert sentence == "change  person ada: phone +49 3\N{HORIZONTAL ELLIPSIS}67 -> +49 3\N{HORIZONTAL ELLIPSIS}21"
