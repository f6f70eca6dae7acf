"""`tocsin roster plan` of a file over another one reads nothing else, and does nothing."""

import json

import pytest

ROTA = {
    "people": {"ada": {"email": "ada@contoso.example"}, "ben": {"email": "ben@contoso.example"}},
    "schedules": {
        "checkout": {
            "time_zone": "Europe/Berlin",
            "layers": [{"name": "week", "starts": "2027-05-03T09:00", "every": "1 week", "people": ["ada", "ben"]}],
        }
    },
}


@pytest.fixture
def plan(tocsin, tmp_path):
    standing, wanted = tmp_path / "standing.json", tmp_path / "wanted.json"
    standing.write_text(json.dumps(ROTA))

    def plan(*words, people=("ben",)):
        wanted.write_text(json.dumps(ROTA).replace('["ada", "ben"]', json.dumps(list(people))))
        return tocsin("roster", "plan", wanted, "--file", standing, "--at", "2027-05-12T12:00", *words)

    plan.tocsin = tocsin
    return plan


def test_a_plan_over_a_file_tells_whose_shifts_move(plan):
    """From the next handover on."""
    code, out, err = plan("--json")
    told = json.loads(out)
    assert (code, told["done"]) == (0, False)
    first = told["moves"][0]
    assert (first["from"], first["before"], first["after"]) == ("2027-05-17T07:00Z", ["ada"], ["ben"])
    assert "Nothing was changed" in err


def test_what_stands_already_is_said(plan):
    """Nothing moves."""
    code, out, err = plan(people=("ada", "ben"))
    assert (code, out) == (0, "")
    assert "says what stands there already" in err


def test_a_file_is_not_written_to(plan):
    """What is done is done in the table."""
    code, _, err = plan("--yes")
    assert code == 2
    assert "in the table" in err


def test_who_is_in_neither_file_is_a_fault(plan):
    """With its line, and nothing is planned."""
    code, out, err = plan(people=("zoe",))
    assert (code, out) == (1, "")
    assert "zoe is neither in people nor an e-mail address" in err


def test_of_very_many_moves_the_first_are_shown_and_the_rest_counted(plan, tmp_path):
    """Programs have all of them."""
    crowd = {name: {**ROTA["schedules"]["checkout"]} for name in ("a", "b", "c", *map(str, range(30)))}
    (tmp_path / "standing.json").write_text(json.dumps({**ROTA, "schedules": crowd}))
    wanted = json.dumps({**ROTA, "schedules": crowd}).replace('["ada", "ben"]', '["ben"]')
    (tmp_path / "many.json").write_text(wanted)
    words = ("roster", "plan", tmp_path / "many.json", "--file", tmp_path / "standing.json", "--at", "2027-05-12T12:00")

    lines = plan.tocsin(*words)[1].splitlines()
    moves = json.loads(plan.tocsin(*words, "--json")[1])["moves"]

    changes = 33
    assert len(lines) == 101
    assert lines[-1] == f"and {len(moves) + changes - 100} more; --json tells all"
