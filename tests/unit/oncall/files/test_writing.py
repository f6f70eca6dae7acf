"""What is written as a file is read again as the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_schedules import schedules

from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.files.writing import write_definitions
from worker.oncall.planning.plan import plan
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

ALL = {
    "people": {
        "ada": {
            "name": "Ada Okafor: #1",
            "email": "ada@contoso.com",
            "time_zone": "Europe/Berlin",
            "phone": "+49 30 1",
        },
        "null": {"email": "null@contoso.com"},
        "b + c": {"email": "bc@contoso.com", "paging": "sms"},
        "no": {"name": "no", "email": "no@contoso.com", "object_id": "007"},
    },
    "schedules": {
        "on": {
            "time_zone": "UTC",
            "description": "first line\nsecond: line # \N{EN DASH} ü 🦀",
            "layers": [
                {"people": [["null"], ["b + c"], None, ["no", "ada"], []], "every": "1 month", "starts": "2027-01-31"},
                {
                    "name": "empty",
                    "people": [],
                    "changes": [{"from": "2027-02-01T00:00Z", "people": "ada", "first": "ada"}],
                },
            ],
            "absences": [{"person": "no", "from": "2027-01-01"}],
        }
    },
    "services": {
        "x": {
            "schedules": "on",
            "policies": ["p"],
            "teams": ["a;b", "c"],
            "runbook": "https://contoso.com/?a=b#c",
            "words": "y; n",
        },
        "nothing": {},
    },
    "policies": {
        "p": {
            "severities": "1,2",
            "repeat": 9,
            "ack_timeout": "90 min",
            "hours": {"time_zone": "Asia/Kolkata", "windows": ["mon-fri 9:00 - 24:00"]},
            "levels": [{"notify": ["schedule:on#2", "person:ADA", "role:a b", "webhook:w"], "wait": "1 d"}],
            "last_resort": ["person:null"],
        }
    },
    "absences": [
        {"person": "ada@contoso.com", "from": "2027-01-01T09:00", "to": "2027-02-01T00:00Z", "reason": "- away"}
    ],
}


def read(**definitions):
    return build(GivenDefinitions.model_validate(definitions))


def read_again(folder, definitions, form):
    path = Path(folder, f"written.{form}")
    path.write_text(write_definitions(definitions, form), encoding="utf-8")
    return read_definition_file(path).definitions


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_every_field_comes_back(folder, form):
    """Names that YAML takes for values, lists in lists and texts of several lines among them."""
    definitions = read(**ALL)
    assert read_again(folder, definitions, form) == definitions


@given(schedule=schedules(), form=st.sampled_from(["yaml", "json"]))
@settings(max_examples=25)
def test_any_schedule_comes_back(folder, schedule, form):
    definitions = read(schedules={"x": schedule}, absences=[{"person": "jon", "from": "2027-03-01"}])
    assert read_again(folder, definitions, form) == definitions


def test_what_is_exported_changes_nothing_where_it_is_imported_again(folder):
    definitions = read(**ALL)
    assert plan(definitions, read_again(folder, definitions, "yaml"), 30_000_000).sentences == ()


def test_half_a_swap_is_written_as_what_it_does(folder):
    """Somebody may have mended one of its rows."""
    both = read(
        schedules={
            "x": {
                "time_zone": "UTC",
                "overrides": [
                    {
                        "swap": [
                            {"person": "a", "from": "2027-01-01", "to": "2027-01-02"},
                            {"person": "b", "from": "2027-01-03", "to": "2027-01-04"},
                        ]
                    }
                ],
            }
        }
    )
    schedule = both.schedules["x"]
    half = replace(both, schedules={"x": replace(schedule, overrides=schedule.overrides[:1])})
    [override] = read_again(folder, half, "yaml").schedules["x"].overrides
    assert override == replace(schedule.overrides[0], swap="")
