"""`tocsin roster gaps` says when nobody is on call, why, and what closes it."""

import json
from datetime import datetime
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[2] / "oncall" / "examples" / "on-call-vectors.json"
CASES = json.loads(VECTORS.read_text())["cases"]
NIGHTS = {
    "time_zone": "Europe/Berlin",
    "layers": [
        {"name": "nights", "starts": "2027-05-03T20:00", "every": "1 day", "people": ["ada", "ben"],
         "windows": ["mon-fri 20:00-07:00"]},
        {"name": "summer", "starts": "2027-06-01T00:00", "people": ["cem"]},
    ],
    "absences": [{"person": "ben", "from": "2027-05-04T00:00", "to": "2027-05-06T00:00"}],
}  # fmt: skip
WHOLE = {"time_zone": "UTC", "layers": [{"people": ["ada"]}]}


@pytest.fixture
def gaps(tocsin, tmp_path):
    """Ask a file of these schedules: the exit code, standard output and standard error."""

    def ask(schedules, *words):
        path = tmp_path / "rota.json"
        path.write_text(json.dumps({"schedules": schedules}))
        return tocsin("roster", "gaps", *words, "--file", path)

    return ask


def test_each_gap_has_its_reasons_and_what_closes_it(gaps):
    """Neighbours are one gap, with all that its layers say; exit code 1."""
    code, out, _ = gaps({"nights": NIGHTS}, "--at", "2027-05-04T12:00Z", "--days", "2", "--json")
    assert code == 1
    assert json.loads(out) == {
        "from": "2027-05-04T12:00Z",
        "to": "2027-05-06T12:00Z",
        "gaps": [
            {
                "schedule": "nights",
                "from": "2027-05-04T12:00Z",
                "to": "2027-05-05T18:00Z",
                "reason": "layer nights has no window open; layer summer has not begun; "
                "layer nights names people who are away: ben",
                "command": "tocsin roster override nights --person NAME "
                "--from 2027-05-04T14:00 --to 2027-05-05T20:00",
            },
            {
                "schedule": "nights",
                "from": "2027-05-06T05:00Z",
                "to": "2027-05-06T12:00Z",
                "reason": "layer nights has no window open; layer summer has not begun",
                "command": "tocsin roster override nights --person NAME "
                "--from 2027-05-06T07:00 --to 2027-05-06T14:00",
            },
        ],
    }  # fmt: skip


def test_people_read_the_same(gaps):
    """Each reason in a line of its own."""
    code, out, _ = gaps({"nights": NIGHTS}, "--at", "2027-05-06T05:00Z", "--days", "1")
    assert code == 1
    first, *lines = out.splitlines()
    assert first.startswith("nights: nobody from Thu 07:00 CEST")
    assert lines == [
        "    layer nights has no window open",
        "    layer summer has not begun",
        "    to close it: tocsin roster override nights --person NAME --from 2027-05-06T07:00 --to 2027-05-06T20:00",
    ]


def test_no_gap_is_exit_code_0(gaps):
    """And said."""
    assert gaps({"whole": WHOLE}) == (0, "", "tocsin: No gap in 30 days.\n")
    code, out, _ = gaps({"whole": WHOLE, "nights": NIGHTS}, "whole", "--json")
    assert (code, json.loads(out)["gaps"]) == (0, [])


@pytest.mark.parametrize(
    ("words", "said"), [(["nigths"], "do you mean nights?"), (["--days", "0"], "--days"), (["--at", "soon"], "--at")]
)
def test_wrong_use_is_no_gap(gaps, words, said):
    """A schedule that nobody knows, no days and no time are exit code 2."""
    code, out, err = gaps({"whole": WHOLE, "nights": NIGHTS}, *words)
    assert (code, out) == (2, "")
    assert said in " ".join(err.replace("│", " ").split())


@pytest.mark.parametrize("case", [case for case in CASES if "gaps" in case], ids=lambda case: case["name"])
def test_the_gaps_of_the_public_cases_are_found(tocsin, tmp_path, case):
    """From the first minute without anybody to the first with somebody."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case))
    days = (datetime.fromisoformat(case["gaps"]["to"]) - datetime.fromisoformat(case["gaps"]["from"])).days
    _, out, _ = tocsin("roster", "gaps", "--file", path, "--at", case["gaps"]["from"], "--days", days, "--json")
    assert [[each["from"], each["to"]] for each in json.loads(out)["gaps"]] == case["gaps"]["nobody"]
