"""Which orders fit, and where a page of changes ended."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from unit.builders import after, at, new_order, rupees, told

from paystate.core.finding.filters import EVERY_ORDER, ChangedPlace, Filter
from paystate.core.finding.index_entry import Name, NameKind, index_entry
from paystate.core.orders.derived import Status

PAID = after(new_order(), told("CHARGED", 1), now=at(30))
T1, T2 = Name.of(NameKind.TXN, "t1"), Name.of(NameKind.TXN, "t2")


@pytest.mark.parametrize(
    "which",
    [
        EVERY_ORDER,
        Filter(status=Status.CHARGED),
        Filter(names=(T1, Name.of(NameKind.CUSTOMER, "cust-1"))),
        Filter(amount=rupees(10_000)),
        Filter(currency="INR"),
        Filter(opened_from=at(0)),
        Filter(opened_before=at(1)),
        Filter(changed_since=at(30)),
    ],
)
def test_an_order_fits_in_what_is_so(which: Filter) -> None:
    assert which.fits(index_entry(PAID), PAID.created_at)


@pytest.mark.parametrize(
    "which",
    [
        Filter(status=Status.NEW),
        Filter(names=(T1, T2)),
        Filter(amount=rupees(9_999)),
        Filter(currency="USD"),
        Filter(opened_from=at(1)),
        Filter(opened_before=at(0)),
        Filter(under_review=True),
        Filter(changed_since=at(31)),
    ],
)
def test_one_thing_that_is_not_so_is_enough(which: Filter) -> None:
    assert not which.fits(index_entry(PAID), PAID.created_at)


def test_an_order_with_an_open_reason_is_under_review() -> None:
    twice = after(PAID, told("CHARGED", 2, txn="t2"))
    assert Filter(under_review=True).fits(index_entry(twice), twice.created_at)


def test_a_place_is_read_as_it_was_written() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    place = ChangedPlace(datetime(2026, 11, 27, 14, 30, 0, 7, tzinfo=india), "A1")
    assert "2026-11-27T09:00:00.000007Z~A1" == str(place)
    assert ChangedPlace(datetime(2026, 11, 27, 9, 0, 0, 7, tzinfo=UTC), "A1") == ChangedPlace.read(str(place))


@pytest.mark.parametrize("text", ["", "A1", "yesterday~A1", "2026-11-27T09:00:00~A1"])
def test_what_names_no_place_is_none(text: str) -> None:
    assert ChangedPlace.read(text) is None
