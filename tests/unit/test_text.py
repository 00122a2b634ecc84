"""What may stand in a text, what is left of one that is shown, and which numbers look like a card's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paystate.core.text import is_card_like, is_clean, is_visible_ascii, one_line

JOINED = "ಶ್ರೀ\u200cಮತಿ"


@pytest.mark.parametrize("text", ["", "green tea", "李雷", "O'Neil", "a\u00a0b", "a\u3000b", "\U0001f375"], ids=ascii)
def test_what_is_seen_is_clean(text: str) -> None:
    assert is_clean(text)


@pytest.mark.parametrize(
    "sign",
    [
        "\x00",
        "\n",
        "\t",
        "\x1b",
        "\x7f",
        "\x9b",
        "\u200b",
        "\u202e",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ud800",
        "\U000e0001",
    ],
    ids=ascii,
)
def test_what_is_not_seen_or_breaks_a_line_is_not_clean(sign: str) -> None:
    assert not is_clean(f"tea{sign}")
    assert not is_clean(f"tea{sign}", joins=True)


def test_joiners_pass_where_people_write_in_their_own_language() -> None:
    assert (False, True) == (is_clean(JOINED), is_clean(JOINED, joins=True))


@given(st.characters())
def test_a_sign_is_clean_by_its_category_alone(sign: str) -> None:
    assert is_clean(sign) == (unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def test_a_line_keeps_what_is_clean_and_is_cut() -> None:
    assert "green" == one_line("green tea", 5)
    assert "no 2J money" == one_line("no\x9b2J money", 100)
    assert "a?b" == one_line("a\nb", 100, instead="?")
    assert "ab" == one_line("a\u202eb", 100, instead="")


def test_a_line_keeps_joiners_where_they_pass() -> None:
    assert (JOINED.replace("\u200c", " "), JOINED) == (one_line(JOINED, 100), one_line(JOINED, 100, joins=True))
    assert f"{JOINED} " == one_line(f"{JOINED}\n", 100, joins=True)


@pytest.mark.parametrize(
    ("text", "is_visible"), [("k-1", True), ("", False), ("a b", False), ("ä", False), ("a\n", False)]
)
def test_a_key_is_visible_ascii(text: str, is_visible: bool) -> None:
    assert is_visible == is_visible_ascii(text)


@pytest.mark.parametrize(
    "text",
    ["4111111111111111", "pay 4111 1111 1111 1111 now", "4111-1111-1111-1111", "378282246310005", "4222222222222"],
)
def test_a_number_like_a_card_s_is_found(text: str) -> None:
    assert is_card_like(text)


@pytest.mark.parametrize(
    "text", ["", "tea", "4111111111111112", "0000000000000000", "411111111111", "4111 x 1111 1111 1111", "1" * 20]
)
def test_another_number_is_not_taken_for_one(text: str) -> None:
    assert not is_card_like(text)
