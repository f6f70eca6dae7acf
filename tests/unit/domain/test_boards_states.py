"""The setting that names states of work items for those of the response."""

import pytest

from worker.domain.boards_states import read_boards_states


def test_each_entry_is_a_state_of_the_response_and_one_of_a_work_item():
    """Blanks, case and the sign between entries do not matter; names keep theirs."""
    assert read_boards_states(" Acknowledged = In Arbeit ;resolved=Done,\nmerged= Zu ") == (
        ("acknowledged", "In Arbeit"),
        ("resolved", "Done"),
        ("merged", "Zu"),
    )
    assert read_boards_states(" , ") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Doing", "'Doing' names no state"),
        ("acknowledged=", "names no state"),
        ("acknowledged=\u200b", "names no state"),
        ("acked=Doing", "'acked' is no state of the response; there are open, acknowledged"),
        ("open=New, OPEN=To Do", "open is named twice"),
        ("open=" + "x" * 129, "longer than 128 characters"),
        ("open=New," * 400, "longer than 2000 characters"),
    ],
)
def test_what_is_not_understood_is_named(text, told):
    """Each fault is a sentence with the entry, or with what there is to choose from."""
    with pytest.raises(ValueError, match=told):
        read_boards_states(text)
