"""A day's money hour by hour."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from paystate.core.finding.day import MovedRow
from paystate.core.finding.days import Days
from paystate.core.finding.hours import minor_by_hour
from paystate.core.finding.movements import Movement, MovementKind

BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=1)


def moved(at: datetime, minor: int) -> MovedRow:
    taken = Movement(kind=MovementKind.CAPTURED, name="t1", method="", amount_minor=minor)
    return MovedRow(order_id="a", at=at, movement=taken, currency="INR")


def test_each_row_counts_in_the_hour_in_which_it_moved() -> None:
    first, last = BEGINS, ENDS - timedelta(microseconds=1)
    noon = BEGINS + timedelta(hours=12)
    hours = minor_by_hour([moved(first, 100), moved(noon, 50), moved(noon, -20), moved(last, 7)], BEGINS, ENDS)
    assert (100, 30, 7, 137, 24) == (hours[0], hours[12], hours[23], sum(hours), len(hours))


def test_a_day_on_which_clocks_are_changed_has_its_own_count_of_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day, count in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        begins, ends = Days(day, day).span(berlin)
        hours = minor_by_hour([moved(ends - timedelta(seconds=1), 5)], begins, ends)
        assert (count, 5) == (len(hours), hours[-1])


def test_of_an_hour_that_the_day_has_a_half_of_nothing_is_lost() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    begins, ends = Days(date(2026, 4, 5), date(2026, 4, 5)).span(lord_howe)
    hours = minor_by_hour([moved(ends - timedelta(seconds=1), 5)], begins, ends)
    assert (25, 5) == (len(hours), hours[-1])
