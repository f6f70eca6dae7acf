"""HTML of a payload is read as the text that people see."""

import pytest

from worker.alerts.markup import plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Two&nbsp;machines &amp; a disk</p><p>are <b>down</b></p>", "Two machines & a disk\nare down"),
        ("Do:<ul><li>restart</li><li>wait</li></ul>", "Do:\n- restart\n- wait"),
        ('See <a href="https://a.example/?x=1&amp;y=2">the run</a>.', "See the run (https://a.example/?x=1&y=2)."),
        ("<style>p {}</style>a<script>if (1 < 2) alert()</script>b", "ab"),
        ("load < 5 and\n  cpu > 7", "load < 5 and\n  cpu > 7"),
        ("می‌خواهم", "می‌خواهم"),
        ('<a href="javascript:alert()">x</a>', "x"),
    ],
)
def test_markup_becomes_text(markup, text):
    """Breaks, items and addresses stay, and what is no markup is as it was."""
    assert plain(markup).replace("\xa0", " ") == text


@pytest.mark.parametrize("piece", ["<", "<a href=", "<script>", " \n", "&#", "<a href='", "\xa0<b>", "</"])
def test_a_megabyte_of_anything_is_read_once(piece):
    """The time grows with the length, and with nothing else."""
    assert len(plain(piece * (300_000 // len(piece)) + "<b>")) <= 400_000
