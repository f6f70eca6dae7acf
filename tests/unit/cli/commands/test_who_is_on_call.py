"""`tocsin roster who` answers from a file alone: who, why, until when, and who is next."""

import json
from pathlib import Path

import pytest

from worker.oncall.reading.given_definitions import GivenDefinitions

VECTORS = Path(__file__).parents[2] / "oncall" / "examples" / "on-call-vectors.json"
CASES = json.loads(VECTORS.read_text())["cases"]
WEEKLY = {
    "time_zone": "Europe/Berlin",
    "layers": [{"name": "week", "starts": "2027-01-04T10:00", "every": "1 week", "people": ["ines", "jon"]}],
}
NIGHTS = {
    "time_zone": "America/New_York",
    "layers": [
        {"starts": "2027-01-04T20:00", "every": "1 day", "people": ["kai", "jon"], "windows": ["20:00-08:00"]},
    ],
}
BOTH = {"a": WEEKLY, "b": NIGHTS}
PEOPLE = {"ines": {"name": "Ines Öz", "email": "ines@contoso.example"}}


@pytest.fixture
def file(tmp_path):
    def write(content, name="rota.json"):
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def who(tocsin, file):
    """Ask a file that holds this: the exit code and the JSON."""

    def ask(content, *words):
        code, out, _ = tocsin("roster", "who", *words, "--file", file(content), "--json")
        return code, json.loads(out)

    return ask


def test_the_answer_has_the_fields_that_are_promised(who):
    """Names as the file gives them, times in UTC to the minute; whoever has no address has null."""
    content = {"people": PEOPLE, "schedules": {"checkout": WEEKLY}}
    assert who(content, "checkout", "--at", "2027-01-11T08:59:59Z") == (
        0,
        {
            "service": "checkout",
            "at": "2027-01-11T08:59Z",
            "on_call": [
                {
                    "person": "ines",
                    "name": "Ines Öz",
                    "email": "ines@contoso.example",
                    "role": "",
                    "schedule": "checkout",
                    "why": "layer week, Ines Öz's turn since Mon 4 Jan 10:00",
                    "until": "2027-01-11T09:00Z",
                }
            ],
            "next": [{"person": "jon", "name": "jon", "email": None, "from": "2027-01-11T09:00Z"}],
            "from_default": False,
            "note": "",
        },
    )


