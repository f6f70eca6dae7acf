"""A file of definitions is read whole, or refused with each fault at its line and field."""

import json

import pytest

from worker.domain.errors import Rejected
from worker.oncall.definitions import Definitions
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.moments import read_moment

GOOD = {
    "yaml": """\
people:
  ada: {name: Ada Okafor, email: ada@contoso.com, time_zone: Europe/Berlin}
  cem: {email: cem@contoso.com}
schedules:
  checkout:
    time_zone: Europe/Berlin
    layers:
      - {name: week, starts: 2026-03-02T09:00, every: 1 week, people: [ada, [cem, eve@contoso.com], null], depth: 2}
      - name: office
        priority: 1
        ends: null
        starts: 2026-03-02T09:00
        every: 1 window
        people: [ada]
        windows: [mon-fri 09:00-17:00]
    overrides:
      - {from: 2026-03-05T00:00, to: 2026-03-06T00:00, person: cem, add: true}
services:
  checkout: {schedules: [checkout], policies: [urgent]}
policies:
  urgent:
    severities: [1, 2]
    levels:
      - {notify: ["schedule:checkout#1"], wait: 5 min}
    repeat: 2
    last_resort: ["person:ada"]
""",
    "toml": """\
[people]
ada = {name = "Ada Okafor", email = "ada@contoso.com", time_zone = "Europe/Berlin"}
cem = {email = "cem@contoso.com"}
[schedules.checkout]
time_zone = "Europe/Berlin"
overrides = [{from = 2026-03-05, to = 2026-03-06T00:00:00, person = "cem", add = true}]
[[schedules.checkout.layers]]
name = "week"
starts = 2026-03-02T09:00:00
every = "1 week"
people = ["ada", ["cem", "eve@contoso.com"], []]
depth = 2
[[schedules.checkout.layers]]
name = "office"
priority = 1
starts = 2026-03-02T09:00:00
every = "1 window"
people = ["ada"]
windows = ["mon-fri 09:00-17:00"]
[services.checkout]
schedules = ["checkout"]
policies = ["urgent"]
[policies.urgent]
severities = [1, 2]
repeat = 2
last_resort = ["person:ada"]
levels = [{notify = ["schedule:checkout#1"], wait = "5 min"}]
""",
}
NOTHING_KNOWN = Definitions()


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    return write


def refusal(path, known=NOTHING_KNOWN):
    with pytest.raises(Rejected) as refused:
        read_definition_file(path, known)
    first, *faults = str(refused.value).splitlines()
    assert first == f"{path} is refused, and nothing was changed:"
    return [fault.strip() for fault in faults]


def test_each_form_says_the_same(write):
    """Text alone in YAML, values of their own kind in TOML and JSON."""
    yaml = read_definition_file(write("a.yaml", GOOD["yaml"]), NOTHING_KNOWN)
    toml = read_definition_file(write("a.toml", GOOD["toml"]), NOTHING_KNOWN)
    as_json = read_definition_file(write("a.json", yaml.document.value), NOTHING_KNOWN)
    assert yaml.definitions == toml.definitions == as_json.definitions
    [week, office] = yaml.definitions.schedules["checkout"].layers
    assert (week.people, week.depth, office.priority) == ((("ada",), ("cem", "eve@contoso.com"), ()), 2, 1)


