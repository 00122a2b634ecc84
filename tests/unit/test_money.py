"""Money is an exact integer of minor units, or it is refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paystate.core.errors import ValueInvalid
from paystate.core.money import AMOUNT_MINOR_MAX, SCALES, Money, checked_currency, format_minor

CURRENCIES = st.sampled_from(sorted(SCALES))
MINOR = st.integers(0, AMOUNT_MINOR_MAX)


def parse(text: object, currency: str = "INR") -> Money:
    return Money.parse(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10", "INR", 1000),
        ("10.5", "INR", 1050),
        ("10.50", "INR", 1050),
        ("10.5", "XCG", 1050),
        ("0.01", "INR", 1),
        ("1", "JPY", 1),
        ("9999999999999.99", "INR", 10**15 - 1),
        ("999999999999999", "JPY", 10**15 - 1),
    ],
)
def test_an_exact_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert Money(minor, currency) == parse(text, currency)


@pytest.mark.parametrize(
    "text",
    [
        10.0, 10, True, None, b"10", ["10"], Decimal(10),  # only text: JSON numbers are refused
        "NaN", "Infinity", "-Infinity", "sNaN",
        "-1.00", "-0.00", "-0", "0", "0.00", "00", "00.00",  # an amount is more than nothing
        "10.005", "10.", ".50", "1.000",
        "1e2", "1E2", "0x10", "1_000", "1,000.00", " 10.00", "10.00\n", "10.00 ", "+10.00", "", "\u200b10",
        "\u0967\u0966.\u0966\u0966", "\uff11\uff10.\uff10\uff10", "10\uff0e00", "1\u00b2",
        "9" * 400, "99999999999999999.99", "10000000000000.00", "1" * 5000,
    ],
    ids=lambda text: ascii(text)[:30].replace("\\", "/"),  # pytest finds no test by an id with a backslash
)  # fmt: skip
def test_anything_else_is_no_amount(text: object) -> None:
    with pytest.raises(ValueInvalid) as caught:
        parse(text)
    assert "invalid_amount" == caught.value.code


def test_a_currency_without_decimals_takes_none() -> None:
    with pytest.raises(ValueInvalid):
        parse("10.00", "JPY")


@pytest.mark.parametrize("code", ["inr", "INR ", "XXX", "₹", "", None, 356, "KWD", "\u0399NR", "IN", "INRR", ["INR"]])
def test_a_currency_outside_the_list_is_refused(code: object) -> None:
    with pytest.raises(ValueInvalid) as caught:
        checked_currency(code)
    assert "invalid_currency" == caught.value.code


@pytest.mark.parametrize(
    ("make", "value"),
    [(Money.parse, "1"), (Money.from_decimal, Decimal(1)), (Money.of, 1)],
    ids=["text", "decimal", "minor"],
)
def test_every_way_to_make_money_checks_the_currency(make: Callable[[Any, str], Money], value: Any) -> None:
    with pytest.raises(ValueInvalid, match="invalid_currency"):
        make(value, "XXX")


@pytest.mark.parametrize(
    ("text", "currency", "rule"),
    [
        ("1,000", "INR", "must be digits with at most one point between them, such as 349.50"),
        ("0.00", "INR", "must be more than nothing"),
        ("1.005", "INR", "has more decimals than INR, which has 2"),
        ("1.0", "JPY", "has more decimals than JPY, which has 0"),
        ("99999999999999.99", "INR", "must be 0 to 999999999999999 whole minor units"),
        ("1", "inr", "is no ISO 4217 code of a currency that is taken, such as INR"),
    ],
)
def test_what_is_no_amount_breaks_a_rule_that_is_named(text: str, currency: str, rule: str) -> None:
    with pytest.raises(ValueInvalid) as caught:
        parse(text, currency)
    assert rule == caught.value.rule


@pytest.mark.parametrize("minor", [-1, AMOUNT_MINOR_MAX + 1])
def test_minor_units_have_a_range(minor: int) -> None:
    with pytest.raises(ValueInvalid, match="invalid_amount"):
        Money.of(minor, "INR")


@pytest.mark.parametrize("minor", [0, 1, AMOUNT_MINOR_MAX])
def test_both_ends_of_the_range_are_in_it(minor: int) -> None:
    assert minor == Money.of(minor, "INR").amount_minor


def test_every_amount_is_exact_even_for_a_reader_that_only_has_floating_point() -> None:
    assert 2**53 > AMOUNT_MINOR_MAX


@given(st.integers(1, AMOUNT_MINOR_MAX), CURRENCIES)
def test_text_round_trips(minor: int, currency: str) -> None:
    assert Money(minor, currency) == parse(str(Money(minor, currency)), currency)


@given(MINOR, CURRENCIES)
def test_a_number_from_the_wire_round_trips(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    back = Money.from_decimal(Decimal(str(money)), currency)
    assert money == back
    assert int is type(back.amount_minor)


def counted(value: Decimal, scale: int) -> int | None:
    """Minor units by shifting digits alone: integers only, and None where a fraction of a unit is left."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > 500:
        return 0 if isinstance(exponent, int) and not any(digits) else None
    whole = int("".join(map(str, digits)))
    shift = exponent + scale
    if shift < 0 and whole % 10**-shift:
        return None
    minor = whole * 10**shift if shift >= 0 else whole // 10**-shift
    return None if (sign and minor) or minor > AMOUNT_MINOR_MAX else minor


