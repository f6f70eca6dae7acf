"""`tocsin roster mine` lists one person's shifts, and when they are away."""

import json

import pytest

CONTENT = {
    "people": {"ada": {"name": "Ada", "email": "ada@contoso.example"}},
    "schedules": {
        "checkout": {
            "time_zone": "UTC",
            "layers": [{"starts": "2027-05-03T09:00", "every": "1 week", "people": ["ada", "ben"]}],
            "absences": [{"person": "ada", "from": "2027-05-21T00:00Z", "to": "2027-05-23T00:00Z", "reason": "fair"}],
        },
        "search": {"time_zone": "UTC", "layers": [{"starts": "2027-05-04T00:00", "people": ["ben"]}]},
    },
    "absences": [{"person": "ada", "from": "2027-06-01T00:00Z"}],
}


@pytest.fixture
def mine(tocsin, tmp_path):
    def ask(*words):
        path = tmp_path / "rota.json"
        path.write_text(json.dumps(CONTENT))
        return tocsin("roster", "mine", *words, "--file", path, "--at", "2027-05-12T00:00Z")

    return ask


@pytest.mark.parametrize("who", ["ada", "ADA", "Ada@contoso.example"])
def test_the_shifts_of_a_person_with_the_next_absence(mine, who):
    """What is left of a shift on both sides of an absence."""
    code, out, _ = mine(who, "--json")
    told = json.loads(out)
    assert (code, told["person"]) == (0, "ada")
    assert [(each["schedule"], each["from"], each["to"]) for each in told["shifts"]] == [
        ("checkout", "2027-05-17T09:00Z", "2027-05-21T00:00Z"),
        ("checkout", "2027-05-23T00:00Z", "2027-05-24T09:00Z"),
        ("checkout", "2027-05-31T09:00Z", "2027-06-01T00:00Z"),
    ]
    assert told["absence"] == {"from": "2027-05-21T00:00Z", "to": "2027-05-23T00:00Z", "reason": "fair"}


def test_who_asks_may_stand_in_the_environment(mine, monkeypatch):
    """So that it need not be said."""
    monkeypatch.setenv("TOCSIN_ME", "ada@contoso.example")
    code, out, _ = mine()
    assert code == 0
    assert "away from Fri 21 May 00:00 UTC" in out
    assert "(fair)" in out


def test_no_shift_is_said(mine):
    """On standard error."""
    assert mine("ada", "--days", "1")[0] == 0
    assert mine("ada", "--days", "1")[2] == "tocsin: Ada has no shift in 1 days.\n"


def test_nobody_of_that_name_is_wrong_use(mine):
    """A typing error is no free month."""
    code, out, err = mine("adda")
    assert (code, out) == (2, "")
    assert "do you mean ada?" in " ".join(err.split())