def test_all_faults_are_told_at_once(write):
    """In whatever section, in whatever layer, of values and of names that refer to nothing."""
    text = """\
people:
  ada: {email: ada}
  Ada: {email: b@contoso.com}
schedules:
  checkout:
    time_zone: W. Europe Standard Time
    layers:
      - {every: 1 week, people: [ada, ben, 'x@'], windows: [mon 25:00-26:00, mon], depht: 2}
      - name: office
        starts: 2026-02-30T09:00
        ends: 2026-01-01
        people: []
        priority: high
        changes:
          - {from: soon, people: [ada], first: cem}
    overrides:
      - {from: 2026-02-02, to: 2026-02-01, person: ada}
      - {person: ada}
  search: {}
  checkout: {time_zone: CET}
services:
  shop: {schedules: [chekout, search], policies: urgent; calm, language: very german}
policies:
  urgent:
    levels:
      - {notify: ["schedule:serch#1", "person:lea", everybody], wait: a while}
    repeat: 10
    severities: [0]
absences:
  - {person: zoe, from: 2026-01-01}
oncall: []
"""
    assert refusal(write("a.yaml", text.replace("  checkout: {time_zone: CET}\n", ""))) == [
        "line 2, people.ada.email: is not an e-mail address: it has no @",
        "line 3, people.Ada: stands there twice, in whatever case it is written",
        (
            "line 6, schedules.checkout.time_zone: 'W. Europe Standard Time' is no IANA name of a time zone, such as "
            "Europe/Berlin or UTC; do you mean Europe/Berlin?"
        ),
        "line 8, schedules.checkout.layers[0].every: starts is missing: from when on the turns are counted",
        "line 8, schedules.checkout.layers[0].people[2]: is not an e-mail address: nothing stands behind the @",
        "line 8, schedules.checkout.layers[0].windows[0]: 25:00 is no time of the day",
        (
            "line 8, schedules.checkout.layers[0].windows[1]: 'mon' is no window; write mon-fri 18:00-08:00, or fri "
            "17:00 - mon 08:00"
        ),
        "line 8, schedules.checkout.layers[0].depht: there is no such field here; do you mean depth?",
        "line 8, schedules.checkout.layers[0].people[1]: ben is neither in people nor an e-mail address",
        "line 10, schedules.checkout.layers[1].starts: '2026-02-30T09:00' is no day or time of the calendar",
        "line 13, schedules.checkout.layers[1].priority: must be a whole number",
        (
            "line 15, schedules.checkout.layers[1].changes[0].from: 'soon' is no time; write 2026-03-02T09:00, or with "
            "its offset 2026-03-02T08:00Z"
        ),
        "line 15, schedules.checkout.layers[1].changes[0].first: cem is not in the list of people",
        "line 17, schedules.checkout.overrides[0].to: it ends before it begins",
        "line 18, schedules.checkout.overrides[1]: from and to are missing",
        "line 19, schedules.search.time_zone: is missing",
        "line 21, services.shop.language: must be a tag such as en, de or pt-BR",
        "line 21, services.shop.schedules[0]: there is no schedule chekout; do you mean checkout?",
        "line 21, services.shop.policies[1]: there is no policy calm",
        (
            "line 25, policies.urgent.levels[0].notify[2]: 'everybody' names nobody to tell; write person:NAME, "
            "schedule:NAME, schedule:NAME#2, role:NAME or webhook:NAME"
        ),
        "line 25, policies.urgent.levels[0].wait: 'a while' is no time to wait; write 5 min, 2 h or 1 d",
        "line 25, policies.urgent.levels[0].notify[0]: there is no schedule serch; do you mean search?",
        "line 25, policies.urgent.levels[0].notify[1]: lea is neither in people nor an e-mail address",
        "line 26, policies.urgent.repeat: must be 9 or less",
        "line 27, policies.urgent.severities[0]: must be 1 or more",
        "line 29, absences[0].person: zoe is neither in people nor an e-mail address",
        "line 30, oncall: there is no such field here",
    ]
    assert any(fault.startswith("line 20, schedules.checkout: stands") for fault in refusal(write("b.yaml", text)))


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.yaml", "", "it is empty"),
        ("a.yaml", "- a", "line 1: it is a list, or a single value"),
        ("a.yaml", "people: [a]", "line 1, people: must be names, each with what it holds"),
        ("a.yaml", "people:\n  a: b", "line 2, people.a: must be fields with a value each"),
        ("a.yaml", "absences: x", "line 1, absences: must be a list"),
        ("a.yaml", "people:\n  a/b: {email: a@b.c}", "line 2, people.a/b: 'a/b' holds '/', which a name may not"),
        ("a.yaml", "people:\n  a: {email: a@b.c}\n  b: {email: A@b.c}", "line 3, people.b.email: is the address of a"),
        ("a.yaml", "a: [", "line 2: this is no YAML"),
        ("a.json", "{\n", "line 2: this is no JSON"),
        ("a.json", '{"schedules": {"x": {"time_zone": "UTC", "layers": [{"people": [], "depth": true}]}}}', "whole"),
        ("a.toml", "a", "line 1: this is no TOML"),
        ("a.csv", "schedule,people\nx,a@b.c", "line 1: there is no column time_zone"),
        ("a.csv", "schedule,time_zone,people\n\nx,EST,a@b.c", "line 3, schedules.x.time_zone: 'EST' is no IANA name"),
        ("a.csv", "schedule,time_zone,people\n,UTC,a@b.c", "a name is missing"),
        ("a.csv", "schedule,time_zone,people\nx,UTC,a@b.c\nx,UTC,b@b.c", "line 3, schedules.x.layers[1]: the schedule"),
        (
            "a.csv",
            "schedule,time_zone,people,layer\nx,UTC,a@b.c,a\nx,Europe/Paris,b@b.c,b",
            "line 3, schedules.x.layers[1].time_zone: another line of the schedule says something else",
        ),
        ("a.csv", "schedule,time_zone,people,colour\nx,UTC,a@b.c,red", "line 1, colour: there is no such column"),
    ],
)
def test_what_is_wrong_is_a_sentence_with_its_place(write, name, text, fault):
    assert fault in refusal(write(name, text))[0]


