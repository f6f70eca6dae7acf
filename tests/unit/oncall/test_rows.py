"""Rows of the on-call table as people and imports leave them."""

from worker.oncall.rows import read_row

TYPED = {"Name": "Ada", "E-Mail": "ada@x.example", "On Call": "yes"}


def test_what_an_import_wrote_counts_before_what_was_typed():
    """An import into a row with another spelling of the column leaves both, in whatever order the store gives them."""
    written = {"oncall": False}
    assert [read_row(row).oncall for row in (TYPED, TYPED | written, written | TYPED)] == [True, False, False]
