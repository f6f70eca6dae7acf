"""A file of people on call is read whole or not at all, and changes only what it names."""

import json

import pytest

from worker.domain.errors import Rejected
from worker.oncall.roster_file import compare, read_roster_file
from worker.oncall.rows import Row

ADA = {"name": "Ada", "email": "ada@x.example", "service": "checkout", "oncall": True}


def file(tmp_path, text, name="rota.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rota.csv", "name,email,service,oncall\nAda,ada@x.example,checkout,yes\n"),
        ("rota.CSV", "\ufeffName;E-mail;Service;On call;role\r\nAda;ada@x.example;checkout;TRUE;\r\n"),
        ("rota.json", json.dumps([ADA])),
    ],
)
def test_a_rota_is_read_as_people_keep_it(tmp_path, name, text):
    """Comma or semicolon, with the mark of a spreadsheet or without, or as JSON: it is the same row."""
    assert read_roster_file(file(tmp_path, text, name)) == [Row(**ADA)]


def test_every_line_at_fault_is_named(tmp_path):
    """One look at the sentence is enough to mend the whole file."""
    text = "name,email,service,oncall\nAda,ada,checkout,yes\nBo,bo@x.example,checkout,perhaps\n"
    with pytest.raises(Rejected) as refusal:
        read_roster_file(file(tmp_path, text))
    assert "line 2: email" in str(refusal.value)
    assert "line 3: oncall" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("rota.txt", "x", "neither a .csv nor a .json"),
        ("rota.csv", "", "names nobody"),
        ("rota.csv", "name,email,oncall\n", "names nobody"),
        ("rota.csv", b"name,email\n\xff", "not in UTF-8"),
        ("rota.csv", "x" * (2 * 1024 * 1024 + 1), "larger than"),
        ("rota.csv", "name,email,service,oncall\n" + "Ada,ada@x.example,checkout,yes\n" * 2, "twice"),
        ("rota.csv", "name,email,oncall\n" + "x" * 140_000 + ",a@x.example,yes\n", "field larger than"),
        ("rota.csv", "name,email,oncall\nAda,ada@x.example,yes,1,2,3\n" + '"', "names nobody|line 3"),
        ("rota.json", "{", "not JSON"),
        ("rota.json", "[" * 100_000, "not JSON"),
        ("rota.json", "{}", "list of objects"),
        ("rota.json", "[1]", "list of objects"),
    ],
)
def test_what_is_no_rota_is_refused_with_a_sentence(tmp_path, name, text, words):
    """The sentence says what is wrong, and nothing is imported."""
    with pytest.raises(Rejected, match=words):
        read_roster_file(file(tmp_path, text, name))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """A wrong name is a sentence, not a traceback."""
    with pytest.raises(Rejected, match="No such file"):
        read_roster_file(tmp_path / "rota.csv")


def test_a_new_person_is_added():
    """Somebody who is not in the table for that service gets a row."""
    (change,) = compare([], [Row(**ADA)])
    assert change.row == Row(**ADA)
    assert change.sentence.startswith("add")


def test_only_what_the_file_names_is_changed():
    """The keys and the columns that the file does not have stay as they are stored."""
    stored = Row(**ADA, role="primary", order=1, object_id="e-1", keys=("p", "r"))
    (change,) = compare([stored], [Row(**ADA | {"email": "ADA@x.example", "oncall": False})])
    assert change.row == stored.model_copy(update={"email": "ADA@x.example", "oncall": False})
    assert "oncall True -> False" in change.sentence


def test_how_a_person_is_reached_is_imported():
    """A new number and new ways are a change, and stand in its sentence."""
    (change,) = compare([Row(**ADA)], [Row(**ADA, phone="+49 30 1234567", paging="sms")])
    assert (change.row.phone, change.row.paging) == ("+49 30 1234567", "sms")
    assert change.sentence.endswith("phone '' -> '+49 30 1234567', paging '' -> 'sms'")


def test_what_is_so_already_is_no_change():
    """Importing a file for the second time changes nothing."""
    assert compare([Row(**ADA, role="primary", keys=("p", "r"))], [Row(**ADA)]) == []


def test_the_same_person_may_serve_two_services():
    """A row belongs to one service: the same address for another one is another row."""
    (change,) = compare([Row(**ADA)], [Row(**ADA | {"service": "payments"})])
    assert change.sentence.startswith("add")
