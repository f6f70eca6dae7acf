"""HTML out of a payload becomes text that people read."""

import pytest

from worker.domain.markup import plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("Down.<br>We look into it.<br/><br />More follows.", "Down.\nWe look into it.\n\nMore follows."),
        ("<ul><li>Storage</li><li>Key Vault</li></ul>", "- Storage\n- Key Vault"),
        ("<tr><td align='center'>Storage</td>\r\n<td>West Europe<br></td></tr>", "Storage | West Europe"),
        ("<p><strong>Impact</strong>:&nbsp;5 &lt; 7 &amp; more</p>", "Impact: 5 < 7 & more"),
        ('Read <a class="x" href="https://a.example/?b=1&amp;c=2">the guide</a>.', "Read the guide (https://a.example/?b=1&c=2)."),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ("<a href='https://a.example/'></a>", "https://a.example/"),
        ('<a href="javascript:alert(1)">Press</a>', "Press"),
        ("<style>p { color: red }</style><script>alert(1)</script>Down<!-- <p>old</p> -->", "Down"),
        ("<!-- one --><!-- two -->Down <!-- never closed", "Down"),
        ("<o:p></o:p><span>Word's own</span>", "Word's own"),
        ("<b>List<String></b> is full, 3 < 4", "List<String> is full, 3 < 4"),
        ("No markup\nkeeps   its\n\n\nlines &gt; all", "No markup\nkeeps its\n\nlines > all"),
        ("", ""),
        ("<p><br></p>", ""),
        ("&#" + "9" * 5_000 + "; and &#65;&#x1F4CC;", "\ufffd and A📌"),
        ("<p>&#" + "9" * 5_000 + "</p>", "\ufffd"),
    ],
)  # fmt: skip
def test_markup_becomes_what_a_person_reads(markup, text):
    """Lines, lists, cells and addresses are kept, entities are decoded, and what no reader sees is dropped."""
    assert plain(markup) == text


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<!--",
        "<a ",
        "<a href=",
        "<a href='x'>t",
        "</a>",
        "<script>",
        "&",
        "<p>",
        "<li>",
        "<td>",
        "&lt;",
        "&#",
        "&#9",
    ],
)
def test_no_markup_takes_long(part):
    """Everything is read once, however broken it is: in the square of this length it would run into the time-out."""
    assert len(plain(part * (200_000 // len(part)))) <= 200_000
