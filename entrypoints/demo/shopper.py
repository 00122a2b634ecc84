"""The merchant's app on a shopper's phone, as it runs Juspay's SDK and speaks to Paystate.

It takes steps 1 to 8 of the app; each is noted in the story's timeline.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import httpx
from attrs import Factory, define, field

from paystate.entrypoints.demo.script import (
    APP,
    BACKEND,
    JUSPAY,
    PAYSTATE,
    SHOPPER,
    Json,
    Unexpected,
    expect,
    fail,
    json_of,
)
from paystate.entrypoints.demo.stack import Stack

T = TypeVar("T")


class Scene(Protocol):
    """What an app needs of the story that it is in."""

    stack: Stack
    http: httpx.AsyncClient

    def tell(self, who: str, what: str) -> None:
        """Add a line to the timeline."""
        ...

    async def backend(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        """One call of the merchant's backend to Paystate."""
        ...

    async def eventually(self, what: str, ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
        """Wait until it is so."""
        ...


@define
class ShopperApp:
    """The merchant's app on a shopper's phone. It holds no secret but its checkout's token."""

    stage: Scene
    checkout_id: str = ""
    token: str = field(default="", repr=False)
    instance: str = ""
    page_url: str = ""
    key_ids: list[str] = Factory(list[str])
    """The keys that its payloads were signed with."""

    async def start(self, customer_id: str) -> None:
        """Steps 1 to 3: prefetch, fetch the signed payload through the backend, initiate."""
        stage = self.stage
        prefetch = expect(await stage.http.get(f"{stage.stack.service_url}/v1/sdk/prefetch-payload"), 200)
        await self._sdk("preFetch", json_of(prefetch))
        stage.tell(APP, "prefetches the SDK")
        opened = json_of(
            expect(await stage.backend("POST", "/v1/checkouts", {"customer": {"customer_id": customer_id}}), 201)
        )
        stage.tell(BACKEND, "opens a checkout and hands the signed initiate payload to the app")
        await self._initiate(opened)

    async def renew(self) -> None:
        """The checkout expired: a new token and payload through the backend, and a new instance of the SDK."""
        stage = self.stage
        renewed = json_of(expect(await stage.backend("POST", f"/v1/checkouts/{self.checkout_id}/token"), 201))
        stage.tell(BACKEND, "renews the checkout and hands a new payload to the app")
        self.instance = ""
        await self._initiate(renewed)

    async def _initiate(self, handed_out: Json) -> None:
        self.checkout_id, self.token = handed_out["checkout_id"], handed_out["token"]
        self.key_ids.append(handed_out["initiate_payload"]["payload"].get("merchantKeyId", ""))
        answer = await self._sdk("initiate", handed_out["initiate_payload"])
        self.instance = answer["instance"]
        await self._pass_on(answer["events"])

    async def process(self, order_id: str) -> None:
        """Steps 4 and 5: fetch the signed order, open the payment page."""
        stage = self.stage
        given = json_of(expect(await self._call("POST", "/process", {"order_id": order_id}), 200))
        self.key_ids.append(given["process_payload"]["payload"].get("merchantKeyId", ""))
        stage.tell(PAYSTATE, f"signs {order_id} for the app; looks begin")
        answer = await self._sdk("process", given["process_payload"])
        self.page_url = answer.get("page_url") or ""
        await self._pass_on(answer["events"])
        if not self.page_url:
            raise Unexpected("the SDK did not open the page")

    async def refused_process(self, order_id: str) -> str:
        """The app asks for the signed order and is refused; returns the refusal's code."""
        answer = await self._call("POST", "/process", {"order_id": order_id})
        code = str(json_of(answer)["code"]) if answer.is_client_error else fail("the order was signed")
        self.stage.tell(PAYSTATE, f"does not sign {order_id} for the app: {code.replace('_', ' ')}")
        return code

    async def act(self, message: str, **action: Any) -> str:
        """The shopper acts on the page inside the app; returns the SDK's word, or `""`."""
        self.stage.tell(SHOPPER, message)
        answer = json_of(expect(await self._act(action), 200))
        await self._pass_on(answer["events"])
        return next((str(event["payload"].get("status", "")) for event in answer["events"]), "")

    async def cannot_pay(self, message: str) -> str:
        """The shopper tries to pay on a page that no longer takes it; returns what the page says."""
        self.stage.tell(SHOPPER, message)
        told = str(json_of(expect(await self._act({"action": "pay", "method": {"upi": "success@upi"}}), 409))["error"])
        self.stage.tell(JUSPAY, f"takes no payment: {told}")
        return told

    async def pay(self, vpa: str = "success@upi", message: str = "pays by UPI") -> str:
        """The shopper pays with a UPI id; the id decides what the bank makes of it."""
        return await self.act(message, action="pay", method={"upi": vpa})

    async def claim(self, status: str, message: str) -> str:
        """The app tells a `process_result` that no SDK has just given it; returns what it did to the checkout."""
        event = {"event": "process_result", "payload": {"status": status}}
        taken = json_of(expect(await self._call("POST", "/events", event), 202))
        self.stage.tell(APP, message)
        return str(taken["outcome"])

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

    async def _act(self, action: Json) -> httpx.Response:
        return await self.stage.http.post(
            f"{self.stage.stack.sandbox_url}/_sdk/act", json={"instance": self.instance, **action}
        )

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
