"""A file is for the table of people, or for that of schedules: its name and its columns tell."""

import pytest

from worker.oncall.files.kinds import kind_of


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", "", "definitions"),
        ("a.toml", "", "definitions"),
        ("a.json", ' \n[{"email": ""}]', "people"),
        ("a.json", '{"schedules": {}}', "definitions"),
        ("a.csv", "schedule,time_zone,every,starts,people\n", "definitions"),
        ("a.csv", "Title\n\nschedule;time zone;people\n", "definitions"),
        ("a.csv", "name,email,service,oncall\n", "people"),
        ("a.csv", "email,oncall,description\n", "people"),
        ("a.csv", "", "people"),
        ("a.xlsx", "PK\x03\x04", "people"),
    ],
)
def test_a_file_tells_what_it_is_for(tmp_path, name, text, kind):
    path = tmp_path / name
    path.write_text(text)
    assert kind_of(path) == kind
