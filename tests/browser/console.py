"""The console by hand: what people at the merchant's press, and the orders that they find there."""

from __future__ import annotations

from itertools import count
from typing import Final

from attrs import frozen
from browser.visiting import Visit
from playwright.async_api import FilePayload

from paystate.entrypoints.demo.stage import Stage

NAME: Final = "<b>Asha</b>"
HOSTILE: Final = "desk-hostile"
HEADING: Final = "type,order_id,settlement_id,amount,fee,tax,net,day"
"""Over the reports of the demo's bank."""
_NUMBERS: Final = count(1)


@frozen
class Desk:
    """A demo's console, and the orders behind it."""

    url: str
    password: str
    stage: Stage

    async def paid(self, amount: str) -> str:
        """An order that was paid; returns its id."""
        order_id = f"desk-{next(_NUMBERS)}"
        await self.stage.paid(order_id, amount)
        return order_id

    async def refunds(self, order_id: str) -> list[str]:
        """What Juspay was asked to give back, in rupees, once the worker has done what is to do."""
        await self.stage.at_rest()
        return [str(one["amount"]) for one in (await self.stage.juspay("GET", f"/orders/{order_id}"))["refunds"]]

    async def second_charge(self, order_id: str) -> None:
        """The shopper pays once more, and Paystate has not asked yet."""
        await self.stage.happens("second_charge", "pays it again", order_id)

    async def hostile(self) -> None:
        """An order of somebody whose name is no name."""
        body = {
            "order_id": HOSTILE,
            "amount": "10.00",
            "currency": "INR",
            "customer": {"customer_id": "mallory", "first_name": NAME, "phone": "9000054321"},
        }
        answer = await self.stage.backend("POST", "/v1/orders", body)
        assert answer.status_code in {200, 201}, answer.text

    async def enter(self, visit: Visit, name: str) -> None:
        """Sign in."""
        await visit.page.goto(f"{self.url}/sign-in")
        await visit.page.get_by_label("Name").fill(name)
        await visit.page.get_by_label("Password").fill(self.password)
        await visit.press("Sign in")
        await visit.page.get_by_role("button", name="Sign out").wait_for()

    async def at(self, visit: Visit, name: str, path: str) -> None:
        """Have a page of the console in front, signed in without a click. Who signs in by hand uses `enter`."""
        answer = await visit.context.request.post(
            f"{self.url}/sign-in",
            form={"name": name, "password": self.password},
            headers={"Origin": self.url},
            max_redirects=0,
        )
        assert 303 == answer.status
        await visit.page.goto(f"{self.url}{path}")

    async def find(self, visit: Visit, words: str) -> None:
        """Use the one search box, and be where it leads."""
        await visit.page.get_by_role("searchbox").fill(words)
        async with visit.page.expect_navigation():
            await visit.press("Find")

    async def ask_refund(self, visit: Visit, amount: str, why: str) -> None:
        """Fill in the refund of the order in front, and send it."""
        await visit.page.get_by_role("link", name="Refund").click()
        await visit.page.get_by_label("How much").fill(amount)
        await visit.page.get_by_label("Why").fill(why)
        await visit.page.locator("#decide").get_by_text(amount).first.wait_for()
        await visit.page.locator("#decide").get_by_role("button").click()

    async def import_report(self, visit: Visit, content: str) -> None:
        """Choose a file with this content on the page of settlements, and send it."""
        file = FilePayload(name="report.csv", mimeType="text/csv", buffer=content.encode())
        await visit.page.get_by_label("The report, as CSV").set_input_files(file)
        await visit.press("Import")
        await visit.page.wait_for_url("**/import")
