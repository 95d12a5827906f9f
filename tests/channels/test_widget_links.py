"""Which parts of an answer become links; the widget's own linkify.ts is held to the same table in the browser."""

import pytest

from bot.channels.widget.links import Part, parts

CASES = [
    ("no link", []),
    ("see https://www.example.org/records.", ["https://www.example.org/records"]),
    ("call 555-0102 or 312-555-0102 or (312) 555-0102", ["tel:5550102", "tel:3125550102", "tel:3125550102"]),
    ("call 911 now, or 988.", ["tel:911", "tel:988"]),
    ("case 2911, $911, 911.5, x911, 911-x, 1911", []),
    ("http://example.org javascript:alert(1) data:text/html,x", []),
    ("https://good.example@evil.example/ and https://xn--exmple-cua.org and https://exаmple.org", []),
    ('https://example.org/"onmouseover="alert(1)', ["https://example.org/"]),
    ("<a href=https://example.org>x</a>", ["https://example.org"]),
    ("12-555-0102-99 555-01020", []),
]


@pytest.mark.parametrize("text, expected", CASES)
def test_links(text: str, expected: list[str]) -> None:
    found = list(parts(text, ["911", "988"]))
    assert [part.href for part in found if part.href] == expected
    assert "".join(part.text for part in found) == text


def test_text_without_links_is_one_part() -> None:
    assert list(parts("plain", [])) == [Part("plain")]