def test_what_is_no_file_of_definitions_is_refused(tmp_path, write):
    """By the end of its name, by its size, and where there is none."""
    for path, words in [
        (write("a.ics", ""), "is none of .yaml"),
        (tmp_path / "none.yaml", "cannot be read"),
        (write("large.yaml", "#" * (2 * 1024 * 1024 + 1)), "larger than 2048 KB"),
    ]:
        with pytest.raises(Rejected, match=words):
            read_definition_file(path)


def test_thousands_of_faults_are_counted(write):
    text = "schedules:\n" + "".join(f"  s{number}: {{}}\n" for number in range(600))
    assert refusal(write("a.yaml", text))[-1] == "and 100 more"


def test_what_is_known_already_can_be_referred_to(write):
    known = build(GivenDefinitions.model_validate({"people": {"Ben": {"email": "ben@contoso.com"}}}))
    text = "schedules: {x: {time_zone: UTC, layers: [{people: [ben]}]}}"
    assert read_definition_file(write("a.yaml", text), known).definitions.schedules["x"].layers[0].people == (("ben",),)
    assert refusal(write("a.yaml", text)) == [
        "line 1, schedules.x.layers[0].people[0]: ben is neither in people nor an e-mail address"
    ]


def test_a_question_may_name_whom_it_likes(write):
    """Whoever only asks needs no addresses, and gets no answer to what a service refers to in vain."""
    file = read_definition_file(write("a.yaml", "schedules: {x: {time_zone: UTC, layers: [{people: [ben]}]}}"))
    assert file.definitions.schedules["x"].at(0).people == ("ben",)


def test_times_that_the_clock_leaps_over_or_shows_twice_are_taken_and_said(write):
    text = """\
schedules:
  x:
    time_zone: Europe/Berlin
    layers:
      - starts: 2026-03-29T02:30
        every: 1 day
        people: [a@contoso.com]
        changes: [{from: 2026-10-25T02:30, people: [b@contoso.com]}]
    overrides:
      - {from: 2026-10-25T02:30+01:00, to: 2026-10-25T12:00, person: c@contoso.com}
"""
    file = read_definition_file(write("a.yaml", text), NOTHING_KNOWN)
    assert file.notes == (
        (
            "line 5, schedules.x.layers[0].starts: 2026-03-29 02:30 does not exist in Europe/Berlin, where the clock "
            "is set forward: 03:00 CEST is taken."
        ),
        (
            "line 8, schedules.x.layers[0].changes[0].from: 2026-10-25 02:30 comes twice in Europe/Berlin, where the "
            "clock is set back: the first, CEST, is taken."
        ),
    )


def test_an_override_is_in_order_by_the_clock_of_its_schedule(write):
    """One end an instant, the other a time of the wall clock."""
    text = (
        "schedules: {x: {time_zone: America/New_York, overrides: "
        "[{from: 2026-06-01T12:00, to: '2026-06-01T13:00Z', person: a@b.c}]}}"
    )
    assert refusal(write("a.yaml", text)) == ["line 1, schedules.x.overrides: number 1 ends before it begins"]


