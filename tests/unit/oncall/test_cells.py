"""A cell is read as people type it, and as spreadsheets of any language write it."""

import pytest

from worker.oncall.cells import LAST, read_address_cell, read_order, read_phone_cell, read_yes_or_no


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("true TRUE Yes y 1 1.0 1,0 1,00E+00 -1 on x X ✓ ✔️ ☑ =TRUE =WAHR() 'true ＴＲＵＥ", True),  # noqa: RUF001
        ("WAHR ja VRAI oui VERDADERO sí si VERO sì VERDADEIRO sim ИСТИНА да SANT SAND SANN TOSI kyllä", True),
        ("PRAWDA tak PRAVDA ano IGAZ igen DOĞRU evet WAAR ADEVĂRAT ΑΛΗΘΗΣ 真 是 はい 참 ІСТИНА", True),
        ("false No n 0 0.0 0,0 0,00E+00 off =FALSE() × FALSCH nein FAUX non FALSO no não", False),  # noqa: RUF001
        ("ЛОЖЬ нет FALSKT FALSK USANN nej EPÄTOSI ei FAŁSZ nie NEPRAVDA ne HAMIS nem YANLIŞ", False),
        ("- – — ☐ ❌ hayır ONWAAR nee FALS ΨΕΥΔΗΣ 假 否 いいえ 거짓 ХИБНІСТЬ", False),  # noqa: RUF001
    ],
)
def test_yes_and_no_are_read_in_every_language(words, expected):
    """As words, marks, numbers and formulas, with or without spaces around."""
    assert {word: read_yes_or_no(f" {word}\u00a0") for word in words.split()} == dict.fromkeys(words.split(), expected)


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", "'"])
def test_nothing_is_no(blank):
    """Who is not marked is not on call."""
    assert read_yes_or_no(blank) is False


@pytest.mark.parametrize("word", ["maybe", "2", "0.5", "yes or no", "?", "ja nein", "#NAME?", "1e99"])
def test_what_may_mean_either_is_refused_with_the_words(word):
    """Whoever typed it reads what is understood."""
    with pytest.raises(ValueError, match=r"neither yes nor no: write yes or no, true or false, 1 or 0, x or nothing"):
        read_yes_or_no(word)


@pytest.mark.parametrize(
    ("cell", "order"),
    [("2", 2), (2.0, 2), ("2,0", 2), ("1,00E+00", 1), ("'3", 3), ("first", LAST), ("1e99", LAST), ("nan", LAST)],
)
def test_an_order_is_a_number_however_it_is_written(cell, order):
    """What is none stands last, and hides nobody."""
    assert read_order(cell) == order


def test_a_phone_keeps_what_people_typed():
    """But for what keeps a spreadsheet from calculating with it."""
    for cell in ("+49 30/12", "'+49 30/12", '="+49 30/12"', "=+49 30/12", " +49\u00a030/12 "):
        assert read_phone_cell(cell) == "+49 30/12"


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("mailto:ada@x.example", "ada@x.example"),
        (" MAILTO:ada@x.example ", "ada@x.example"),
        ("Ada Lovelace <ada@x.example>", "ada@x.example"),
        ('"Lovelace, Ada" <mailto:ada@x.example>', "ada@x.example"),
        ("ada@x.example", "ada@x.example"),
        ("Ada <a@x.example>, Ben <b@x.example>", "Ada <a@x.example>, Ben <b@x.example>"),
        ("a\u200bda@x.example", "a\u200bda@x.example"),
    ],
)
def test_an_address_is_read_out_of_what_a_mail_program_copies(cell, address):
    """Where it is one; two addresses stay what they are, and are refused."""
    assert read_address_cell(cell) == address
