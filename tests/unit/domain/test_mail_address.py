"""An address is taken as directories have it, and of what is none it is said why."""

import pytest

from worker.domain.mail_address import read_mail_address

LOCAL, LABEL = "a" * 64, "b" * 63


@pytest.mark.parametrize(
    "address",
    [
        "s.o'neil@contoso.example",
        "lena_fabrikam.example#EXT#@contoso.onmicrosoft.example",
        "!#$%&'*+/=?^_`{|}~-@contoso.example",
        "ada+oncall@contoso.example",
        "1@2.example",
        "ada@xn--bcher-kva.example",
        "ada@b\u00fccher.example",
        "ren\u00e9e@contoso.example",
        "\u7528\u6237@\u4f8b\u5b50.\u6d4b\u8bd5",
        "\u0905\u091c\u092f@\u0921\u093e\u091f\u093e.\u092d\u093e\u0930\u0924",
        "ada@localhost",
        f"{LOCAL}@{LABEL}.{LABEL}.{'b' * 61}",
    ],
)
def test_what_a_directory_allows_is_an_address(address):
    """As it stands there, and without what a copy of it brings along at its ends."""
    assert read_mail_address(address) == address
    assert read_mail_address(f"\u202a \u00a0{address}\u202c\u200b\n") == address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing stands there"),
        ("nobody", "it has no @"),
        ("zed at nowhere", "it has no @"),
        ("a@b@c.example", "it has more than one @"),
        ("ada lovelace@x.example", "a space stands in it"),
        ("ada@x.example\r\nBcc: eve", "a space stands in it"),
        ("ada\u00a0l@x.example", "a space stands in it"),
        ("ada\x00@x.example", "a character that nobody sees stands in it"),
        ("ada@x\u202e.example", "a character that nobody sees stands in it"),
        ("a\u200bda@x.example", "a character that nobody sees stands in it"),
        ("ada@x.example,ben", ", may not stand behind the @"),
        ("ada;ben@x.example", "; may not stand before the @"),
        ("<ada@x.example>", "< may not stand before the @"),
        ("mailto:ada@x.example", ": may not stand before the @"),
        ('"ada"@x.example', '" may not stand before the @'),
        ("ada@x_y.example", "_ may not stand behind the @"),
        ("ada@[10.0.0.1]", "[ may not stand behind the @"),
        ("ada@x\u3002example", "U+3002 may not stand behind the @"),
        ("@x.example", "nothing stands before the @"),
        ("ada@", "nothing stands behind the @"),
        (".ada@x.example", "what stands before the @ begins or ends with a dot"),
        ("a..da@x.example", "two dots stand together before the @"),
        ("ada@.x.example", "what stands behind the @ begins or ends with a dot"),
        ("ada@x.example.", "what stands behind the @ begins or ends with a dot"),
        ("ada@x..example", "two dots stand together behind the @"),
        ("ada@-x.example", "a part of what stands behind the @ begins or ends with a hyphen"),
        (f"{LOCAL}a@x.example", "more than 64 characters stand before the @"),
        (f"ada@{LABEL}b.example", "a part of what stands behind the @ is too long"),
        ("ada@" + "\u00fc" * 60 + ".example", "a part of what stands behind the @ is too long"),
        (f"{LOCAL}@{LABEL}.{LABEL}.{'b' * 62}", "it is longer than 254 characters"),
        ("a@" + "x." * 500_000, "it is longer than 254 characters"),
    ],
)
def test_what_is_no_address_is_told_why(text, why):
    """Without repeating it."""
    with pytest.raises(ValueError, match="is not an e-mail address") as caught:
        read_mail_address(text)
    assert str(caught.value) == f"is not an e-mail address: {why}"