@pytest.mark.parametrize(
    ("content", "words", "people"),
    [
        ({"name": "a case", "why": "", "schedule": WEEKLY, "ask": [], "gaps": {}}, ["anything"], ["ines"]),
        ({"name": "a case", "schedule": WEEKLY}, [], ["ines"]),
        ({"schedules": {"checkout": WEEKLY}}, ["search"], ["ines"]),
        ({"schedules": {"checkout": WEEKLY, "nights": NIGHTS}}, ["NIGHTS"], ["kai"]),
        ({"schedules": BOTH, "services": {"shop": {"schedules": ["b", "a"]}}}, ["shop"], ["kai", "ines"]),
        ({"schedules": BOTH, "services": {"shop": {"schedules": ["b"]}}}, ["a"], ["ines"]),
        ({"schedules": {"a": WEEKLY}, "services": {"default": {"schedules": ["a"]}}}, ["unknown"], ["ines"]),
    ],
)
def test_any_file_that_holds_a_schedule_is_answered(who, content, words, people):
    """A service by its record, a schedule by its name, and the only schedule by any name."""
    code, answer = who(content, *words, "--at", "2027-01-05T03:00Z")
    assert ([each["person"] for each in answer["on_call"]], code) == (people, 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_public_cases_are_answered_as_they_stand(who, case):
    """Each file as it is, under any name."""
    for ask in case["ask"]:
        code, answer = who(case, "x", "--at", ask["at"])
        assert ([each["person"] for each in answer["on_call"]], answer["at"]) == (ask["on_call"], ask["at"])
        assert code == (0 if ask["on_call"] else 1)


def test_a_service_that_nobody_knows_falls_to_default_and_that_is_said(tocsin, file):
    """On standard error, and as a note."""
    path = file({"schedules": {"a": WEEKLY}, "services": {"default": {"schedules": ["a"]}}})
    code, out, err = tocsin("roster", "who", "search", "--file", path, "--at", "2027-01-05T03:00Z")
    assert (code, out.splitlines()[0]) == (0, "ines")
    assert "these are the people of 'default'" in err


def test_nobody_is_exit_code_1_with_who_comes_next(tocsin, file, who):
    """A gap is an answer too."""
    words = ("nights", "--at", "2027-01-05T18:00Z")
    code, answer = who({"schedules": {"nights": NIGHTS}}, *words)
    assert (code, answer["on_call"], [each["from"] for each in answer["next"]]) == (1, [], ["2027-01-06T01:00Z"])
    code, out, err = tocsin("roster", "who", *words, "--file", file({"schedules": {"nights": NIGHTS}}))
    assert code == 1
    assert out.startswith("next: jon, from Tue 20:00 EST")
    assert "NOBODY IS ON CALL for 'nights'" in err


@pytest.mark.parametrize(
    ("at", "instant", "said"),
    [
        ("2027-03-28T02:30", "2027-03-28T01:00Z", "does not exist in Europe/Berlin"),
        ("2027-10-31 02:30", "2027-10-31T00:30Z", "comes twice in Europe/Berlin"),
        ("2027-06-01T12:00", "2027-06-01T10:00Z", "is taken for the time of Europe/Berlin"),
        ("2027-06-01T12:00+05:30", "2027-06-01T06:30Z", ""),
    ],
)
def test_a_time_without_offset_is_the_schedules_and_what_is_taken_is_said(tocsin, file, at, instant, said):
    """The schedule's clock decides; one that does not exist or comes twice is taken by the rule."""
    path = file({"schedules": {"checkout": WEEKLY}})
    code, out, err = tocsin("roster", "who", "checkout", "--file", path, "--at", at, "--json")
    assert (code, json.loads(out)["at"]) == (0, instant)
    assert said in err
    assert bool(err) == bool(said)


def test_a_time_that_is_none_is_wrong_use(tocsin, file):
    """With what to write."""
    code, out, err = tocsin("roster", "who", "x", "--file", file({"schedules": {"a": WEEKLY}}), "--at", "soon")
    assert (code, out) == (2, "")
    assert "is no time; write" in err


def test_people_read_why_until_when_and_who_is_next(tocsin, file):
    """By the schedule's clock; whose own clock shows another time reads that beside it."""
    path = file({"people": PEOPLE, "schedules": {"checkout": WEEKLY}})
    code, out, _ = tocsin("roster", "who", "checkout", "--file", path, "--at", "2027-01-09T12:00Z")
    assert code == 0
    assert [line.partition(" (")[0] for line in out.splitlines()] == [
        "Ines Öz  ines@contoso.example",
        "    layer week, Ines Öz's turn since Mon 4 Jan 10:00; until Mon 10:00 CET",
        "next: jon, from Mon 10:00 CET",
    ]


def test_without_a_service_each_has_a_line(tocsin, file, who):
    """Every service, and every schedule that no service lists; exit with 1 if one has nobody."""
    content = {"schedules": {"a": WEEKLY, "nights": NIGHTS}, "services": {"shop": {"schedules": ["a"]}}}
    words = ("--at", "2027-01-05T18:00Z")
    code, out, _ = tocsin("roster", "who", *words, "--file", file(content))
    assert code == 1
    assert [line.split("  ")[0] for line in out.splitlines()] == ["service", "shop", "nights"]
    code, answer = who(content, *words)
    assert {each["service"]: [person["person"] for person in each["on_call"]] for each in answer["services"]} == {
        "shop": ["ines"],
        "nights": [],
    }


def test_a_schedule_that_is_listed_and_nobody_wrote_is_said(who):
    """It is why nobody is called."""
    code, answer = who({"services": {"shop": {"schedules": ["gone"]}}}, "shop")
    assert code == 1
    assert answer["note"].startswith("NOBODY IS ON CALL for 'shop' then, by the file. Not called: there is no schedule")


def test_nothing_known_is_nobody_by_default(who):
    """Be it that no service was named."""
    code, answer = who({"people": PEOPLE})
    assert (code, answer["service"], answer["on_call"]) == (1, "default", [])


@pytest.mark.parametrize("name", GivenDefinitions.model_fields)
def test_a_file_that_holds_nothing_has_nobody(who, name):
    """And breaks nothing."""
    code, answer = who({name: [] if name == "absences" else {}, "name": "empty"}, "x")
    assert (code, answer["on_call"], answer["next"]) == (1, [], [])
