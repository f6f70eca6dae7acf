"""A spool whose process is killed: whatever a sender was told is kept, or was taken by the queue."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from worker.domain.event import decode
from worker.intake.spool_file import SpoolFile

CHECKOUT = Path(__file__).parents[3]
LIVES = CHECKOUT / "tests/support/spool_lives.py"
SEED = random.SystemRandom().randrange(10**6)


@pytest.fixture(scope="module")
def graves(tmp_path_factory):
    """The directories that the dead left behind."""
    folder = tmp_path_factory.mktemp("lives")
    command = [sys.executable, str(LIVES), str(folder), "20", str(SEED)]
    subprocess.run(command, check=True, cwd=folder, env={"PYTHONPATH": str(CHECKOUT)}, timeout=100)
    return sorted(folder.iterdir())


def names_in(page):
    return page.read_text().split() if page.exists() else []


def kept_in(directory):
    file = SpoolFile.open(directory)
    kept = [decode(each.body).title for each in file.after(0, 100_000)]
    file.close()
    return kept


def test_lives_ended_at_every_step(graves):
    """There are lives that ended at the first step, and one that reached its end."""
    steps = [grave for grave in graves if grave.name.startswith("step-")]
    assert len(steps) > 20
    assert names_in(steps[-1] / "told") == names_in(steps[-1] / "taken")
    assert kept_in(steps[-1] / "spool") == []


def test_nothing_that_a_sender_was_told_is_lost(graves):
    """Wherever a life ended, each event that was promised is in the spool or in the queue."""
    for grave in graves:
        promised = set(names_in(grave / "told"))
        found = set(names_in(grave / "taken")) | set(kept_in(grave / "spool"))
        assert promised <= found, f"lost in {grave.name} (seed {SEED}): {promised - found}"


def test_lives_ended_at_every_step_over_damage(graves):
    """There are lives that ended while a damaged file was set aside and salvaged, and one that reached its end."""
    steps = [grave / "spool" for grave in graves if grave.name.startswith("damage-")]
    assert len(steps) > 10
    assert list(steps[-1].glob("salvaged-*.db"))


def test_what_outlived_a_kill_was_promised_often(graves):
    """The lives that were ended at any time had promised something, or they would prove nothing."""
    [grave] = [grave for grave in graves if grave.name == "any-time"]
    assert len(names_in(grave / "told")) > 20
