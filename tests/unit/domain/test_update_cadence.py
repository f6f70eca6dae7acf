"""How often updates are promised, as an operator writes it."""

import pytest

from worker.domain.errors import Misconfigured
from worker.domain.update_cadence import Cadence, read_cadence, usual_cadence
from worker.settings import Settings

USUAL = usual_cadence()


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {}),
        ("1=5m/15m/30m", {1: Cadence(5, 15, 30)}),
        (" Critical = 5 min / 1 h / 2 d ;\n3=off,", {1: Cadence(5, 60, 2880), 3: None}),
        ("1-2=5m/15m/30m, 4=1h/4h/1d working-hours", {
            1: Cadence(5, 15, 30), 2: Cadence(5, 15, 30), 4: Cadence(60, 240, 1440, within_hours=True),
        }),
        ("all=off", dict.fromkeys(range(1, 6))),
    ],
)  # fmt: skip
def test_what_is_named_is_changed_and_the_rest_is_as_usual(text, changed):
    """Where nobody wants updates none are promised."""
    wanted = {severity: cadence for severity, cadence in {**USUAL, **changed}.items() if cadence}
    assert read_cadence(text) == wanted
    assert Settings.read(_env_file=None, update_cadence=text).update_cadence == wanted


def test_the_example_of_the_settings_is_what_is_usual():
    """So whoever copies it changes nothing."""
    assert read_cadence("1=10m/30m/60m, 2=20m/60m/2h, 3=60m/4h/1d working-hours, 4-5=off") == USUAL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10m/30m/60m", "'10m/30m/60m' names no severity"),
        ("=10m/30m/60m", "names no severity"),
        ("6=off", "'6' is no severity"),
        ("1=10m/30m", "'1=10m/30m' gives a severity neither off nor three times"),
        ("1=10m/30m/60m/2h", "neither off nor three times"),
        ("1=10/30/60", "neither off nor three times"),
        ("1=", "neither off nor three times"),
        ("1=10m/30m/60m at night", "neither off nor three times"),
        ("1=0m/30m/60m", "'1=0m/30m/60m' has a time that is not between 1 minute and 14 days"),
        ("1=10m/30m/15d", "between 1 minute and 14 days"),
        ("1=off, 1-2=off", "severity 1 is named twice"),
        ("1" * 1_001, "is longer than"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_entry(text, words):
    """With the name of the setting, what is wrong, and an example."""
    with pytest.raises(Misconfigured) as refused:
        Settings.read(_env_file=None, update_cadence=text)
    assert "TOCSIN_UPDATE_CADENCE" in str(refused.value)
    assert words in str(refused.value)
