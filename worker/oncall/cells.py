"""One cell of a rota, as people type it and as spreadsheets of any language write it."""

import re
import unicodedata

from worker.domain.text import clean_line

# Behind all that say their place; an order nobody can read must not hide a person.
LAST = 1_000
_FARTHEST = 1_000_000  # a table holds no number of any size


def _folded(words: str) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFKC", word).casefold() for word in words.split())


# What people mark with, and how spreadsheets and people of each language say it.
_YES = _folded(
    "true yes y t on x ✓ ✔ ☑ √ ✅ ○ "
    "wahr ja j waar sand sann sant vrai oui verdadero sí si s verdadeiro sim vero sì cert veritat egia bai "
    "истина да д так істина вярно tosi kyllä tõene jah patiess jā tiesa taip prawda tak pravda ano áno igaz igen "
    "doğru evet adevărat adevarat istina da resnično αληθης αληθής ναι אמת כן صواب صحيح نعم 真 是 はい 참 예 네 "  # noqa: RUF001
    "จริง ใช่ đúng có benar ya"
)
_NO = _folded(
    "false no n f off × "  # noqa: RUF001
    "- \u2013 \u2014 \u2610 \u2b1c \u274c "
    "falsch nein onwaar nee falsk falskt usann nej nei faux non falso não nao fals gezurra ez "
    "ложь нет ні хибність невярно не epätosi ei väär aplams nē netiesa ne fałsz nie nepravda hamis nem "
    "yanlış yanliş hayır hayir laž neresnično ψευδης ψευδής όχι οχι שקר לא خطأ لا 假 偽 否 いいえ 거짓 아니요 아니오 "  # noqa: RUF001
    "เท็จ ไม่ sai không salah tidak"
)
_TRUE_NUMBERS = frozenset({1.0, -1.0})  # Access writes -1
WORDS = "yes or no, true or false, 1 or 0, x or nothing, or what a spreadsheet writes for them in its language"

# `="…"` and `=…` keep a spreadsheet from calculating, and so does an apostrophe; each stays in some exports.
_AS_TEXT = re.compile(r"=\s*\"(?P<text>[^\"]*)\"")
_NAMED_ADDRESS = re.compile(
    r"[^<>@]*<(?:mailto:)?(?P<address>[^<>\s]+)>\s*|\s*mailto:(?P<linked>\S+)\s*", re.IGNORECASE
)
_CALL = re.compile(r"=\s*(?P<word>[^\s()]+)\s*\(\s*\)")  # `=TRUE()`
_MARKS = "'\u2018\u2019="
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{0,9})?([eE][+-]?[0-9]{1,2})?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]([.,][0-9]{1,20})?\s?[eE]\s?\+?[0-9]{1,3}")
_FORMULA_ERROR = re.compile(
    r"#[^\s@#]{1,20}[!?]|#N/[AD]|#\u041d/\u0414|#NV|#NA|#{3,}|Err:[0-9]{3}|Loading\.\.\.", re.IGNORECASE
)


def is_blank(cell: object) -> bool:
    return not clean_line(str(cell))


def read_yes_or_no(cell: object) -> bool:
    """Raises ValueError, which says which words there are; nothing is no."""
    word = unicodedata.normalize("NFKC", _plain(str(cell))).replace("\ufe0f", "").casefold()
    number = _number(word)
    if word in _YES or number in _TRUE_NUMBERS:
        return True
    if not word or word in _NO or number == 0:
        return False
    raise ValueError(f"is neither yes nor no: write {WORDS}")


def read_order(cell: object) -> int:
    """A whole number, however it is written; the last place where it is none."""
    number = _number(_plain(str(cell)))
    return int(number) if number is not None and abs(number) < _FARTHEST else LAST


def read_address_cell(cell: object) -> str:
    """The address in `mailto:…`, or in `Ada Lovelace <…>`, as mail programs copy it; else what stands there."""
    named = _NAMED_ADDRESS.fullmatch(str(cell))
    return (named["linked"] or named["address"]) if named else str(cell)


def read_phone_cell(cell: object) -> str:
    """As it was typed, without what keeps a spreadsheet from calculating with it."""
    return _plain(str(cell))


def spoilt(column: str, cell: str) -> str:
    """What a spreadsheet has put in the place of what was typed, as the end of a sentence; empty where it has not."""
    text = clean_line(cell)
    if _FORMULA_ERROR.fullmatch(text):
        return f"holds {text}, what a spreadsheet shows where it cannot calculate or has no room: type the value"
    if column == "phone" and _SCIENTIFIC.fullmatch(_plain(text)):
        return (
            f"holds {text}: a spreadsheet took the number for one to calculate with, and its last digits are lost. "
            "Format the column as text and type it again, such as +49 30 1234567"
        )
    return ""


def _plain(cell: str) -> str:
    text = clean_line(cell)
    if called := _CALL.fullmatch(text):
        return called["word"]
    if quoted := _AS_TEXT.fullmatch(text):
        return quoted["text"].strip()
    return text.lstrip(_MARKS).strip() if text[:1] in tuple(_MARKS) else text


def _number(text: str) -> float | None:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
