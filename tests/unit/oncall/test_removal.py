"""Which rows are taken out: the ones that are meant, and no other."""

from worker.oncall.on_call import Roster, UnreadableRow
from worker.oncall.removal import removals_of, removals_of_missing, without
from worker.oncall.rows import Row


def row(number, email="ada@x.example", service="default", *, oncall=True):
    return Row(name="Ada", email=email, service=service, oncall=oncall, keys=("p", str(number)))


BROKEN = UnreadableRow(keys=("default", "ben@x.example"), fault="oncall: is neither yes nor no")
ROSTER = Roster(
    rows=(row(1), row(2, "ADA@x.example", "Checkout", oncall=False), row(3, "eve@x.example")), unreadable=(BROKEN,)
)


def keys(removals):
    return [removal.keys for removal in removals]


def test_a_person_goes_from_every_service_or_from_one():
    """Addresses and services are the same in any case."""
    assert keys(removals_of(ROSTER, "Ada@X.example")) == [("p", "1"), ("p", "2")]
    [removal] = removals_of(ROSTER, "ada@x.example", "CHECKOUT")
    assert removal.keys == ("p", "2")
    assert removal.sentence == "remove  ADA@x.example for Checkout: Ada, not on call"


def test_a_row_goes_by_its_keys_as_they_are_printed():
    """One of two rows of the same person, and a row that cannot be read."""
    assert keys(removals_of(ROSTER, "p/2")) == [("p", "2")]
    [removal] = removals_of(ROSTER, "default/ben@x.example")
    assert removal.keys == BROKEN.keys
    assert removal.sentence == "remove  the row default/ben@x.example: oncall: is neither yes nor no"


def test_who_is_not_there_is_nobody():
    """Neither another service's person, nor a part of an address or of a key."""
    assert removals_of(ROSTER, "ada@x.example", "payments") == []
    assert removals_of(ROSTER, "ada") == []
    assert removals_of(ROSTER, "p") == []


def test_what_a_file_does_not_name_is_missing():
    """A row that cannot be read goes too, unless the file writes over it: then it is mended."""
    given = [Row(name="Ada", email="ada@x.example", service="DEFAULT", oncall=True)]
    assert keys(removals_of_missing(ROSTER, given)) == [("p", "2"), ("p", "3"), ("default", "ben@x.example")]
    mending = [*given, Row(name="Ben", email="ben@x.example", service="", oncall=True)]
    assert keys(removals_of_missing(ROSTER, mending)) == [("p", "2"), ("p", "3")]


def test_what_is_left_is_all_the_rest():
    """So that one can say beforehand whom nobody would answer for."""
    left = without(ROSTER, removals_of(ROSTER, "eve@x.example"))
    assert left == Roster(rows=ROSTER.rows[:2], unreadable=(BROKEN,))
