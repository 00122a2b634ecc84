"""What may stand in a text, what is left of one that is shown, and which numbers look like a card's."""

import pytest

from paystate.core.errors import ValueInvalid
from paystate.core.text import (
    card_seen_in,
    is_clean,
    is_one_line,
    is_printable_ascii,
    is_visible_ascii,
    one_line,
    refuse_free_text,
    unseen_in,
    without_controls,
    without_people,
)

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


NEWER = ("\U0001fae9", "\U0001f6d8", "\U0003ffff")
"""A face of Unicode 16, a sign of 17 and a place that no Unicode has filled."""


@pytest.mark.parametrize("sign", NEWER[:2], ids=ascii)
def test_a_sign_that_this_python_does_not_know_yet_is_clean(sign: str) -> None:
    assert is_clean(f"Asha {sign}")


def test_a_number_that_will_never_be_a_character_is_not_clean() -> None:
    assert "U+3FFFF" == unseen_in(f"Asha {NEWER[2]}", joins=True)


@pytest.mark.parametrize("mark", ["\u00ad", "\u061c", "\u180e", "\u200c", "\u200d", "\u200e", "\u200f"], ids=ascii)
def test_marks_of_people_s_own_writing_pass_in_their_own_texts_alone(mark: str) -> None:
    assert (f"U+{ord(mark):04X}", "") == (unseen_in(f"a{mark}b"), unseen_in(f"a{mark}b", joins=True))


def test_what_is_hidden_is_named_by_its_number() -> None:
    assert ["U+200B", "U+202E", "U+000A", "U+E0041", ""] == [
        unseen_in(text, joins=True) for text in ("tea\u200b", "\u202etea", "a\nb", "a\U000e0041", "tea")
    ]


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
    ("text", "is_printable"), [("k-1", True), ("", False), ("a b", True), ("ä", False), ("a\n", False), ("~", True)]
)
def test_a_value_of_a_header_is_printable_ascii(text: str, is_printable: bool) -> None:
    assert is_printable == is_printable_ascii(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("pass word", True), ("", False), ("a\nb", False), ("a\x7f", False), ("ä\u200b", True)],
    ids=ascii,
)
def test_one_line_has_no_control_in_it(text: str, is_one: bool) -> None:
    assert is_one == is_one_line(text)


def test_controls_go_and_other_hidden_signs_stay() -> None:
    assert "ab\u200bc\x9b" == without_controls("a\x00\n\tb\u200bc\x9b\x7f")


CARDS = {
    "4111111111111111": "holds a card's number: 16 digits from character 1 on (Visa)",
    "pay 4111 1111 1111 1111 now": "holds a card's number: 16 digits from character 5 on (Visa)",
    "Room 12 4111-1111-1111-1111": "holds a card's number: 16 digits from character 9 on (Visa)",
    "4111.1111.1111.1111": "holds a card's number: 16 digits from character 1 on (Visa)",
    "4111 1111-1111 1111": "holds a card's number: 16 digits from character 1 on (Visa)",
    "4222222222222": "holds a card's number: 13 digits from character 1 on (Visa)",
    "5555555555554444": "holds a card's number: 16 digits from character 1 on (Mastercard)",
    "2223003122003222": "holds a card's number: 16 digits from character 1 on (Mastercard)",
    "378282246310005": "holds a card's number: 15 digits from character 1 on (American Express)",
    "3782 822463 10005": "holds a card's number: 15 digits from character 1 on (American Express)",
    "30569309025904": "holds a card's number: 14 digits from character 1 on (Diners Club)",
    "3056 930902 5904": "holds a card's number: 14 digits from character 1 on (Diners Club)",
    "3530111333300000": "holds a card's number: 16 digits from character 1 on (JCB)",
    "6521525220167012": "holds a card's number: 16 digits from character 1 on (RuPay, Maestro, Discover or UnionPay)",
    "6011111111111117": "holds a card's number: 16 digits from character 1 on (RuPay, Maestro, Discover or UnionPay)",
}
"""Numbers that the brands and gateways publish for tests, and what is told of them."""


@pytest.mark.parametrize(("text", "told"), CARDS.items())
def test_a_card_s_number_is_told_by_brand_and_place_and_never_by_its_digits(text: str, told: str) -> None:
    assert told == card_seen_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tea",
        "4111111111111112",
        "0000000000000000",
        "411111111111",
        "4111 x 1111 1111 1111",
        "4111 11111111 1111",  # no card is printed so
        "1" * 20,
        "490154203237518",  # an IMEI that passes the check
        "356938035643809",
        "Stay 2026-03-01 2026-03-05",
        "20260301 20260305",
        "1700000000003",  # milliseconds
    ],
)
def test_another_number_is_not_taken_for_one(text: str) -> None:
    assert "" == card_seen_in(text)


def test_no_span_of_days_is_taken_for_a_card_s_number() -> None:
    days = [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    stays = [f"Stay 2026-{first} 2026-{last}" for first in days[::7] for last in days[::5]]
    assert [] == [stay for stay in stays if card_seen_in(stay)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("declined for asha.rao+1@example.co.in", "declined for ***"),
        ("VPA 9876543210@okhdfcbank not found", "VPA *** not found"),
        ("call +91 98765 43210 or 09876543210", "call *** or ***"),
        ("customer 9876543210, ref 412345678901", "customer ***, ref 412345678901"),
        ("Do not honour (05), RRN 012345678912", "Do not honour (05), RRN 012345678912"),
        ("@ noon: limit 50000", "@ noon: limit 50000"),
    ],
)
def test_what_tells_who_somebody_is_is_taken_out_of_a_text(said: str, kept: str) -> None:
    assert kept == without_people(said)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("x" * 11, "is longer than 10 characters"),
        ("a\u200bb", "holds the hidden character U+200B"),
        ("4111111111111111", "holds a card's number: 16 digits from character 1 on (Visa)"),
    ],
)
def test_a_text_that_is_refused_is_told_what_was_seen(text: str, seen: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        refuse_free_text(text, "/note", 16 if text.isdigit() else 10)
    assert ("/note", seen) == (refused.value.pointer, refused.value.rule)
