"""The doctor tells which maps were read, and where."""

from house_maps import VIGIL

from worker.doctor.checks.formats import check_formats
from worker.settings import Settings


async def test_maps_are_told_with_their_places():
    """Whoever compares two machines sees the names and the files."""
    [result] = [each async for each in check_formats(Settings(_env_file=None, formats=VIGIL))]
    assert result.verdict == "well"
    assert "vigil (vigil.yaml, line 1)" in result.what


async def test_nothing_is_told_where_there_are_none():
    """Most have none."""
    assert [each async for each in check_formats(Settings(_env_file=None))] == []
