"""`tocsin roster shifts` lists who is on call from when to when."""

import json

import pytest

PEOPLE = {"ada": {"name": "Ada", "email": "ada@contoso.example"}}
WEEKLY = {
    "time_zone": "Europe/Berlin",
    "layers": [{"name": "week", "starts": "2027-05-03T09:00", "every": "1 week", "people": ["ada", "ben"]}],
    "overrides": [{"person": "cem", "replaces": "ben", "from": "2027-05-11T18:00", "to": "2027-05-12T08:00"}],
}
DAILY = {
    "time_zone": "UTC",
    "layers": [{"name": "day", "starts": "2027-05-03T00:00", "every": "1 day", "people": ["ben", "dee"], "depth": 2}],
}


@pytest.fixture
def shifts(tocsin, tmp_path):
    """Ask a file of these schedules: the exit code, standard output and standard error."""

    def ask(*words):
        path = tmp_path / "rota.json"
        path.write_text(json.dumps({"people": PEOPLE, "schedules": {"checkout": WEEKLY, "daily": DAILY}}))
        return tocsin("roster", "shifts", *words, "--file", path)

    return ask


def test_shifts_have_the_ends_that_they_have(shifts):
    """Be they before or beyond the days that are asked for; overrides divide them."""
    code, out, _ = shifts("checkout", "--at", "2027-05-06T12:00Z", "--days", "7", "--json")
    told = json.loads(out)
    assert (code, told["from"], told["to"]) == (0, "2027-05-06T12:00Z", "2027-05-13T12:00Z")
    assert told["shifts"][0] == {
        "schedule": "checkout",
        "person": "ada",
        "name": "Ada",
        "email": "ada@contoso.example",
        "rank": 1,
        "from": "2027-05-03T07:00Z",
        "to": "2027-05-10T07:00Z",
        "why": "layer week, Ada's turn since Mon 09:00",
    }
    assert [(each["person"], each["from"], each["to"]) for each in told["shifts"][1:]] == [
        ("ben", "2027-05-10T07:00Z", "2027-05-11T16:00Z"),
        ("cem", "2027-05-11T16:00Z", "2027-05-12T06:00Z"),
        ("ben", "2027-05-12T06:00Z", "2027-05-17T07:00Z"),
    ]


def test_shifts_of_one_person_are_of_all_schedules(shifts):
    """By key or address, in any case of letters; the second of a list has shifts as well."""
    _, out, _ = shifts("--person", "BEN", "--at", "2027-05-09T00:00Z", "--days", "2", "--json")
    told = [(each["schedule"], each["rank"], each["from"]) for each in json.loads(out)["shifts"]]
    assert told == [
        ("daily", 1, "2027-05-09T00:00Z"),
        ("daily", 2, "2027-05-10T00:00Z"),
        ("checkout", 1, "2027-05-10T07:00Z"),
    ]
    _, out, _ = shifts("--person", "Ada@contoso.example", "--at", "2027-05-09T00:00Z", "--days", "2", "--json")
    assert [each["person"] for each in json.loads(out)["shifts"]] == ["ada"]


def test_people_read_a_line_a_shift(shifts):
    """With why, where it is not simply their turn."""
    code, out, _ = shifts("checkout", "--at", "2027-05-11T12:00Z", "--days", "1")
    assert code == 0
    words = " ".join(out.split())
    assert "Mon 10 May 09:00 CEST" in words
    assert "ben primary" in words
    assert "cem primary: stands in for ben" in words


@pytest.mark.parametrize(
    ("words", "said"), [(["other"], "do you mean checkout or daily?"), (["--person", "dea"], "do you mean dee?")]
)
def test_whom_and_what_nobody_knows_is_wrong_use(shifts, words, said):
    """With the name that is like it."""
    code, _, err = shifts(*words)
    assert code == 2
    assert said in " ".join(err.replace("│", " ").split())
