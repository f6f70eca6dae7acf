"""TOCSIN_FORMATS is read at the start, with every fault beside those of other settings."""

import pytest
from house_maps import VIGIL, written

from worker.domain.errors import Misconfigured
from worker.settings import Settings


def test_maps_are_read_and_their_names_are_known_to_the_severities():
    """A word may mean something else in a house's own format alone."""
    settings = Settings.read(_env_file=None, formats=str(VIGIL), severities="vigil.p1=5")
    assert [each.format.name for each in settings.formats] == ["vigil"]
    assert settings.reading.house == settings.formats
    assert settings.severities.find("vigil", "p1") == 5


@pytest.mark.parametrize("formats", ["", "  ", ()])
def test_nothing_is_no_file(formats):
    """An empty variable is one that is not set."""
    assert Settings.read(_env_file=None, formats=formats).formats == ()


def test_all_faults_are_told_with_those_of_other_settings(tmp_path):
    """One start is enough."""
    path = written(tmp_path, "name: grafana\ntitle: x\n---\ntitel: x\n")
    with pytest.raises(Misconfigured) as refusal:
        Settings.read(_env_file=None, formats=str(path), severities="vigil.p1=1", slots="none")
    for words in (
        "TOCSIN_FORMATS: maps.yaml, line 1: name",
        "maps.yaml, line 4: titel",
        "TOCSIN_SLOTS",
        "no such format",
    ):
        assert words in str(refusal.value)
