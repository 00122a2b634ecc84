"""What a story can use: the merchant's backend, the shopper's app and browser, Juspay's controls, and the time.

Owns the actors. All of them speak HTTP to the stack; each notes what it does for the story's timeline.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from attrs import Factory, define, field, frozen

from paystate.entrypoints.demo.stack import MERCHANT_ID, SHOP_HOST, Stack

T = TypeVar("T")
Json = dict[str, Any]

PATIENCE_S: Final = 15.0
"""Real seconds that a story waits for the worker to catch up."""
POLL_S: Final = 0.02

APP: Final = "app"
BACKEND: Final = "backend"
JUSPAY: Final = "juspay"
PAYSTATE: Final = "paystate"
PERSON: Final = "person"
SHOPPER: Final = "shopper"
STRANGER: Final = "stranger"
TIME: Final = "time"


@frozen
class Line:
    """One line of a story's timeline."""

    at: datetime
    who: str
    what: str


class Unexpected(Exception):
    """Something in the story did not go as the story says."""


@define
class Stage:
    """One story's stage."""

    stack: Stack
    http: httpx.AsyncClient
    lines: list[Line] = Factory(list[Line])
    webhooks_told: int = 0

    def tell(self, who: str, what: str) -> None:
        """Add a line to the timeline."""
        self.lines.append(Line(self.stack.clock.now(), who, what))

    # --- the merchant's backend

    async def backend(
        self, method: str, path: str, body: Json | None = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One call of the merchant's backend to Paystate."""
        credentials = {"Authorization": f"Bearer {self.stack.api_key}", **(headers or {})}
        return await self.http.request(method, f"{self.stack.service_url}{path}", json=body, headers=credentials)

    async def open_order(self, order_id: str, amount: str, customer_id: str = "asha") -> None:
        """The merchant's backend opens an order."""
        body = {
            "order_id": order_id,
            "amount": amount,
            "currency": "INR",
            "customer": {"customer_id": customer_id, "email": "asha@example.test", "phone": "9000012345"},
            "return_url": f"https://{SHOP_HOST}/thanks",
        }
        expect(await self.backend("POST", "/v1/orders", body), 201)
        self.tell(BACKEND, f"opens order {order_id} of {amount} INR; nothing is sent to Juspay")

    async def look(self, order_id: str) -> Json:
        """The merchant's backend wants it asked now; the order as it stands after Juspay's answer."""
        order = json_of(expect(await self.backend("POST", f"/v1/orders/{order_id}/look"), 200))
        self.tell(BACKEND, f"has Juspay asked about {order_id}: {order['status']}")
        return order

    async def order(self, order_id: str) -> Json:
        """The order as Paystate's API shows it."""
        return json_of(expect(await self.backend("GET", f"/v1/orders/{order_id}"), 200))

    async def explanation(self, order_id: str) -> list[str]:
        """The order in plain sentences, as Paystate's API tells it."""
        answer = json_of(expect(await self.backend("GET", f"/v1/orders/{order_id}/explain"), 200))
        return list(answer["sentences"])

    async def refund(self, order_id: str, amount: str, key: str) -> httpx.Response:
        """The merchant's backend asks for a refund."""
        answer = await self.backend(
            "POST", f"/v1/orders/{order_id}/refunds", {"amount": amount}, headers={"Idempotency-Key": key}
        )
        said = json_of(answer)
        told = said["refund"]["state"] if answer.is_success else said["code"]
        self.tell(BACKEND, f"asks for a refund of {amount} INR (key {key}): {answer.status_code} {told}")
        return answer

    async def settle(self, order_id: str, kind: str, verdict: str, note: str) -> None:
        """A person of the shop's closes the order's open reason of that kind."""
        review = f"/v1/orders/{order_id}/review"
        reasons = json_of(expect(await self.backend("GET", review), 200))["reasons"]
        keys = [one["key"] for one in reasons if one["kind"] == kind and not one["settled"]]
        if len(keys) != 1:
            fail(f"{len(keys)} open reasons of kind {kind}, not one")
        word = {"reason": keys[0], "verdict": verdict, "by": "Priya", "note": note}
        expect(await self.backend("POST", review, word), 200)
        self.tell(PERSON, f"Priya settles {kind.replace('_', ' ')} as {verdict.replace('_', ' ')}: {note}")

    # --- the shopper

    async def at_the_page(self, order_id: str, amount: str) -> ShopperApp:
        """An order is opened, and its payment page stands open in the shopper's app."""
        await self.open_order(order_id, amount)
        app = await self.app()
        await app.process(order_id)
        return app

    async def app(self, customer_id: str = "asha") -> ShopperApp:
        """The merchant's app starts: prefetch, a checkout from the backend, initiate."""
        app = ShopperApp(self)
        await app.start(customer_id)
        return app

    async def browse(self, page_url: str, vpa: str) -> str:
        """The shopper pays on Juspay's page in a browser; returns the address Juspay sends the browser back to."""
        chosen = expect(await self.http.post(f"{page_url}/pay", data={"kind": "upi", "upi": vpa}), 303)
        location = chosen.headers["location"]
        if "/bank/" in location:
            answered = await self.http.post(f"{self.stack.sandbox_url}{location}", data={"answer": "approve"})
            location = expect(answered, 303).headers["location"]
        self.tell(SHOPPER, f"pays with {vpa} on Juspay's page")
        return str(location)

    async def come_back(self, url: str) -> httpx.Response:
        """The shopper's browser follows Juspay's redirect to Paystate."""
        answer = await self.http.get(url)
        status = dict(parse_qsl(urlsplit(url).query)).get("status", "")
        told = f"303 to {answer.headers['location']}" if answer.status_code == 303 else str(answer.status_code)
        self.tell(SHOPPER, f"comes back with status {status} in the address: {told}")
        return answer

    # --- Juspay's side

    async def juspay(self, method: str, path: str, body: Json | None = None) -> Json:
        """One call to the sandbox's controls."""
        answer = await self.http.request(method, f"{self.stack.sandbox_url}/_control{path}", json=body)
        return json_of(answer) if answer.is_success else fail(f"sandbox: {answer.status_code} {answer.text}")

    async def fault(self, name: str, says: str, **how: Any) -> None:
        """Break something at Juspay on purpose."""
        await self.juspay("POST", "/faults", {"name": name, **how})
        self.tell(JUSPAY, f"(fault) {says}")

    async def truth(self, order_id: str) -> Json:
        """What really happened to the order at Juspay."""
        return await self.juspay("GET", f"/orders/{order_id}")

    async def ledger(self, order_id: str, kind: str) -> list[Json]:
        """The sandbox's own record of calls or effects on the order."""
        entries = (await self.juspay("GET", f"/ledger?order_id={order_id}&kind={kind}"))["entries"]
        return list(entries)

    async def deliver_webhooks(self) -> None:
        """Let every webhook that is due arrive now."""
        await self.juspay("POST", "/webhooks/deliver", {})
        await self.tell_webhooks()

    async def skip_webhooks(self) -> None:
        """Leave the webhooks of earlier stories out."""
        self.webhooks_told = len((await self.juspay("GET", "/ledger?kind=webhook"))["entries"])

    async def tell_webhooks(self) -> None:
        """Add the webhooks that were delivered since the last time to the timeline."""
        entries = (await self.juspay("GET", "/ledger?kind=webhook"))["entries"]
        for entry in entries[self.webhooks_told :]:
            answer = entry["status"] or entry["problem"]
            self.tell(JUSPAY, f"sends the webhook {entry['event_name']}: {answer}")
        self.webhooks_told = len(entries)

    # --- time

    async def advance(self, seconds: int, why: str) -> None:
        """Move everybody's clock."""
        await self.juspay("POST", "/clock", {"advance_s": seconds})
        self.tell(TIME, f"{seconds} s later: {why}")

    async def eventually(self, what: str, ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
        """Wait until the worker has caught up; raises `Unexpected` when it never does."""
        seen = await ask()
        for _ in range(round(PATIENCE_S / POLL_S)):
            if is_so(seen):
                await self.tell_webhooks()
                return seen
            await asyncio.sleep(POLL_S)
            seen = await ask()
        raise Unexpected(f"waited for {what}; last seen: {seen}")

    async def until_status(self, order_id: str, status: str) -> Json:
        """Wait until Paystate has proved the order to be in `status`."""
        order = await self.eventually(
            f"{order_id} to be {status}", lambda: self.order(order_id), lambda seen: seen["status"] == status
        )
        self.tell(PAYSTATE, f"asked Juspay and knows: {order_id} is {status}{', paid' if order['paid'] else ''}")
        return order


@define
class ShopperApp:
    """The merchant's app on a shopper's phone. It holds no secret but its checkout's token."""

    stage: Stage
    checkout_id: str = ""
    token: str = field(default="", repr=False)
    instance: str = ""
    page_url: str = ""

    async def start(self, customer_id: str) -> None:
        """Steps 1 to 3: prefetch, fetch the signed payload through the backend, initiate."""
        stage = self.stage
        prefetch = expect(await stage.http.get(f"{stage.stack.service_url}/v1/sdk/prefetch-payload"), 200)
        await self._sdk("preFetch", json_of(prefetch))
        stage.tell(APP, "prefetches the SDK")
        opened = json_of(
            expect(await stage.backend("POST", "/v1/checkouts", {"customer": {"customer_id": customer_id}}), 201)
        )
        self.checkout_id, self.token = opened["checkout_id"], opened["token"]
        stage.tell(BACKEND, "opens a checkout and hands the signed initiate payload to the app")
        answer = await self._sdk("initiate", opened["initiate_payload"])
        self.instance = answer["instance"]
        await self._pass_on(answer["events"])

    async def process(self, order_id: str) -> None:
        """Steps 4 and 5: fetch the signed order, open the payment page."""
        stage = self.stage
        given = json_of(expect(await self._call("POST", "/process", {"order_id": order_id}), 200))
        stage.tell(PAYSTATE, f"signs {order_id} for the app; looks begin")
        answer = await self._sdk("process", given["process_payload"])
        self.page_url = answer.get("page_url") or ""
        await self._pass_on(answer["events"])
        if not self.page_url:
            raise Unexpected("the SDK did not open the page")

    async def act(self, says: str, **action: Any) -> str:
        """The shopper acts on the page inside the app; returns the SDK's word, or `""`."""
        self.stage.tell(SHOPPER, says)
        answer = json_of(
            expect(
                await self.stage.http.post(
                    f"{self.stage.stack.sandbox_url}/_sdk/act", json={"instance": self.instance, **action}
                ),
                200,
            )
        )
        await self._pass_on(answer["events"])
        return next((str(event["payload"].get("status", "")) for event in answer["events"]), "")

    async def pay(self, vpa: str = "success@upi", says: str = "pays by UPI") -> str:
        """The shopper pays with a UPI id; the id decides what the bank makes of it."""
        return await self.act(says, action="pay", method={"upi": vpa})

    async def claim(self, event: str, status: str) -> None:
        """The app tells an event that no SDK gave it."""
        expect(await self._call("POST", "/events", {"event": event, "payload": {"status": status}}), 202)
        self.stage.tell(APP, f"makes up the event {event} ({status})")

    async def result(self) -> str:
        """Step 8: what the shopper's screen may say."""
        seen = json_of(expect(await self._call("GET", "/result"), 200))
        return str(seen["result"])

    async def shows(self, result: str) -> str:
        """Wait until the screen may say `result`."""
        seen = await self.stage.eventually(f"the screen to say {result}", self.result, lambda said: said == result)
        self.stage.tell(APP, f"shows the shopper: {seen.replace('_', ' ')}")
        return seen

    async def terminate(self) -> None:
        """Step 7: done with the SDK."""
        await self._sdk("terminate", {"requestId": "-", "service": "in.juspay.hyperpay", "payload": {}})
        expect(await self._call("POST", "/terminate", {}), 200)
        self.stage.tell(APP, "terminates the SDK; the checkout ends, money is untouched")

    async def _sdk(self, call: str, envelope: Json) -> Json:
        headers = {"x-sdk-instance": self.instance} if self.instance else {}
        url = f"{self.stage.stack.sandbox_url}/_sdk/{call}"
        return json_of(expect(await self.stage.http.post(url, json=envelope, headers=headers), 200))

    async def _pass_on(self, events: list[Json]) -> None:
        for event in events:
            expect(await self._call("POST", "/events", event), 202)
            status = event["payload"].get("status")
            self.stage.tell(APP, f"passes on the SDK's event {event['event']}{f' ({status})' if status else ''}")

    async def _call(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        url = f"{self.stage.stack.service_url}/v1/checkouts/{self.checkout_id}{path}"
        return await self.stage.http.request(method, url, json=body, headers={"Authorization": f"Bearer {self.token}"})


def expect(answer: httpx.Response, status: int) -> httpx.Response:
    """The answer, if it has the status that the story expects."""
    if answer.status_code != status:
        fail(f"{answer.request.method} {answer.request.url.path}: {answer.status_code}, not {status}: {answer.text}")
    return answer


def json_of(answer: httpx.Response) -> Json:
    """The answer's JSON object."""
    body: Json = answer.json()
    return body


def fail(says: str) -> Any:
    """End the story."""
    raise Unexpected(says)


def webhook_path() -> str:
    """Where Juspay's webhooks go."""
    return f"/webhooks/juspay/{MERCHANT_ID}"


def with_other_status(url: str, status: str) -> str:
    """A return address somebody has tampered with."""
    return re.sub(r"([?&]status=)[^&]*", rf"\g<1>{status}", url)
