"""Which time zone data is in use is told, and its release."""

from importlib.metadata import version

import pytest

from worker.doctor.checks.time_zones import source


@pytest.fixture
def zones(tmp_path):
    """A folder of a system that has zones, and one that has none."""
    (tmp_path / "full" / "Europe").mkdir(parents=True)
    (tmp_path / "full" / "Europe" / "Berlin").write_bytes(b"TZif")
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty", tmp_path / "full"


@pytest.mark.parametrize(
    ("name", "content", "release"),
    [("tzdata.zi", "# version 2026c\nR A", "2026c"), ("+VERSION", "2026c\n", "2026c"), ("tzdata.zi", "R A", "")],
)
def test_the_first_folder_with_zones_is_the_one(zones, name, content, release):
    """Its release stands in one of the files that systems keep beside them."""
    (zones[1] / name).write_text(content)
    assert source(zones) == (str(zones[1]), release)


def test_a_machine_without_zones_has_those_of_the_package():
    """Slim images have no others."""
    assert source(()) == ("the package tzdata", version("tzdata"))