@given(
    st.decimals(allow_nan=True, allow_infinity=True)
    | st.decimals(min_value=0, max_value=10**14, places=2)
    | st.decimals(min_value=0, max_value=10**6, places=4),
    st.sampled_from(["INR", "JPY", "USD"]),
)
@example(Decimal("0.1") + Decimal("0.2"), "INR")
@example(Decimal("1e2"), "INR")
@example(Decimal("10.005"), "INR")
@example(Decimal("349.50"), "INR")
@example(Decimal("3.495E+2"), "INR")
@example(Decimal("1E+16"), "JPY")
@example(Decimal("99.999999"), "INR")
def test_a_number_from_the_wire_is_exact_or_refused(value: Decimal, currency: str) -> None:
    expected = counted(value, SCALES[currency])
    try:
        actual = Money.from_decimal(value, currency).amount_minor
    except ValueInvalid:
        actual = None
    if expected == 0 and actual is None:  # zeros of absurd length or exponent may be refused
        assert value.adjusted() > 16 or value.is_signed()
    else:
        assert expected == actual


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "1E+17", "1E+999999", "1E-999999", "0.001", "0.015"]
)
def test_no_number_is_no_amount(text: str) -> None:
    assert "invalid_amount" == refusal_of(Decimal(text))


@pytest.mark.parametrize("zeros", [64, 1_000_000])
def test_a_million_digits_cost_nothing(zeros: int) -> None:
    assert "invalid_amount" == refusal_of(Decimal("1." + "0" * zeros))


@pytest.mark.parametrize(("text", "minor"), [("0", 0), ("9999999999999.99", 10**15 - 1)])
def test_a_number_may_be_nothing_and_the_most_there_is(text: str, minor: int) -> None:
    assert Money(minor, "INR") == Money.from_decimal(Decimal(text), "INR")


def test_a_number_beyond_the_most_there_is_is_no_amount() -> None:
    assert "invalid_amount" == refusal_of(Decimal("10000000000000.00"))


def test_a_number_may_end_in_so_many_zeros() -> None:
    assert Money(100, "INR") == Money.from_decimal(Decimal("1." + "0" * 63), "INR")


def refusal_of(value: Decimal) -> str:
    with pytest.raises(ValueInvalid) as caught:
        Money.from_decimal(value, "INR")
    return caught.value.code


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(0, "INR", "0.00"), (5, "INR", "0.05"), (34_950, "INR", "349.50"), (349, "JPY", "349"), (10**15 - 1, "VND", None)],
)
def test_an_amount_is_written_with_the_currencys_decimals(minor: int, currency: str, text: str | None) -> None:
    assert (text or str(minor)) == format_minor(minor, currency) == str(Money(minor, currency))


def test_currencies_of_three_places_are_left_out() -> None:
    assert set() == {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"} & SCALES.keys()


def test_no_currency_has_another_scale_than_none_or_two() -> None:
    assert {0, 2} == set(SCALES.values())
    assert (2, 0, 2) == (SCALES["INR"], SCALES["JPY"], SCALES["USD"])


@pytest.mark.parametrize("value", [None, Decimal("0.001"), Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_amount_is_none_where_that_is_asked_for(value: Decimal | None) -> None:
    assert Money.from_decimal_if_exact(value, "INR") is None


def test_an_exact_amount_is_money_where_none_would_do() -> None:
    assert Money(34950, "INR") == Money.from_decimal_if_exact(Decimal("349.5"), "INR")
