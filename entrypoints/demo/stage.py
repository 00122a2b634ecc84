"""What a story can use: the merchant's backend, the shopper's browser, Juspay's controls, machines, and the time.

The shopper's app is in `shopper`. All of them speak HTTP to the stack, and note what they do for the story's timeline.
"""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from attrs import Factory, define

from paystate.core.ids import OrderKey
from paystate.core.ports.store import InboxRow
from paystate.entrypoints.demo.script import (
    BACKEND,
    JUSPAY,
    PAYSTATE,
    PERSON,
    SHOPPER,
    TIME,
    Json,
    Line,
    expect,
    fail,
    json_of,
    webhook_path,
)
from paystate.entrypoints.demo.shopper import ShopperApp
from paystate.entrypoints.demo.stack import MERCHANT_ID, SHOP_HOST, Stack
from paystate.entrypoints.setup.settings_checks import load

T = TypeVar("T")
PATIENCE_S: Final = 60
"""Real seconds that a story waits for the worker to catch up."""
POLL_S: Final = 0.02


@define
class Stage:
    """One story's stage.

    Attributes:
        webhooks_told: How far in the sandbox's ledger the timeline has come.
        earlier: Orders of other stories; their webhooks are not told.
    """

    stack: Stack
    http: httpx.AsyncClient
    lines: list[Line] = Factory(list[Line])
    webhooks_told: int = 0
    earlier: frozenset[str] = frozenset()

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

    async def inbox(self, word: str) -> list[InboxRow]:
        """The webhooks that Paystate has kept and that hold `word`, oldest first."""
        rows = await self.stack.runtime.ports.store.inbox(MERCHANT_ID, limit=1000)
        return [row for row in reversed(rows) if word.encode() in row.body]

    async def open_order(
        self, order_id: str, amount: str, customer_id: str = "asha", *, capture: str = "automatic"
    ) -> None:
        """The merchant's backend opens an order; with `capture` `manual` one that asks for a hold."""
        body = {
            "order_id": order_id,
            "amount": amount,
            "currency": "INR",
            "customer": {"customer_id": customer_id, "email": "asha@example.test", "phone": "9000012345"},
            "return_url": f"https://{SHOP_HOST}/thanks",
            "capture": capture,
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

    async def refund(self, order_id: str, amount: str, key: str, *, txn_id: str = "") -> httpx.Response:
        """The merchant's backend asks for a refund: of the order, or of one of its payments."""
        body = {"amount": amount, "txn_id": txn_id} if txn_id else {"amount": amount}
        answer = await self.backend("POST", f"/v1/orders/{order_id}/refunds", body, headers={"Idempotency-Key": key})
        said = json_of(answer)
        told = said["refund"]["state"] if answer.is_success else said["code"]
        of = f" of {txn_id}" if txn_id else ""
        self.tell(BACKEND, f"asks for a refund of {amount} INR{of} (key {key}): {answer.status_code} {told}")
        return answer

    async def refunded(self, order_id: str, amount: str, key: str, *, txn_id: str = "") -> None:
        """The merchant's backend asks for a refund, and a minute later Paystate knows that it is done."""
        expect(await self.refund(order_id, amount, key, txn_id=txn_id), 201)
        await self.advance(60, "Juspay has worked on the refund")
        await self.until_refund(order_id, key, "SUCCESS")

    async def refund_unanswered(self, order_id: str, amount: str, key: str) -> None:
        """The merchant's backend asks for a refund, and Paystate dies over it."""
        try:
            answer = await self.refund(order_id, amount, key)
        except httpx.TransportError:
            self.tell(BACKEND, f"asks for a refund of {amount} INR (key {key}): no answer")
        else:
            fail(f"the refund was answered: {answer.status_code}")

    async def capture(self, order_id: str, amount: str, key: str) -> Json:
        """The merchant's backend has a part of the held money taken; the capture as it stands then."""
        body, headers = {"amount": amount}, {"Idempotency-Key": key}
        answer = json_of(
            expect(await self.backend("POST", f"/v1/orders/{order_id}/capture", body, headers=headers), 201)
        )
        self.tell(BACKEND, f"has {amount} INR of the held money taken (key {key}): {answer['hold']['state']}")
        return answer

    async def say(self, order_id: str, what: str, note: str, **said: str) -> httpx.Response:
        """The merchant says something of its own sale: `cancel` or `cash`."""
        answer = await self.backend("POST", f"/v1/orders/{order_id}/{what}", {"by": "Ravi", "note": note, **said})
        told = " ".join((what, *said.values()))
        self.tell(BACKEND, f"says of {order_id}: {told}, by Ravi ({note}): {answer.status_code}")
        return answer

    async def adopt(self, *lines: str) -> None:
        """The shop takes over orders from before Paystate, one a line: id, amount, currency, customer, delivered."""
        stack, file = self.stack, self.stack.settings_file.with_name("orders.csv")
        file.write_text("\n".join(("order_id,amount,currency,customer_id,fulfilled", *lines)) + "\n", "utf-8")
        await stack.command("adopt", str(file), "--by", "Meera, operations")
        self.tell(BACKEND, f"has Paystate take over {len(lines)} orders from before its time")

    async def announced(self, order_id: str) -> list[str]:
        """What the merchant was told of the order, oldest first, as the journal has it."""
        rows = await self.stack.runtime.ports.store.journal(OrderKey(MERCHANT_ID, order_id))
        return [told.once_key for row in rows for told in row.fact.announced]

    async def until_refund(self, order_id: str, key: str, state: str) -> Json:
        """Wait until Paystate knows the refund of that key to be in `state`."""

        async def ask() -> Json:
            refunds = (await self.order(order_id))["refunds"]
            return next((one for one in refunds if one["idempotency_key"] == key), {"state": "not there"})

        refund = await self.eventually(f"refund {key} to be {state}", ask, lambda seen: seen["state"] == state)
        self.tell(PAYSTATE, f"knows that the refund of {refund['amount']} INR (key {key}) is {state}")
        return refund

    async def open_reasons(self, order_id: str) -> list[str]:
        """Why a person must look at the order: the kinds of the reasons that nobody has settled."""
        reasons = json_of(expect(await self.backend("GET", f"/v1/orders/{order_id}/review"), 200))["reasons"]
        kinds = [str(one["kind"]) for one in reasons if not one["settled"]]
        self.tell(PERSON, f"Priya sees what is open: {', '.join(kinds).replace('_', ' ') or 'nothing'}")
        return kinds

    async def settle(self, order_id: str, kind: str, verdict: str, note: str) -> None:
        """A person of the shop's closes the order's open reasons of that kind."""
        review = f"/v1/orders/{order_id}/review"
        reasons = json_of(expect(await self.backend("GET", review), 200))["reasons"]
        keys = [one["key"] for one in reasons if one["kind"] == kind and not one["settled"]]
        if not keys:
            fail(f"no reason of kind {kind} is open")
        for key in keys:
            word = {"reason": key, "verdict": verdict, "by": "Priya", "note": note}
            expect(await self.backend("POST", review, word), 200)
        self.tell(PERSON, f"Priya settles {kind.replace('_', ' ')} as {verdict.replace('_', ' ')}: {note}")

    # --- the shopper

    async def at_the_page(self, order_id: str, amount: str, *, capture: str = "automatic") -> ShopperApp:
        """An order is opened, and its payment page stands open in the shopper's app."""
        told = len(self.lines)
        await self.open_order(order_id, amount, capture=capture)
        app = await self.app()
        await app.process(order_id)
        del self.lines[told:]  # every story begins so; `straight` tells it step by step
        asks = " that asks for a hold" if capture == "manual" else ""
        self.tell(SHOPPER, f"checks out order {order_id} of {amount} INR{asks}; the payment page is open")
        return app

    async def paid(self, order_id: str, amount: str) -> str:
        """An order is opened and paid, and the shopper was told; returns what the screen said."""
        app = await self.at_the_page(order_id, amount)
        await app.pay()
        saw = await app.shows("paid")
        await self.at_rest()
        return saw

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

    async def fault(self, name: str, message: str, **how: Any) -> int:
        """Break something at Juspay on purpose; returns the fault's number, for `fix`."""
        armed = await self.juspay("POST", "/faults", {"name": name, **how})
        self.tell(JUSPAY, f"(fault) {message}")
        return int(armed["id"])

    async def happens(self, name: str, message: str, order_id: str, **params: Any) -> None:
        """Something happens to an order at Juspay: a fault of the world's, that nobody made."""
        await self.juspay("POST", "/faults", {"name": name, "order_id": order_id, "params": params})
        self.tell(JUSPAY, message)

    async def prices(self, order_id: str, message: str, **terms: str) -> None:
        """Juspay puts an offer or a surcharge on what the shopper is to pay: `discount`, `surcharge`."""
        await self.juspay("POST", f"/orders/{order_id}/money", dict(terms))
        self.tell(JUSPAY, message)

    async def fix(self, fault: int, message: str = "") -> None:
        """Let something at Juspay be right again."""
        expect(await self.http.delete(f"{self.stack.sandbox_url}/_control/faults/{fault}"), 204)
        if message:
            self.tell(JUSPAY, f"(fixed) {message}")

    async def wants_events(self, events: Collection[str], message: str) -> None:
        """The shop wants these kinds of webhooks from now on; none named: the usual ones."""
        user, password = self.stack.webhook_login
        target: Json = {"url": f"{self.stack.service_url}{webhook_path()}", "username": user, "password": password}
        await self.juspay(
            "POST", f"/merchants/{MERCHANT_ID}/webhook", {**target, **({"events": sorted(events)} if events else {})}
        )
        self.tell(JUSPAY, message)

    async def truth(self, order_id: str) -> Json:
        """What really happened to the order at Juspay."""
        return await self.juspay("GET", f"/orders/{order_id}")

    async def ledger(self, order_id: str, kind: str) -> list[Json]:
        """The sandbox's own record of calls or effects on the order."""
        entries = (await self.juspay("GET", f"/ledger?order_id={order_id}&kind={kind}"))["entries"]
        return list(entries)

    async def questions(self, order_id: str) -> int:
        """How often Juspay was asked about the order."""
        return sum(call["name"] == "order_status" for call in await self.ledger(order_id, "call"))

    async def refund_calls(self, order_id: str) -> list[str]:
        """The id in each refund call that reached Juspay, one for each call."""
        calls = await self.ledger(order_id, "call")
        return [str(call["unique_request_id"]) for call in calls if call["name"] == "refund"]

    async def deliver_webhooks(self) -> None:
        """Let every webhook that is due arrive now."""
        await self.juspay("POST", "/webhooks/deliver", {})
        await self.describe_webhooks()

    async def leave_out_earlier(self) -> None:
        """Tell no webhooks of earlier stories."""
        self.earlier = frozenset(order["order_id"] for order in (await self.juspay("GET", "/orders"))["orders"])

    async def describe_webhooks(self) -> None:
        """Add the webhooks that were delivered since the last time to the timeline."""
        entries = (await self.juspay("GET", "/ledger?kind=webhook"))["entries"]
        for entry in entries[self.webhooks_told :]:
            if entry["order_id"] not in self.earlier:
                self.tell(JUSPAY, f"sends the webhook {entry['event_name']}: {entry['status'] or 'no answer'}")
        self.webhooks_told = len(entries)

    # --- time

    async def advance(self, seconds: int, why: str) -> None:
        """Move everybody's clock, when all that is due now is done: what is under way would be late by the leap."""
        if self.stack.service.is_up:
            await self.at_rest()
        if self.stack.juspay.is_up:
            await self.juspay("POST", "/clock", {"advance_s": seconds})
        else:
            self.stack.clock.advance(seconds)
        self.tell(TIME, f"{_duration(seconds)} later: {why}")

    async def eventually(self, what: str, ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
        """Wait until the worker has caught up; raises `Unexpected` when it never does."""
        ends_at = monotonic() + PATIENCE_S
        while not is_so(seen := await ask()):
            if monotonic() > ends_at:
                fail(f"waited for {what}; last seen: {seen}")
            await asyncio.sleep(POLL_S)
        if self.stack.juspay.is_up:
            await self.describe_webhooks()
        return seen

    async def at_rest(self) -> None:
        """Wait until the worker has done everything that is due now."""
        worker = self.stack.service.value.worker
        seen = worker.quiet_steps

        async def quiet_steps() -> int:
            return worker.quiet_steps - seen

        # The first of them may have begun before what we wait for was due.
        await self.eventually("the worker to have nothing left to do", quiet_steps, lambda count: count >= 2)

    async def until_status(self, order_id: str, status: str) -> Json:
        """Wait until Paystate has proved the order to be in `status`."""
        order = await self.eventually(
            f"{order_id} to be {status}", lambda: self.order(order_id), lambda seen: seen["status"] == status
        )
        self.tell(PAYSTATE, f"asked Juspay and knows: {order_id} is {status}{', paid' if order['paid'] else ''}")
        return order

    # --- machines

    async def restart_service(self, why: str) -> None:
        """Paystate is stopped in good order and started again."""
        self.tell(PAYSTATE, f"(fault) goes down: {why}")
        await self.stack.service.stop()
        await self.stack.service.start()
        self.tell(PAYSTATE, "is up again")

    async def back_up(self) -> Path:
        """Paystate's database is copied, while the service is down."""
        stack = self.stack
        await self.at_rest()
        await stack.service.stop()
        backup = stack.settings_file.with_name("backup")
        shutil.copy(load(stack.settings_file).database_path, backup)
        await stack.service.start()
        self.tell(PAYSTATE, "its database is backed up")
        return backup

    async def restore(self, backup: Path, made_at: datetime) -> None:
        """The machine is lost: the backup is put in its place and in doubt, as the how-to says. Nothing runs yet."""
        stack = self.stack
        await stack.service.stop()
        settings = load(stack.settings_file)
        for file in settings.database_path.parent.glob(f"{settings.database_path.name}*"):
            file.unlink()
        shutil.copy(backup, settings.database_path)
        await stack.command("resync", "--since", made_at.isoformat(), "--by", "Meera, operations")
        self.tell(PAYSTATE, "(fault) its machine is lost; a new one has the backup, in doubt")

    async def starts_in_doubt(self) -> None:
        """Paystate runs again, on what was restored."""
        await self.stack.service.start()
        self.tell(PAYSTATE, "runs again, and sends no refund before Juspay was asked")

    @asynccontextmanager
    async def killed(self, at: str, message: str) -> AsyncGenerator[Process]:
        """Paystate as a process that is killed at a step of `killed_service` while this runs; afterwards it is up."""
        async with self.stack.process(at) as running:
            yield running
            await asyncio.wait_for(running.wait(), PATIENCE_S)
            self.tell(PAYSTATE, f"(fault) is killed {message}")
        self.tell(PAYSTATE, "is up again")

    async def juspay_goes_down(self, message: str) -> None:
        """Nobody listens at Juspay's address any more."""
        await self.stack.juspay.stop()
        self.tell(JUSPAY, f"(fault) {message}")

    async def juspay_comes_back(self, message: str) -> None:
        """Juspay listens again, its world as it was."""
        await self.stack.juspay.start()
        self.tell(JUSPAY, message)

    def set_our_clock(self, ahead: timedelta, message: str) -> None:
        """Set the clock of Paystate's machine wrong; everybody else's stays as it is."""
        self.stack.our_clock.ahead = ahead
        self.tell(TIME, f"(fault) {message}")

    async def leave(self) -> None:
        """Leave nothing broken behind for the next story."""
        await self.stack.fix()
        await self.http.delete(f"{self.stack.sandbox_url}/_control/faults")


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} s"
