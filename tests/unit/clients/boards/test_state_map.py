"""Which state a work item is given for one of the response's, in each process and where an operator wishes another."""

import pytest

from worker.clients.boards.state_map import StateMap, state_for
from worker.clients.boards.states import States
from worker.domain.response.state import ResponseState
from worker.sandbox.boards.processes import PROCESSES

BASIC = ("To Do", "Doing", "Doing", "Done", "Done")
RESOLVING = ("New", "Active", "Active", "Resolved", "Closed")
CMMI = ("Proposed", "Active", "Active", "Resolved", "Closed")
SCRUM = ("New", "Committed", "Committed", "Done", "Done")
SCRUM_TASK = ("To Do", "In Progress", "In Progress", "Done", "Done")
TABLE = {
    ("basic", "Issue"): BASIC,
    ("basic", "Task"): BASIC,
    ("agile", "Bug"): RESOLVING,
    ("agile", "User Story"): RESOLVING,
    ("agile", "Task"): ("New", "Active", "Active", "Closed", "Closed"),
    ("agile", "Issue"): ("Active", "Active", "Active", "Closed", "Closed"),
    ("scrum", "Bug"): SCRUM,
    ("scrum", "Product Backlog Item"): SCRUM,
    ("scrum", "Task"): SCRUM_TASK,
    ("scrum", "Impediment"): ("Open", "Open", "Open", "Closed", "Closed"),
    ("cmmi", "Bug"): CMMI,
    ("cmmi", "Issue"): CMMI,
    ("cmmi", "Requirement"): CMMI,
    ("cmmi", "Task"): CMMI,
}
GERMAN = States((("Neu", "Proposed"), ("In Arbeit", "InProgress"), ("Behoben", "Resolved"), ("Zu", "Completed")))


def states_of(process, kind):
    found = PROCESSES[process].type_named(kind)
    return States(tuple((state.name, state.category) for state in found.states))


@pytest.mark.parametrize(("process", "kind"), TABLE)
def test_each_state_of_the_response_has_one_in_each_process(process, kind):
    """The first of its category, in the order of the type; what is declined or merged is closed."""
    states = states_of(process, kind)
    expected = (*TABLE[process, kind], TABLE[process, kind][-1], TABLE[process, kind][-1])
    assert tuple(state_for(states, state, owned=False) for state in ResponseState) == expected


@pytest.mark.parametrize(("process", "kind"), TABLE)
def test_what_is_reopened_with_an_owner_is_being_worked_on(process, kind):
    """Somebody has it already: it does not begin anew."""
    assert state_for(states_of(process, kind), "open", owned=True) == TABLE[process, kind][1]


def test_names_do_not_matter_where_there_are_categories():
    """A translated process is mapped like any other."""
    mapped = [state_for(GERMAN, state, owned=False) for state in ("open", "mitigated", "resolved", "merged")]
    assert mapped == ["Neu", "In Arbeit", "Behoben", "Zu"]


def test_a_state_that_is_merely_called_resolved_counts_only_while_it_is_work():
    """One that is proposed, or removed, under that name is none to resolve with."""
    odd = States((("Resolved", "Removed"), ("Doing", "InProgress"), ("Done", "Completed")))
    assert state_for(odd, "resolved", owned=True) == "Done"


def test_a_type_without_a_category_has_no_state_for_it():
    """Nothing is written then; an incident that is open or resolved takes the next best."""
    odd = States((("Idea", "Proposed"), ("Gone", "Removed")))
    assert [state_for(odd, state, owned=True) for state in ResponseState] == ["Idea", *[None] * 6]


def test_wishes_go_before_categories():
    """In the spelling of the process; a wish that the type has no state for is told, and the category decides."""
    wished = {"acknowledged": "behoben", "closed": "Elsewhere"}
    mapped = StateMap(GERMAN, wished)
    assert mapped.state_for("acknowledged", owned=True) == "Behoben"
    assert mapped.state_for("mitigated", owned=True) == "In Arbeit"
    assert mapped.state_for("closed", owned=True) == "Zu"
    assert mapped.unknown == {"closed": "Elsewhere"}
