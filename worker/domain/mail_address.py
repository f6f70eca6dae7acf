"""A person's e-mail address or user principal name: what RFC 5321, RFC 6531 and Entra ID allow, and nothing else."""

import re
import unicodedata

from worker.domain.text import clean

# In octets (RFC 5321, 4.5.3.1); the whole without the angle brackets that the protocol puts around it.
_LOCAL_LIMIT = 64
_DOMAIN_LIMIT = 255
_LIMIT = 254
_LABEL_LIMIT = 63
_LOCAL_CHARACTER = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_DOMAIN_CHARACTER = re.compile(r"[A-Za-z0-9.-]")
# What IDNA allows between letters though it is none: middle dots, geresh, keraia, joiners.
_WITHIN_WORDS = frozenset("\u00b7\u0375\u05f3\u05f4\u30fb\u200c\u200d")
_LETTERS_MARKS_DIGITS = frozenset({"Ll", "Lu", "Lm", "Lo", "Mn", "Mc", "Nd"})


def read_mail_address(text: str) -> str:
    """The address without what stands around it; raises ValueError, which says what is wrong without the address."""
    address = _stripped(text)
    if fault := _fault(address):
        raise ValueError(f"is not an e-mail address: {fault}")
    return address


def _stripped(text: str) -> str:
    """Directories and spreadsheets put marks of direction and hard spaces around what is copied from them."""
    ends = [place for place, character in enumerate(text) if not _is_around(character)]
    return text[ends[0] : ends[-1] + 1] if ends else ""


def _is_around(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _fault(address: str) -> str:
    if not address:
        return "nothing stands there"
    if len(address) > _LIMIT or len(address.encode(errors="replace")) > _LIMIT:
        return f"it is longer than {_LIMIT} characters"
    if address.count("@") != 1:
        return "it has no @" if "@" not in address else "it has more than one @"
    if any(character.isspace() for character in address):
        return "a space stands in it"
    if clean(address) != address:
        return "a character that nobody sees stands in it"
    local, domain = address.split("@")
    return _fault_of_local(local) or _fault_of_domain(domain)


def _fault_of_local(local: str) -> str:
    where = "before the @"
    if not local:
        return f"nothing stands {where}"
    if len(local.encode()) > _LOCAL_LIMIT:
        return f"more than {_LOCAL_LIMIT} characters stand {where}"
    wrong = (character for character in local if not (_LOCAL_CHARACTER.match(character) or not character.isascii()))
    return _fault_of_character(next(wrong, ""), where) or _fault_of_dots(local, where)


def _fault_of_domain(domain: str) -> str:
    where = "behind the @"
    if not domain:
        return f"nothing stands {where}"
    wrong = (character for character in domain if not _is_of_a_domain(character))
    if fault := _fault_of_character(next(wrong, ""), where) or _fault_of_dots(domain, where):
        return fault
    labels = domain.split(".")
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        return f"a part of what stands {where} begins or ends with a hyphen"
    encoded = [len(_to_ascii(label)) for label in labels]
    if max(encoded) > _LABEL_LIMIT or sum(encoded) + len(labels) - 1 > _DOMAIN_LIMIT:
        return f"a part of what stands {where} is too long"
    return ""


def _is_of_a_domain(character: str) -> bool:
    if character.isascii():
        return bool(_DOMAIN_CHARACTER.match(character))
    return character in _WITHIN_WORDS or unicodedata.category(character) in _LETTERS_MARKS_DIGITS


def _to_ascii(label: str) -> str:
    """As it stands in the DNS, where its length counts."""
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _fault_of_character(character: str, where: str) -> str:
    if not character:
        return ""
    shown = character if character.isascii() else f"U+{ord(character):04X}"
    return f"{shown} may not stand {where}"


def _fault_of_dots(part: str, where: str) -> str:
    if part.startswith(".") or part.endswith("."):
        return f"what stands {where} begins or ends with a dot"
    return f"two dots stand together {where}" if ".." in part else ""