LAYERS = {"time_zone": "UTC", "layers": [{"people": ["ines"]}]}


@pytest.mark.parametrize(
    ("given", "service", "schedules"),
    [
        ({"name": "weekly", "why": "", "schedule": LAYERS, "ask": []}, "anything", ("weekly",)),
        ({"schedule": LAYERS}, "anything", ("schedule",)),
        ({"schedules": {"a": LAYERS}}, "anything", ("a",)),
        ({"schedules": {"a": LAYERS, "b": LAYERS}}, "B", ("b",)),
        ({"schedules": {"a": LAYERS, "b": LAYERS}}, "c", None),
        ({"schedules": {"a": LAYERS}, "services": {"d": {"schedules": ["a"]}}}, "anything", None),
    ],
)
def test_a_file_without_services_answers_for_the_schedule_of_that_name_or_the_only_one(
    write, given, service, schedules
):
    answering = read_definition_file(write("a.json", given)).answering(service)
    found = answering.services.get(service)
    assert (found and found.schedules) == schedules


def test_what_is_asked_beside_the_definitions_is_kept_as_it_stands(write):
    """An incident and its events, and gaps that are expected, are no faults of a file."""
    asked = {"incident": {"severity": 2}, "events": [], "until": "2027-05-05T12:00Z", "gaps": {"nobody": []}}
    assert read_definition_file(write("a.json", {"schedules": {"a": LAYERS}, **asked})).questions == asked


def test_a_table_of_schedules_is_the_small_way_in(write):
    """One line a schedule, or one a layer, as a spreadsheet of any language exports it."""
    text = (
        "Schedule;Time zone;Every;Starts;People;Layer;Windows\r\n"
        'checkout;Europe/Berlin;1 week;2026-03-02 09:00;"ada@contoso.com; ben@contoso.com";week;\r\n'
        'checkout;;;;"cem@contoso.com + dee@contoso.com";office;"mon-fri 09:00-17:00; sat 10:00-12:00"\r\n'
    )
    path = write("a.csv", "")
    path.write_bytes(text.encode("utf-16"))
    schedule = read_definition_file(path, NOTHING_KNOWN).definitions.schedules["checkout"]
    [week, office] = schedule.layers
    assert (week.people, str(week.every)) == ((("ada@contoso.com",), ("ben@contoso.com",)), "1 week")
    assert week.starts == read_moment("2026-03-02T09:00")
    assert (office.people, str(office.windows)) == (
        (("cem@contoso.com", "dee@contoso.com"),),
        "mon-fri 09:00-17:00; sat 10:00-12:00",
    )


def test_faults_of_a_single_schedule_have_their_lines(write):
    text = (
        '{"name": "weekly",\n"schedule": {"time_zone": "EST",\n"layers": [\n{"people": [], "depth": 0, "depth": 0}]}}'
    )
    path = write("a.json", text)
    assert [fault.partition(":")[0] for fault in refusal(path)] == [
        "line 2, schedules.weekly.time_zone",
        "line 4, schedules.weekly.layers[0].depth",
        "line 4, schedules.weekly.layers[0].depth",
    ]


def test_what_is_for_questions_is_not_imported_and_that_is_said(write):
    path = write("a.json", '{"schedules": {},\n"incident": {}}')
    assert read_definition_file(path).notes == ()
    assert read_definition_file(path, NOTHING_KNOWN).notes == ("line 2, incident: is for questions, and not imported",)


def test_a_file_that_is_only_asked_may_hold_more_but_no_slips(write):
    """What is no name of a section is kept as it stands; what nearly is one is told."""
    more = {"schedules": {"a": LAYERS}, "asked": [], "format": "1", "note": ""}
    assert read_definition_file(write("a.json", more)).questions.keys() == {"asked", "format", "note"}
    assert sum("there is no such field here" in fault for fault in refusal(write("a.json", more))) == 3
    with pytest.raises(Rejected, match="servics: there is no such field here; do you mean services"):
        read_definition_file(write("b.json", {"schedules": {"a": LAYERS}, "servics": {}}))
