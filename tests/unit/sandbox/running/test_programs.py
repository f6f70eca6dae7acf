"""The sandbox's programs have its settings, and few of whoever started it."""

from worker.sandbox.running.programs import environment_of


def test_maps_are_found_from_another_folder(monkeypatch, tmp_path):
    """Whoever tries their own alerts on the sandbox names the file as they see it; other settings stay outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_FORMATS", "maps/vigil.yaml")
    monkeypatch.setenv("TOCSIN_BOARDS_URL", "https://boards.contoso.example")
    environment = environment_of({"TOCSIN_SLOTS": "1"})
    assert environment["TOCSIN_FORMATS"] == str(tmp_path / "maps/vigil.yaml")
    assert environment["TOCSIN_SLOTS"] == "1"
    assert "TOCSIN_BOARDS_URL" not in environment


def test_no_maps_are_none(monkeypatch):
    """An empty variable is no folder of maps."""
    monkeypatch.setenv("TOCSIN_FORMATS", "")
    assert "TOCSIN_FORMATS" not in environment_of({})


def test_its_clock_is_as_quick_as_whoever_started_it_says(monkeypatch):
    """So that a life is seen in a minute; and so are the other settings of how people are called."""
    monkeypatch.setenv("TOCSIN_MINUTE_SECONDS", "1")
    monkeypatch.setenv("TOCSIN_PAGING", "chat")
    environment = environment_of({})
    assert (environment["TOCSIN_MINUTE_SECONDS"], environment["TOCSIN_PAGING"]) == ("1", "chat")
