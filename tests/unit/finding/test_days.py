"""Days in a time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from paystate.core.errors import ValueInvalid
from paystate.core.finding.days import Days, day_from

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_day_in_india_begins_in_the_evening_before_by_utc() -> None:
    assert (utc(2026, 11, 26, 18, 30), utc(2026, 11, 27, 18, 30)) == Days.read("2026-11-27").span(KOLKATA)


def test_several_days_end_after_the_last_one() -> None:
    days = Days.read("2026-11-01..2026-11-27")
    assert (utc(2026, 11, 1), utc(2026, 11, 28)) == days.span(UTC)


def test_a_day_on_which_the_clocks_go_back_has_25_hours() -> None:
    first, last = Days(date(2026, 10, 25), date(2026, 10, 25)).span(BERLIN)
    assert 25 * 3600 == (last - first).total_seconds()


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-11", "20261127", "2026-02-30", "2026-11-27..", "..2026-11-27", "2026-11-27..2026-11-26",
     "2026-11-27...2026-11-28", "2026-W48-5", "1970-12-31", "9999-12-31"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueInvalid) as caught:
        Days.read(text)
    assert "validation_failed" == caught.value.code
    assert "2026-11-27" in caught.value.rule


def test_one_day_is_read_alone() -> None:
    assert date(2026, 11, 27) == day_from("2026-11-27")


@pytest.mark.parametrize("text", ["2026-11-27..2026-11-28", "yesterday", "2026-02-30"])
def test_where_one_day_is_read_several_are_refused_as_such(text: str) -> None:
    with pytest.raises(ValueInvalid) as caught:
        day_from(text)
    assert ("validation_failed", "must be one day such as 2026-11-27") == (caught.value.code, caught.value.rule)
