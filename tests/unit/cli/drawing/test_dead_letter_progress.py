"""How far a run over dead letters has come."""

import io

import pytest
from rich.console import Console

from worker.cli.drawing.dead_letter_progress import progress
from worker.dead_letters.outcome import ItemOutcome, ItemResult


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=80, markup=False, highlight=False, emoji=False)


def test_progress_on_a_pipe_is_silent_while_it_is_short(console):
    """Nobody watches there; a line now and then is for long runs."""
    with progress(console, "replay", 3) as advance:
        for number in range(3):
            advance(ItemOutcome(sequence_number=number, result=ItemResult.DONE))
    assert console.file.getvalue() == ""
