"""Which tests are run for a change: those that reach it, the nearest first."""

import json

import pytest
from reach import Reach, functions_by_line

OWN, OF_PACKAGE, ELSEWHERE, CONTRACT = (
    "tests/unit/engine/test_journal_more.py::test_a",
    "tests/unit/engine/test_launcher.py::test_b",
    "tests/unit/cli/test_moments.py::test_c",
    "tests/contract/engine/test_launcher.py::test_d",
)
JOURNAL = "worker/engine/journal.py"


@pytest.fixture
def reach():
    seconds = {CONTRACT: 1.0, ELSEWHERE: 2.0, OF_PACKAGE: 3.0, OWN: 4.0}
    functions = {f"{JOURNAL}::Journal.close": frozenset(seconds), f"{JOURNAL}::Journal.begin": frozenset({CONTRACT})}
    return Reach(seconds, functions)


def test_the_nearest_come_first(reach):
    """A module's own tests, then those of its package, then others; contract tests after all units."""
    found = reach.tests_of(JOURNAL, "Journal.close", seconds=60)
    assert found == [OWN, OF_PACKAGE, ELSEWHERE, CONTRACT]


def test_own_tests_are_run_whether_they_reach_it_or_not(reach):
    """What a fixture did for another test of the file is not seen; and there is time for them always."""
    assert reach.tests_of(JOURNAL, "Journal.begin", seconds=60) == [OWN, CONTRACT]
    assert reach.tests_of(JOURNAL, "Journal.begin", seconds=1) == [OWN]


def test_what_stands_in_no_function_is_reached_with_the_file(reach):
    """A constant is looked at by whoever runs a function of its file."""
    assert reach.tests_of(JOURNAL, "", seconds=60) == [OWN, OF_PACKAGE, ELSEWHERE, CONTRACT]


def test_a_function_that_is_never_run_itself_is_reached_with_what_it_stands_in(reach):
    """A function within another has no tests of its own."""
    assert CONTRACT in reach.tests_of(JOURNAL, "Journal.begin.inner", seconds=60)


def test_tests_are_known_anew_by_file(reach, tmp_path):
    """What a run found out replaces all that was known of its files, and of no other."""
    newer = {"seconds": {OWN: 0.5}, "functions": {f"{JOURNAL}::Journal.begin": [OWN]}}
    (tmp_path / "part.json").write_text(json.dumps(newer))
    renewed = reach.renewed(tmp_path)
    assert renewed.functions[f"{JOURNAL}::Journal.begin"] == {CONTRACT, OWN}
    assert OWN not in renewed.functions[f"{JOURNAL}::Journal.close"]
    assert renewed.seconds_of([OWN]) == 0.5


def test_what_is_kept_is_read_again(reach, tmp_path):
    """The map of one run serves the next."""
    reach.write(tmp_path / "kept")
    assert Reach.read(tmp_path / "kept") == reach


def test_each_line_belongs_to_its_innermost_function():
    """A line of a function within another is the inner one's; a signature is nobody's."""
    found = functions_by_line("class A:\n    def b(self):\n        def c():\n            return 1\n        return c\n")
    assert found == {3: "A.b", 4: "A.b.c", 5: "A.b"}
