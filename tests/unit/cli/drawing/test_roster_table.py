"""The roster as people see it."""

import pytest

from worker.cli.drawing.roster_table import roster_table
from worker.oncall.rows import Row

ADA = Row(name="Ada", email="ada@x.example", oncall=True)
PLAIN = ["service", "on call", "name", "email", "role"]


@pytest.mark.parametrize(
    ("columns", "beside"),
    [({}, []), ({"phone": "+49 30 1234567"}, ["phone"]), ({"phone": "+49 30 1", "paging": "sms"}, ["phone", "paging"])],
)
def test_how_a_person_is_reached_is_shown_where_somebody_says_it(columns, beside):
    """Whoever uses neither column does not lose the width of a terminal to it."""
    table = roster_table([ADA, ADA.model_copy(update={"name": "Bo", **columns})])
    assert [column.header for column in table.columns] == PLAIN + beside
    assert all(value in {str(cell) for column in table.columns for cell in column.cells} for value in columns.values())
