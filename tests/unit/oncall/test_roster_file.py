"""A file of people on call is read whole or not at all, and changes only what it names."""

import json
from pathlib import Path

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
        ("rota.csv", "name,email,oncall\nAda,ada@x.example,yes,1,2,3\n" + '"', "line 3 opens a quotation mark"),
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


HEAD = "name,email,service,oncall\n"
BEN = {"name": "Ben", "email": "ben@x.example", "service": "checkout", "oncall": False}


AMARA = ("Amara Okafor", "amara@contoso.example", True)
BRUNO = ("Bruno Costa", "bruno@contoso.example", True)


def rota(yes, no, *, separator=",", end="\n", more=""):
    """A file of Ada, who is on call, and Ben, who is not."""
    rows = [["name", "email", "service", "oncall"]]
    rows += [["Ada", "ada@x.example", "checkout", yes], ["Ben", "ben@x.example", "checkout", no]]
    return "".join(separator.join(row) + more + end for row in rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "sep=;\r\n" + rota("WAHR", "FALSCH", separator=";", end="\r\n")),
        ("a.csv", rota("VRAI", "FAUX", separator="\t", end="\r")),
        ("a.csv", rota("yes", "no").replace("email", "E\u2011Mail:").replace("oncall", "On\u00a0Call")),
        ("a.txt", rota("TOSI", "EPÄTOSI", separator="\t", end="\r\n").encode("utf-16")),
        ("a.tsv", rota("1,0", "0,0", separator="\t").encode("utf-16-be")),
        ("a.csv", rota("x", "").encode("utf-16-le")),
        ("a.csv", rota("TRUE", "FALSE").encode("utf-32")),
        ("a.csv", "Rota of the week,,,\n,,,\n\n" + rota("TRUE", "FALSE")),
        ("a.csv", rota("yes", "no", more=",,") + ",,,,,\n"),
        ("a.csv", rota("yes", "no") + "\n , \u00a0,,\n,,,FALSE\n,,,0\n\u00a0\n"),
        ("a.csv", rota('" yes"', '"no\u00a0"').replace("ada@x.example", '"\u00a0ada@x.example "')),
        ("a.csv", rota("y", "n").replace("Ben,", HEAD + "Ben,")),
        ("a.csv", rota("y,ada@x.example", "n,").replace("oncall", "oncall,Mail")),
        ("a.xls", rota("=TRUE()", "=FALSE()", separator="|")),
    ],
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(tmp_path, name, content):
    """Whatever it puts around and between the cells, and in the lines that nobody has filled."""
    assert read_roster_file(file(tmp_path, content, name)) == [Row(**ADA), Row(**BEN)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"name;email\r\nRen\xe9e;r@x.example", r"not in UTF-8 \(line 2\).*CSV UTF-8"),
        ("a.xlsx", b"PK\x03\x04[Content_Types].xml", "is an Excel workbook. Save it as CSV UTF-8"),
        ("a.csv", b"\xd0\xcf\x11\xe0", "is an Excel workbook. Save it as CSV UTF-8"),
        ("a.ods", b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "is an OpenDocument spread"),
        ("a.numbers", b"PK\x03\x04Index/Document.iwa", "is a Numbers document"),
        ("a.zip", b"PK", "neither a .csv nor a .json"),
        ("a.csv", "Ada,ada@x.example,checkout,yes\n", "no line of column names.*name, email, service, oncall"),
        ("a.csv", "name,email,service\nAda,ada@x.example,checkout\n", "has no column oncall among .*line 1"),
        ("a.csv", "Ada,ada@x.example,checkout,yes\n" + HEAD, "names somebody in line 1, above the line of column"),
        ("a.csv", HEAD + '"Ada\nL.",ada@x.example,,yes\nBen,ben,,no\n', "line 4: email: is not an e-mail address"),
        ("a.csv", HEAD + 'Ada,"ada@x.example,,yes\nBen,ben@x.example,,no\n', "line 2 opens a quotation mark"),
        ("a.csv", HEAD + "Ada,ada@x.example,,maybe\n", "line 2: oncall: is neither yes nor no: write yes or no, true"),
        ("a.csv", HEAD + ",,,TRUE\n", "line 2: name: .*email: is required"),
        ("a.csv", HEAD + "#NAME?,ada@x.example,,yes\n", "line 2: name: holds #NAME"),
        ("a.csv", HEAD + "Ada,#BEZUG!,,yes\n", "line 2: email: holds #BEZUG!"),
        ("a.csv", HEAD + "Ada,ada@x.example,########,yes\n", "line 2: service: holds ########"),
        ("a.csv", 'email,oncall,phone\na@x.example,yes,"4,91702E+11"\n', "phone: holds 4,91702E.11: .*last digits"),
        ("a.csv", "email,oncall,phone\nada@x.example,yes,4.91702E+11\n", "phone: holds 4.91702E.11: .*last digits"),
        ("a.csv", "email,E-Mail,oncall\na@x.example,b@x.example,yes\n", "line 2: email: two columns are named so"),
        ("a.csv", HEAD + 'Ada,"ada@x.example\r\nBcc: eve@x.example",,yes\n', "email: is not an e-mail address"),
    ],
)
def test_what_has_no_single_meaning_is_refused_with_what_to_do(tmp_path, name, content, words):
    """The sentence names the file, the line and the column, and what is understood."""
    with pytest.raises(Rejected, match=words) as refusal:
        read_roster_file(file(tmp_path, content, name))
    assert name in str(refusal.value)


