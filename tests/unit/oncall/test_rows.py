"""Rows of the on-call table as people and imports leave them."""

import pytest
from pydantic import ValidationError

from worker.domain.validation import faults
from worker.oncall.rows import Row, read_row

TYPED = {"Name": "Ada", "E-Mail": "ada@x.example", "On Call": "yes"}


def test_what_an_import_wrote_counts_before_what_was_typed():
    """An import into a row with another spelling of the column leaves both, in whatever order the store gives them."""
    written = {"oncall": False}
    assert [read_row(row).oncall for row in (TYPED, TYPED | written, written | TYPED)] == [True, False, False]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"E-Mail": "s.o'neil@x.example", "On Call": "WAHR"}, ("s.o'neil@x.example", True, "")),
        ({"mail": "\u00a0ada@x.example", "oncall": 1.0, "Telephone": "'+49 30 1"}, ("ada@x.example", True, "+49 30 1")),
        ({"email": "lena_x.example#EXT#@y.example", "oncall": ""}, ("lena_x.example#EXT#@y.example", False, "")),
    ],
)
def test_a_row_typed_by_hand_is_read_as_leniently_as_a_file(given, read):
    """Its columns in any spelling, its cells in any language."""
    row = read_row(given)
    assert (row.email, row.oncall, row.phone) == read


@pytest.mark.parametrize("email", ["nobody", "zed at nowhere", "a@b@c", "<ada@x.example>", "ada@x.example\r\nTo: b@y"])
def test_what_is_no_address_is_called_so(email):
    """And nothing that it is not."""
    with pytest.raises(ValidationError) as refusal:
        read_row({"name": "Ada", "email": email, "oncall": "yes"})
    assert faults(refusal.value).startswith("email: is not an e-mail address: ")


def test_two_addresses_never_share_a_row():
    """Not even where a key of the table may not hold what tells them apart."""
    addresses = ["a#b@x.example", "a-b@x.example", "a/b@x.example", "a?b@x.example", "a%b@x.example"]
    keys = {Row(name="Ada", email=email, oncall=True).to_keys() for email in addresses}
    assert len(keys) == len(addresses)
    assert not any(set("#/?%\\") & set(key) for _, key in keys)
