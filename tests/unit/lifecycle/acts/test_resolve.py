"""The end of what hurts, and what is asked for then."""

from responses import BEN, IVY, MONITOR, Life


def test_a_summary_is_asked_for_and_a_draft_is_made():
    """Of whose it is and who leads; what was said of it is a comment too."""
    life = Life(2)
    life.act("acknowledge")
    life.act("role", IVY, role="commander")
    life.later(9).act("resolve", BEN, text="Rolled back")
    (entry,) = life.newest
    assert [tell.person for tell in entry.says[0].mentions] == ["ada", "ivy"]
    assert "Write a summary" in entry.says[0].text
    assert set(entry.does) == {"review-draft", "snapshot"}
    assert entry.comments == ("Ben: it is resolved. Rolled back.",)


def test_of_an_open_one_nobody_need_have_it():
    """Whoever resolves what nobody has acknowledged is no owner."""
    life = Life()
    assert life.act("resolve").state == "resolved"
    assert life.response.owner is None


def test_what_a_monitoring_system_resolves_is_a_question():
    """Unless the settings let it act."""
    life = Life()
    assert life.act("resolve", MONITOR).state == "open"
    assert life.said() == "Grafana says that it is resolved there. Is it resolved?"


def test_close_exports_and_archives_after_a_week():
    """The channel hears when."""
    life = Life()
    life.act("resolve")
    life.later(1).act("close")
    assert set(life.newest[0].does) == {"review-final", "snapshot"}
    assert life.due("archive") == 1 + 7 * 24 * 60
    assert "archived at 10:01 UTC on 12 May" in life.said()
