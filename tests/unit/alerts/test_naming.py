"""Names are known in the spelling of any language."""

from worker.alerts.naming import with_our_spelling

NAMES = {"title", "detection_source"}


def test_other_spellings_stand_beside_what_was_sent():
    """Those of C# and of JavaScript; what is not asked for stays as it is."""
    payload = {"Title": "x", "detectionSource": "support", "Other": 1}
    assert with_our_spelling(payload, NAMES) == payload | {"title": "x", "detection_source": "support"}


def test_our_own_spelling_counts_most():
    """Whatever order they come in."""
    assert with_our_spelling({"title": "ours", "Title": "theirs"}, NAMES)["title"] == "ours"


def test_long_names_are_nobodys():
    """A name as long as the body is not looked into."""
    assert with_our_spelling({"aB" * 100_000: 1}, NAMES) == {"aB" * 100_000: 1}
