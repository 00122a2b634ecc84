"""A shopper's browser: it has cookies, follows links and sends forms; and its page's script, which runs the SDK."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from attrs import define, field, frozen
from e2e.storefront.shopping import Json, Mall
from integration.sandbox.page.reading import Element, Read, read
from patience import until

from paystate.entrypoints.demo.stack import TRUSTS_NOBODY


@frozen
class Browser:
    """One browser, in which nobody has been to the shop."""

    around: Mall
    http: httpx.AsyncClient

    @staticmethod
    @asynccontextmanager
    async def of(around: Mall) -> AsyncGenerator[Browser]:
        async with httpx.AsyncClient(
            base_url=around.shop_url, trust_env=False, verify=TRUSTS_NOBODY, timeout=60
        ) as http:
            yield Browser(around, http)

    async def page(self, path: str) -> Read:
        answer = await self.http.get(path)
        assert 200 == answer.status_code, answer.text
        return read(answer)

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, from the shop's own page."""
        return await self.http.post(path, data=fields, headers={"Origin": self.around.shop_url})

    async def comes_in(self) -> None:
        """Open the printed address, and press the button there."""
        opened = read(await self.http.get(self.around.pages["the shop as asha sees it"]))
        sent = await self.send("/come-in", **{"with": str(opened.named("with").attributes["value"])})
        assert (303, "/orders") == (sent.status_code, sent.headers["location"])

    async def fill(self, product: str = "masala", count: int = 1) -> str:
        """Put something into the cart; returns what the cart's form would send."""
        assert 303 == (await self.send("/cart", product=product, count=str(count))).status_code
        return str((await self.page("/cart")).named("cart").attributes["value"])

    async def orders(self, product: str = "masala", count: int = 1) -> str:
        """Order something; returns the order's id."""
        sent = await self.send("/orders", cart=await self.fill(product, count))
        assert 303 == sent.status_code, sent.text
        return str(sent.headers["location"].rpartition("/")[2])

    async def pays(self, product: str = "masala", vpa: str = "success@upi") -> str:
        """Order something and pay for it within the page; returns the order's id."""
        order_id = await self.orders(product)
        tab = await self.tab(order_id)
        await tab.opens()
        await tab.pays(vpa)
        return order_id

    async def reads(self, order_id: str, heading: str) -> Read:
        """Look at the order's page until it says so."""

        async def says_so() -> Read | None:
            seen = await self.page(f"/orders/{order_id}")
            return seen if heading == seen.heading() else None

        found: Read = await until(says_so)
        return found

    async def sees(self, order_id: str, text: str) -> Read:
        """Look at the order's page until the text is on it."""

        async def is_there() -> Read | None:
            seen = await self.page(f"/orders/{order_id}")
            return seen if text in main(seen) else None

        found: Read = await until(is_there)
        return found

    async def tab(self, order_id: str, shown_in: str = "iframe") -> Tab:
        """Open the order's page in one more tab: its script starts the SDK."""
        tab = Tab(self, order_id, shown_in)
        await tab.start()
        return tab


def main(page: Read) -> str:
    """What a page says beside the panel of steps."""
    return next(page.all("main")).text


def lit(page: Read) -> list[str]:
    """The steps that have happened, by their numbers."""
    items = [item.text for item in page.all("li") if item.attributes.get("class") == "lit"]
    return [number for text in items for number in re.findall(r"^\s*(\d+)", text)]


def may_pay(page: Read) -> bool:
    return page.by_id("pay") is not None


def button(page: Read, text: str) -> Element | None:
    return next((one for one in page.all("button") if text in one.text), None)


@define
class Tab:
    """One page of an order, with the SDK that it runs."""

    browser: Browser
    order_id: str
    shown_in: str
    checkout_id: str = ""
    instance: str = ""
    initiated: Json = field(factory=dict)
    processed: Json = field(factory=dict)
    events: list[Json] = field(factory=list)

    async def start(self) -> None:
        given = await self._shop(f"/orders/{self.order_id}/checkouts", None, 201)
        self.checkout_id = given["checkout_id"]
        self.initiated = signed = given["initiate_payload"]
        payload = {**signed["payload"], "integrationType": self.shown_in}
        self.instance = (await self._sdk("initiate", {**signed, "payload": payload}))["instance"]

    async def opens(self) -> str:
        """Press "pay"; returns the address of the payment page."""
        self.processed = await self.call("process", {}, 200)
        return str((await self._sdk("process", self.processed))["page_url"])

    async def pays(self, vpa: str) -> None:
        """Pay with a UPI id that decides how it ends."""
        await self._sdk("act", {"action": "pay", "method": {"upi": vpa}})

    async def pays_in_cash(self) -> None:
        """Choose to pay when it arrives."""
        await self._sdk("act", {"action": "pay", "method": {"cod": "yes"}})

    async def pays_on_juspay_s_page(self) -> str:
        """Open Juspay's own page and pay there; returns the address to which Juspay sends the browser back."""
        page_url = await self.opens()
        chosen = await self.browser.http.post(f"{page_url}/pay", data={"kind": "upi", "upi": "success@upi"})
        way = str(chosen.headers["location"])
        if "/bank/" in way:
            approve = f"{self.browser.around.stack.sandbox_url}{way}"
            way = str((await self.browser.http.post(approve, data={"answer": "approve"})).headers["location"])
        return way

    async def acts(self, **action: object) -> httpx.Response:
        """Do something on the payment page, of which the app hears nothing."""
        url = f"{self.browser.around.stack.sandbox_url}/_sdk/act"
        return await self.browser.http.post(url, json={"instance": self.instance, **action})

    async def call(self, step: str, body: Json, status: int) -> Json:
        """What the page's script asks the shop."""
        return await self._shop(f"/orders/{self.order_id}/checkouts/{self.checkout_id}/{step}", body, status)

    async def _shop(self, path: str, body: Json | None, status: int) -> Json:
        headers = {"Accept": "application/json", "Origin": self.browser.around.shop_url}
        answer = await self.browser.http.post(path, json=body, headers=headers)
        assert status == answer.status_code, answer.text
        told: Json = answer.json()
        return told

    async def _sdk(self, call: str, body: Json) -> Json:
        """Call the SDK, and pass on each of its events."""
        url = f"{self.browser.around.stack.sandbox_url}/_sdk/{call}"
        answer = await self.browser.http.post(url, json={**body, "instance": self.instance or None})
        assert 200 == answer.status_code, answer.text
        told: Json = answer.json()
        for event in told["events"]:
            self.events.append(event)
            await self.call("events", event, 202)
        return told
