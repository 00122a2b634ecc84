"""Each page of the console: nobody is shut out, on a desk in the light and on a narrow phone in the dark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from browser.conftest import DESKTOP, Visitor
from browser.console import HEADING, Desk
from browser.visiting import Visit

PHONE = (320, 640)
Way = Callable[[Visit, Desk], Awaitable[None]]


async def at_the_sign_in(visit: Visit, desk: Desk) -> None:
    await visit.page.goto(f"{desk.url}/sign-in")


async def at_the_start(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "omar", "/")


async def at_what_was_found(visit: Visit, desk: Desk) -> None:
    await desk.paid("100.00")
    await desk.paid("100.00")
    await desk.at(visit, "omar", "/search?q=asha")


async def at_a_case_file(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "omar", f"/orders/teashop/{await desk.paid('349.50')}")


async def at_a_refund(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "omar", f"/orders/teashop/{await desk.paid('349.50')}/refund")


async def at_the_order_as_it_was(visit: Visit, desk: Desk) -> None:
    await at_a_case_file(visit, desk)
    await visit.page.get_by_role("link", name="as it was then").first.click()


async def at_the_requests(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "asha", "/requests")


async def at_operations(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "asha", "/operations")


async def at_a_day(visit: Visit, desk: Desk) -> None:
    await desk.paid("349.50")
    await desk.at(visit, "omar", "/finance")
    await visit.page.get_by_text("The figures hour by hour").click()


async def at_the_rows_of_a_figure(visit: Visit, desk: Desk) -> None:
    await at_a_day(visit, desk)
    await visit.page.get_by_role("link", name="Captured", exact=True).click()


async def at_what_waits(visit: Visit, desk: Desk) -> None:
    await desk.second_charge(order_id := await desk.paid("349.50"))
    await desk.stage.look(order_id)
    assert await desk.stage.open_reasons(order_id)
    await desk.at(visit, "omar", "/finance")
    await visit.page.get_by_role("link", name="What waits").click()


async def at_what_waits_of_one_age(visit: Visit, desk: Desk) -> None:
    await at_what_waits(visit, desk)
    await visit.page.get_by_role("link", name="A day at most").last.click()


async def at_the_disputes(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "omar", "/finance")
    await visit.page.get_by_role("link", name="Disputes").click()


async def at_the_settlements(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "omar", "/finance/teashop/settlements")


async def at_a_report_that_is_refused(visit: Visit, desk: Desk) -> None:
    await at_the_settlements(visit, desk)
    await desk.import_report(visit, "no,heading\n")


async def at_an_imported_report(visit: Visit, desk: Desk) -> None:
    await at_the_settlements(visit, desk)
    await desk.import_report(visit, f"{HEADING}\nPAYMENT,nobody-s,P1,12.00,0.24,0.04,11.72,\n")


async def at_a_difference(visit: Visit, desk: Desk) -> None:
    await at_an_imported_report(visit, desk)
    await visit.page.goto(f"{desk.url}/finance/teashop/settlements?which=all")
    await visit.page.get_by_role("link", name="nobody-s").click()


WAYS: list[Way] = [
    at_the_sign_in,
    at_the_start,
    at_what_was_found,
    at_a_case_file,
    at_a_refund,
    at_the_order_as_it_was,
    at_the_requests,
    at_operations,
    at_a_day,
    at_the_rows_of_a_figure,
    at_what_waits,
    at_what_waits_of_one_age,
    at_the_disputes,
    at_the_settlements,
    at_a_report_that_is_refused,
    at_an_imported_report,
    at_a_difference,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"])
async def test_nobody_is_shut_out(visitor: Visitor, desk: Desk, way: Way, size: tuple[int, int], scheme: str) -> None:
    async with visitor(size, color_scheme=scheme) as visit:
        await way(visit, desk)
        assert not await visit.barriers()
        assert not await visit.is_wider_than_the_screen()
