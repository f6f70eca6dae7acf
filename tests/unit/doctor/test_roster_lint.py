"""What is wrong with an on-call table shows before a night does."""

import pytest

from worker.doctor.finding import Verdict
from worker.doctor.roster_lint import lint
from worker.oncall.on_call import Roster, UnreadableRow
from worker.oncall.rows import Row


def row(name="Ada", service="default", *, oncall=True, email=None, keys=None):
    address = email or f"{name.lower()}@x.example"
    return Row(name=name, email=address, service=service, oncall=oncall, keys=keys)


def found(*rows):
    """What is not well, as verdict and sentence."""
    results = lint(Roster(rows=rows, unreadable=()))
    assert all(result.why and result.remedy for result in results if result.verdict is not Verdict.WELL)
    return [(result.verdict.value, result.what) for result in results if result.verdict is not Verdict.WELL]


def test_a_good_table_is_told_to_be_good():
    """One sentence with the numbers, and nothing else."""
    [result] = lint(Roster(rows=(row(), row("Ben", "checkout")), unreadable=()))
    assert (result.verdict, result.what) == (Verdict.WELL, "2 on call for 2 services, each with somebody.")


def test_an_empty_table_calls_nobody():
    """No row at all is the worst table."""
    assert found() == [("wrong", "Nobody is on call for the service 'default'.")]


def test_a_row_that_cannot_be_read_is_named():
    """By its keys and its fault, with the command that takes it out."""
    broken = UnreadableRow(keys=("p", "r 1"), fault="oncall is neither yes nor no")
    [result] = lint(Roster(rows=(row(),), unreadable=(broken,)))
    assert (result.verdict, result.what) == (Verdict.WRONG, "The row p/r 1: oncall is neither yes nor no.")
    assert result.remedy.endswith("Or take it out: tocsin roster remove 'p/r 1' --yes")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([row()], [("note", "Nobody is on call for 'checkout' itself.")]),
        (
            [],
            [
                ("wrong", "Nobody is on call for the service 'default'."),
                ("wrong", "Nobody is on call for 'checkout', and nobody by default."),
            ],
        ),
    ],
)
def test_a_service_without_anybody_is_named(others, expected):
    """With people by default it is worth knowing, without them it is wrong."""
    assert found(row("Ben", "Checkout", oncall=False), *others) == expected


def test_a_person_who_stands_twice_is_named_with_the_rows():
    """Rows that agree are untidy; rows that contradict each other call somebody who may be on holiday."""
    first, again = row(keys=("p", "1")), row(service="Default", email="ADA@x.example", keys=("p", "2"))
    assert found(first, again) == [("note", "ada@x.example stands 2 times for 'default' (p/1, p/2).")]
    assert lint(Roster(rows=(first, again), unreadable=()))[0].remedy.endswith("tocsin roster remove p/2 --yes")
    off = row(oncall=False, keys=("p", "2"))
    assert found(first, off) == [("wrong", "ada@x.example stands 2 times for 'default', on call and not (p/1, p/2).")]


def test_the_same_person_for_two_services_is_no_fault():
    """People answer for several services."""
    assert found(row(), row(service="checkout")) == []


def test_names_that_help_nobody_are_told():
    """An address in place of a name, and one name with two addresses."""
    assert found(row("ada@x.example", email="ada@x.example")) == [("note", "ada@x.example has no name.")]
    assert found(row(), row(service="mail", email="ada@old.example")) == [
        ("note", "'ada' has 2 addresses: ada@old.example, ada@x.example.")
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"phone": "030 1234567"}, ("wrong", "The phone of ada@x.example for 'default' is no telephone number with")),
        ({"paging": "pigeon"}, ("wrong", "The paging of ada@x.example for 'default' cannot be read: 'pigeon' is no")),
        ({"paging": "1=SMS"}, ("note", "The paging of ada@x.example for 'default' names sms, and there is no phone.")),
    ],
)
def test_a_person_who_cannot_be_reached_as_written_is_named(columns, expected):
    """The row counts, and what is wrong with it is told; a number is not repeated."""
    [(verdict, what)] = found(row().model_copy(update=columns))
    assert (verdict, what[: len(expected[1])]) == expected
    assert "1234567 " not in what.replace("+49 30 1234567", "")


def test_a_person_who_can_be_reached_as_written_is_well():
    """A number as people write it, and ways in any spelling."""
    assert found(row().model_copy(update={"phone": "0049 (0)30 123-4567", "paging": "1-2 = Mention + SMS"})) == []


@pytest.mark.parametrize(
    ("rows", "scheduled", "expected"),
    [
        ([], ["default"], []),
        ([], ["checkout"], [("wrong", "Nobody is on call for the service 'default'.")]),
        ([row("Ben", "Checkout", oncall=False)], ["checkout", "default"], []),
        ([row("Ben", "Checkout", oncall=False)], ["default"], [("note", "Nobody is on call for 'checkout' itself.")]),
    ],
)
def test_a_service_that_schedules_answer_for_needs_no_rows(rows, scheduled, expected):
    """Of its own, or by default."""
    results = lint(Roster(rows=tuple(rows), unreadable=()), scheduled)
    assert [(result.verdict.value, result.what) for result in results if result.verdict is not Verdict.WELL] == expected
