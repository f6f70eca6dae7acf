"""Text from outside keeps what people see, loses what hides, and is cut where a character ends."""

import unicodedata

import pytest

from worker.domain.text import clean, clean_line, cut, quoted

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
VIRAMA_JOINED = "\u0915\u094d\u200d\u0937"


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian
        "SMS\u200c\u0647\u0627",  # a Persian ending of a Latin word
        "\u06f2\u06f0\u200c\u0633\u0627\u0644\u0647",  # and of a number
        "\u0647\u200d.\u0634",  # a letter in the form that joins, before a dot
        VIRAMA_JOINED,  # Hindi
        "\u0915\u094d\u200d",  # a consonant's half form, alone
        "\u09b0\u200d\u09cd\u09af\u09be\u09ac",  # Bengali
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala
        "\u0d05\u0d35\u0d28\u0d4d\u200d",  # Malayalam, at the end of a word
        FAMILY,
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # with a colour of skin
        "\u2764\ufe0f\u200d\U0001f525",
        "\U0001f642\u200d\u2194\ufe0f",
        "1\ufe0f\u20e3 #\ufe0f\u20e3",  # keycaps
        ENGLAND,
        "\U0001f1e9\U0001f1ea",
        "\u845b\U000e0100",  # a variant of a Chinese character
        "e\u0301 \u05e9\u05c1\u05b8 \u0e01\u0e33",  # marks
        "\u0601 \u06f1\u06f2",  # a sign that is seen, though it is of the category of those that are not
        "one\ttwo\nthree",
    ],
)
def test_what_shapes_words_and_emoji_stays(text):
    """As it was sent."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("pass\u200cword \u200dx", "password x"),
        ("\u062e\u0648\u200c", "\u062e\u0648"),
        ("\u062e\u200c\u200c\u200d\u200c\u0648", "\u062e\u200c\u0648"),
        ("a\ufe0fb", "ab"),
        ("\U0001f600\ufe0f\ufe01\U000e0100\U000e0101", "\U0001f600\ufe0f"),
        ("\ufe0fa", "a"),
        ("\U000e0067\U000e0062x", "x"),
        ("\U0001f3f4\U000e0067x", "\U0001f3f4x"),
        ("\U0001f600" + ENGLAND[1:], "\U0001f600"),
        ("\u202aa\u202eb\u202c \u2066c\u2069\u200e\u200f\u061c", "ab c"),
        ("\ufeffa\u200bb\u2060c\u2063d\u00ade\u180ef", "abcdef"),
        ("\u115f\u1160\u3164\uffa0\u034f", ""),
        ("a\ufff9b\ufffac\ufffbd\u206ae", "abcde"),
        ("a\U0001bca0b\U0001bca3c\U0001d173d\U0001d17ae", "abcde"),
        ("a\x00\x1b\x7f\x9b\ue000\U000f0000\ud800b", "ab"),
    ],
)
def test_what_hides_or_turns_goes(text, left):
    """Wherever it stands; and once cleaned, a text stays as it is."""
    assert clean(text) == left
    assert clean(left) == left


@pytest.mark.parametrize("text", ["a\r\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b"])
def test_a_line_ends_in_one_way(text):
    """Two lines never become one word."""
    assert clean(text) == "a\nb"
    assert clean_line(text) == "a b"


def test_no_character_of_a_hidden_kind_is_left_between_letters():
    """All of Unicode, but for signs of numbers and of shaping that are seen."""
    hidden = [chr(code) for code in range(0x300, 0x2100) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Co"}]
    seen = [character for character in hidden if clean(f"x{character}x") != "xx"]
    assert "".join(seen) == "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"


@pytest.mark.parametrize("character", [FAMILY, VIRAMA_JOINED, "e\u0301\u0323", ENGLAND, "\U0001f44d\U0001f3fd"])
def test_a_text_is_not_cut_within_a_character(character):
    """Whatever the limit: all of it stands there, or nothing."""
    text = f"ab{character}cd"
    for limit in range(3, len(text)):
        left = cut(limit)(text).removesuffix("…")
        assert left in {"ab", f"ab{character}", f"ab{character}c"}
        assert len(left) < limit


def test_no_flag_loses_its_half():
    """A region's letters are cut by twos."""
    flags = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7!"
    assert [len(cut(limit)(flags)) for limit in (2, 3, 4)] == [1, 3, 3]


def test_a_character_without_end_is_cut_all_the_same():
    """Nobody fills a page with the marks of one letter."""
    assert len(cut(100)("e" + "\u0301" * 10_000)) == 100


def test_a_foreign_sentence_is_quoted_without_its_end():
    """In one line of a bounded length; what is no text says nothing."""
    assert quoted("no\nway.") == "no way"
    assert len(quoted("x" * 1_000)) == 300
    assert quoted(7) == ""