EXAMPLES = Path(__file__).with_name("examples")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("apostrophe", [("Siobhan O'Neil", "s.o'neil@contoso.example", True), BRUNO]),
        ("excel-empty-rows", [AMARA]),
        ("excel-german", [AMARA, (*BRUNO[:2], False)]),
        ("guest", [("Lena (Fabrikam)", "lena_fabrikam.example#EXT#@contoso.onmicrosoft.example", True)]),
        ("x-marks", [AMARA, (*BRUNO[:2], False)]),
    ],
)
def test_a_file_as_spreadsheets_leave_it_is_read(name, expected):
    """An apostrophe, emptied rows, German, a guest, and marks in the place of words."""
    rows = read_roster_file(EXAMPLES / f"{name}.csv")
    assert [(row.name, row.email, row.oncall) for row in rows] == expected
    assert {row.service for row in rows} == {"checkout"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("case-duplicate", "bruno@contoso.example stands there twice"), ("excel-ansi", "not in UTF-8 .line 2.*CSV UTF-8")],
)
def test_a_file_that_says_two_things_is_refused(name, words):
    """An address twice in other letters, and letters that nobody can tell."""
    with pytest.raises(Rejected, match=words):
        read_roster_file(EXAMPLES / f"{name}.csv")


def test_a_phone_that_a_spreadsheet_kept_as_text_is_read(tmp_path):
    """Without the apostrophe or the formula that kept it."""
    for phone in ("'+49 30 1234567", "=+49 30 1234567", '"=""+49 30 1234567"""'):
        [row] = read_roster_file(file(tmp_path, f"email,oncall,phone,order\nada@x.example,x,{phone},2.0E+00\n"))
        assert (row.phone, row.order) == ("+49 30 1234567", 2)


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
    assert change.sentence.endswith("phone '' -> '+49 3\N{HORIZONTAL ELLIPSIS}67', paging '' -> 'sms'")


def test_what_is_so_already_is_no_change():
    """Importing a file for the second time changes nothing."""
    assert compare([Row(**ADA, role="primary", keys=("p", "r"))], [Row(**ADA)]) == []


def test_the_same_person_may_serve_two_services():
    """A row belongs to one service: the same address for another one is another row."""
    (change,) = compare([Row(**ADA)], [Row(**ADA | {"service": "payments"})])
    assert change.sentence.startswith("add")
