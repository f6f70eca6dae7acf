"""The small changes that tests have to notice: each is one edit, where it says, and still Python."""

import pytest
from mutants import mutants_of

EVERY_OPERATOR = '''
LIMIT = 10


class Door:
    def enter(self, guests, *, key):
        """Let 3 in."""
        log.info("door.enter", number=3)
        self.open = key
        if key and guests:
            raise Refused(f"{len(guests)}")
        self.ring(loud=True)
        for guest in (each for each in guests if each.invited):
            guests -= 1
            swap(guest, key, 1)
        with self.guard():
            return escape(key) if not guests < LIMIT else None

    def leave(self, count: int = 5) -> int:
        try:
            return count == 2 or min(count * 2, 7)
        except (KeyError, ValueError):
            return None
'''.encode()  # noqa: UP012 (bytes, as files are)

EXPECTED = {
    "change a constant": ["10 → 100", "1 → 2", "True → False", "5 → 50", "2 → 3", "7 → 70"],
    "leave out a statement": ["self.open = key", "raise Refused", "self.ring(loud=True)", "guests -= 1", "swap(guest"],
    "negate a condition": [
        "key and guests → (not (key and guests))",
        "not guests < LIMIT → (not (not guests < LIMIT))",
    ],
    "leave out a side": ["→ (key)", "→ (guests)", "→ (count == 2)", "→ (count)"],
    "leave out a condition": ["each.invited → True"],
    "leave out an argument": ["self.ring(loud=True) → self.ring()"],
    "swap two arguments": ["swap(guest, key, 1) → swap(key, guest, 1)"],
    "leave out a context": ["with self.guard() → if True"],
    "leave out a call around a value": ["escape(key) → (key)"],
    "leave out a not": ["not guests < LIMIT → (guests < LIMIT)"],
    "move a bound": ["guests < LIMIT → (guests <= LIMIT)"],
    "turn a comparison round": ["count == 2 → (count != 2)"],
    "turn an operation round": ["min → max", "count * 2 → (count / 2)"],
    "leave out an error": ["→ (ValueError,)", "→ (KeyError,)"],
    "return nothing": ["return escape(key)", "return count == 2"],
}


@pytest.fixture(scope="module")
def mutants():
    return mutants_of("worker/door.py", EVERY_OPERATOR)


@pytest.mark.parametrize("operator", EXPECTED)
def test_every_operator_changes_what_it_names(mutants, operator):
    """Each operator finds its places in the source, and says what becomes of them."""
    names = [mutant.name for mutant in mutants if mutant.operator == operator]
    assert [change for change in EXPECTED[operator] if not any(change in name for name in names)] == []


def test_there_are_no_other_operators(mutants):
    """Whatever is changed is changed by one of those that are tested."""
    assert {mutant.operator for mutant in mutants} == set(EXPECTED)


def test_a_mutant_is_one_edit_of_the_source_and_still_python(mutants):
    """What it replaces stands where it says, and what comes of it is another program."""
    for mutant in mutants:
        assert EVERY_OPERATOR[mutant.start : mutant.end].decode() == mutant.before
        assert mutant.applied(EVERY_OPERATOR) != EVERY_OPERATOR
        compile(mutant.applied(EVERY_OPERATOR), "", "exec")


def test_what_is_only_said_is_not_changed(mutants):
    """Log lines, docstrings, annotations and what stands in f-strings have no mutants."""
    for mutant in mutants:
        assert not {"3", "int", "len(guests)"} & {mutant.before.strip()}
        assert not mutant.before.startswith("log.")


def test_a_mutant_is_named_by_its_function_and_not_by_its_line(mutants):
    """Its name is the same when lines are added before it."""
    moved = mutants_of("worker/door.py", b"\n\n" + EVERY_OPERATOR)
    assert [mutant.name for mutant in moved] == [mutant.name for mutant in mutants]
    assert {mutant.function for mutant in mutants} == {"", "Door.enter", "Door.leave"}


def test_offsets_count_bytes():
    """What is not ASCII before a place does not move it."""
    [mutant] = mutants_of("a.py", 'x = "ä→"; y = 7\n'.encode())
    assert mutant.applied('x = "ä→"; y = 7\n'.encode()) == 'x = "ä→"; y = 70\n'.encode()
