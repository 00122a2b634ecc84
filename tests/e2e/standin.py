"""A second Juspay, written from the gateway contract and its samples alone: an oracle beside the sandbox.

It knows nothing of paystate, or of the sandbox. It plays the three routes that a merchant's server calls (`/session`,
`/orders/{id}`, `/orders/{id}/refunds`), the SDK's part of an order, and the signatures of return URLs; it writes down
every call and every effect. What the contract leaves open, or what Juspay does in two ways, is a knob of `Standin`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

STATUS_IDS = {
    "NEW": 10, "STARTED": 20, "CHARGED": 21, "JUSPAY_DECLINED": 22, "PENDING_VBV": 23, "VBV_SUCCESSFUL": 24,
    "AUTHORIZED": 25, "AUTHENTICATION_FAILED": 26, "AUTHORIZATION_FAILED": 27, "AUTHORIZING": 28, "AUTO_REFUNDED": 36,
    "PARTIAL_CHARGED": 37, "TO_BE_CHARGED": 40,
}  # fmt: skip
HIDDEN = (
    "customer_email",
    "customer_id",
    "effective_amount",
    "maximum_eligible_refund_amount",
    "udf1",
    "payment_method",
)
"""What a webhook shows as `FILTERED`. Source: gateway contract, O.6."""
AUTOMATIC = "AUTO_REFUNDED"
"""Who began a refund that Juspay makes by itself. Source: gateway contract, O.2."""
CLOCK = "/clock"
EXTRA = {"x_new_in_2031": {"nested": [1, 2.5, None, {"amount": 1}], "status": "CHARGED"}, "orderId": "somebody-else"}


@dataclass(frozen=True)
class Call:
    """One request, as it came."""

    operation: str
    order_id: str
    fields: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    `kind` is one of: `silence`, `gone` (closed without an answer), `cut` (half an answer), `html`, `redirect`,
    `busy` (a refund of that amount is still processing), or the text of an HTTP status such as `503`.
    """

    kind: str
    after_effect: bool = False


@dataclass
class Leg:
    """One of several transactions that pay an order together. Source: gateway contract, O.3."""

    amount: Decimal
    status: str = "CHARGED"
    refunds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass
class Order:
    """An order at Juspay; `changes` replaces members of its body.

    Attributes:
        effective: What the shopper pays, where an offer or a surcharge makes it another sum than `amount`.
        captured: What was taken of it, where that is a part.
    """

    order_id: str
    amount: Decimal
    currency: str = "INR"
    customer_id: str = ""
    status: str = "NEW"
    tries: int = 0
    expiry: str | None = None
    refunds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    effective: Decimal | None = None
    captured: Decimal | None = None
    legs: list[Leg] = field(default_factory=list[Leg])

    @property
    def paid(self) -> Decimal:
        return self.amount if self.effective is None else self.effective

    @property
    def all_refunds(self) -> list[dict[str, Any]]:
        return [*self.refunds, *(refund for leg in self.legs for refund in leg.refunds)]

    @property
    def left(self) -> Decimal:
        """What the merchant may still have refunded of the transaction that stands; Juspay's own are of another."""
        taken = self.paid if self.captured is None else self.captured
        is_back = self.status == "AUTO_REFUNDED"
        counted = [one for one in self.all_refunds if is_back or one.get("initiated_by") != AUTOMATIC]
        return taken - sum((one["amount"] for one in counted if one["status"] != "FAILURE"), Decimal(0))


async def _nothing(_: Call) -> None:
    """What most answers wait for."""


@dataclass
class Standin:
    """One merchant's Juspay.

    Attributes:
        amounts: How money is written: `plain` 349.50, `short` 349.5 and 349, `text` "349.50".
        no_refunds: What stands for none: `absent`, `null` or `list`.
        tells_eligible: Whether a paid order names what may still be refunded of it.
        not_found: HTTP status of an order that is not known, 400 or 404.
        now: What the Date header says; None leaves it out.
        faults: For the next calls of an operation, in turn.
        mood: Asked for every other call what goes wrong with it.
        waits: What a call waits for before anything comes of it.
        effects: Every refund that was made, by id, in order.
        given_up: Calls whose caller went away while they waited.
    """

    merchant_id: str
    api_key: str
    response_key: str = ""
    public_key: bytes = b""
    url: str = ""
    amounts: str = "short"
    no_refunds: str = "list"
    tells_eligible: bool = False
    has_status_id: bool = True
    has_extras: bool = True
    is_reversed: bool = False
    not_found: int = 400
    now: datetime | None = None
    faults: dict[str, deque[Fault]] = field(default_factory=dict[str, "deque[Fault]"])
    down: Fault | None = None
    mood: Callable[[str], Fault | None] = lambda _: None
    waits: Callable[[Call], Awaitable[None]] = _nothing
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    calls: list[Call] = field(default_factory=list[Call])
    effects: list[str] = field(default_factory=list[str])
    given_up: list[Call] = field(default_factory=list[Call])

    # --- what happens on the shopper's side

    def sdk_process(self, envelope: dict[str, Any]) -> Order:
        """Do what the SDK does with a process payload: check the signature, or the session's token, and go on."""
        payload = envelope["payload"]
        if "orderDetails" not in payload:
            return self.orders[payload["orderId"].lower()]
        key = load_pem_public_key(self.public_key)
        assert isinstance(key, RSAPublicKey)
        signature, text = base64.b64decode(payload["signature"], validate=True), payload["orderDetails"]
        key.verify(signature, text.encode(), PKCS1v15(), SHA256())
        return self._created(json.loads(text))

    def paid(self, order_id: str, status: str = "CHARGED", /, **changes: Any) -> None:
        """The shopper tried to pay, and this came of it."""
        order = self.orders[order_id.lower()]
        order.tries += 1
        order.status = status
        order.changes |= changes

    def paid_as(self, order_id: str, effective: str) -> None:
        """The shopper paid another sum than the price: an offer took something off, or a surcharge came on."""
        self.orders[order_id.lower()].effective = Decimal(effective)
        self.paid(order_id)

    def paid_in_part(self, order_id: str, captured: str) -> None:
        """Held money was taken in part."""
        self.orders[order_id.lower()].captured = Decimal(captured)
        self.paid(order_id, "PARTIAL_CHARGED")

    def paid_together(self, order_id: str, *amounts: str) -> None:
        """Several transactions paid it, such as a gift card and UPI."""
        self.orders[order_id.lower()].legs = [Leg(Decimal(amount)) for amount in amounts]
        self.paid(order_id)

    def given_back(self, order_id: str, status: str = "PENDING", *, beside: bool = False) -> str:
        """Juspay gives a payment back by itself: the one that is named, or another one beside it; returns its id."""
        order = self.orders[order_id.lower()]
        refund_id = f"AR{len(order.refunds)}{order.order_id}"[:16]
        order.refunds.append(self._entry(refund_id, order.paid, status, AUTOMATIC))
        if not beside:
            order.status = "AUTO_REFUNDED"
        return refund_id

    def settled(self, refund_id: str, status: str = "SUCCESS") -> None:
        """A refund has come to its end."""
        for order in self.orders.values():
            for refund in order.all_refunds:
                if refund["unique_request_id"].partition("-")[0] == refund_id:
                    refund["status"] = status

    def return_query(self, order_id: str, **extra: str) -> str:
        """Parameters of the return URL, signed."""
        status = self.orders[order_id.lower()].status
        plain = {"order_id": order_id, "status": status, "status_id": str(STATUS_IDS.get(status, 0)), **extra}
        joined = "&".join(sorted(f"{quote_plus(key)}={quote_plus(value)}" for key, value in plain.items()))
        tag = hmac.new(self.response_key.encode(), quote_plus(joined).encode(), hashlib.sha256).digest()
        signed = {"signature": base64.b64encode(tag).decode(), "signature_algorithm": "HMAC-SHA256"}
        return urlencode({**plain, **signed})

    def webhook(self, order_id: str, event: str, event_id: str) -> bytes:
        """Body of a webhook that tells how the order stands now."""
        order = self.body(self.orders[order_id.lower()])
        return self._event(event, event_id, {"order": order | {name: "FILTERED" for name in HIDDEN if name in order}})

    def txn_webhook(self, order_id: str, number: int, status: str, event_id: str) -> bytes:
        """Body of a webhook that tells of one transaction: no order, and no merchant. Source: gateway contract, O.6."""
        order = self.orders[order_id.lower()]
        txn = {"order_id": order.order_id, "txn_id": self._txn_id(order, number), "status": status}
        event = "TXN_CHARGED" if status == "CHARGED" else "TXN_FAILED"
        return self._event(event, event_id, {"txn": {**txn, "txn_amount": self._money(order.paid)}})

    def _event(self, name: str, event_id: str, content: dict[str, Any]) -> bytes:
        date = "2031-03-14T09:22:42Z"
        return self._text({"id": event_id, "date_created": date, "content": content, "event_name": name})

    # --- bodies

    def body(self, order: Order) -> dict[str, Any]:
        """The order object of an answer or a webhook."""
        body: dict[str, Any] = {"customer_email": "filtered@example.test", "customer_id": order.customer_id}
        if self.has_status_id:
            body["status_id"] = STATUS_IDS.get(order.status, 99)
        body |= {"status": order.status, "id": f"ordeh_{order.order_id}", "merchant_id": self.merchant_id}
        body |= {"amount": self._money(order.amount), "effective_amount": self._money(order.paid)}
        body |= {"currency": order.currency, "order_id": order.order_id, "udf1": "", "offers": []}
        refunded = sum((r["amount"] for r in order.refunds if r["status"] != "FAILURE"), Decimal(0))
        body |= {"amount_refunded": self._money(refunded), "refunded": refunded >= order.paid > 0}
        if order.expiry:
            body["order_expiry"] = order.expiry
        if order.legs:
            body |= {"txn_list": [self._leg(order, *one) for one in enumerate(order.legs, start=1)]}
        elif order.tries:
            body |= self._txn(order)
        if order.captured is not None:
            body |= {"captured_amount": self._money(order.captured), "refundable_amount": self._money(order.left)}
        if self.tells_eligible and order.status == "CHARGED":
            body["maximum_eligible_refund_amount"] = self._money(order.left)
        if order.refunds or self.no_refunds != "absent":
            body["refunds"] = self._listed(order.refunds) if order.refunds or self.no_refunds == "list" else None
        return {**body, **(EXTRA if self.has_extras else {}), **order.changes}

    def _txn_id(self, order: Order, number: int) -> str:
        return f"{self.merchant_id}-{order.order_id}-{number}"

    def _txn(self, order: Order) -> dict[str, Any]:
        """The one transaction that an order names. Source: gateway contract, O.4."""
        txn_id = self._txn_id(order, order.tries)
        detail = {"txn_id": txn_id, "status": order.status, "txn_amount": self._money(order.paid)}
        return {"txn_id": txn_id, "txn_detail": detail, "payment_method_type": "UPI", "payment_method": "UPI"}

    def _leg(self, order: Order, number: int, leg: Leg) -> dict[str, Any]:
        refunded = sum((r["amount"] for r in leg.refunds if r["status"] != "FAILURE"), Decimal(0))
        names = {"txn_id": f"{self._txn_id(order, order.tries)}-{number}", "status": leg.status}
        sums = {"effective_amount": self._money(leg.amount), "amount_refunded": self._money(refunded)}
        return {**names, **sums, "refunded": refunded > 0, "refunds": self._listed(leg.refunds)}

    def _listed(self, refunds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**refund, "amount": self._money(refund["amount"])} for refund in refunds]

    @staticmethod
    def _entry(refund_id: str, amount: Decimal, status: str = "PENDING", by: str = "API") -> dict[str, Any]:
        entry = {"id": None, "unique_request_id": refund_id, "amount": amount, "status": status}
        return {**entry, "created": "2031-03-15T06:10:02Z", "initiated_by": by, "ref": None}

    def _money(self, amount: Decimal) -> str:
        if self.amounts == "text":
            return f"{amount:.2f}"
        if self.amounts == "plain":
            return f"@{amount:.2f}@"
        return f"@{amount.normalize():f}@"

    def _text(self, body: dict[str, Any]) -> bytes:
        pairs = reversed(body.items()) if self.is_reversed else body.items()
        return re.sub(r'"@([0-9.]+)@"', r"\1", json.dumps(dict(pairs))).encode()

    # --- what the routes do

    def _created(self, fields: dict[str, Any]) -> Order:
        order_id, amount = fields["order_id"], Decimal(fields["amount"])
        known = self.orders.get(order_id.lower())
        if known is None:
            known = self.orders[order_id.lower()] = Order(order_id, amount, fields.get("currency", "INR"))
        known.customer_id = fields.get("customer_id", "")
        return known

    def _session(self, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        order = self._created(fields)
        inner = {"action": "paymentPage", "orderId": order.order_id, "amount": f"{order.amount.normalize():f}"}
        inner |= {"clientAuthToken": "tkn_standin", "merchantId": self.merchant_id, "returnUrl": fields["return_url"]}
        sdk = {"requestId": "b1d7c0f24e8a4f0fa9d3c65e7a10be42", "service": "in.juspay.hyperpay", "payload": inner}
        links = {"web": f"{self.url}/payment-page/order/ordeh_{order.order_id}"}
        body = {"status": "NEW", "id": f"ordeh_{order.order_id}", "order_id": order.order_id}
        return 200, {**body, "payment_links": links, "sdk_payload": sdk}

    def _refund(self, order: Order, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        refund_id, amount = fields.get("unique_request_id", ""), Decimal(fields.get("amount", "NaN"))
        if not re.fullmatch("[A-Za-z0-9]{1,20}", refund_id) or amount.is_nan():
            return 400, {"status": "Bad Request", "error_code": "Mandatory fields are missing"}
        if order.status not in ("CHARGED", "PARTIAL_CHARGED", "AUTO_REFUNDED"):
            return 400, self._no("invalid.order.not_successful")
        if any(refund_id == known for known in self.effects):
            return 400, self._no("duplicate.call", "This unique_request_id was already used for the order")
        if amount <= 0 or amount > order.left:
            return 400, self._no("invalid.amount.exceeded")
        self.effects.append(refund_id)
        if order.legs:
            return 200, self._refund_of_legs(order, refund_id, amount)
        order.refunds.append(self._entry(refund_id, amount))
        return 200, self.body(order)

    def _refund_of_legs(self, order: Order, refund_id: str, amount: Decimal) -> dict[str, Any]:
        """Each leg gives back its share, under the id that was asked for or that and `-1`; the answer is no order."""
        wanted, shares = amount, list[dict[str, Any]]()
        for leg in order.legs:
            spent = sum((r["amount"] for r in leg.refunds if r["status"] != "FAILURE"), Decimal(0))
            if share := min(wanted, leg.amount - spent):
                name = f"{refund_id}-{len(shares)}" if shares else refund_id
                leg.refunds.append(self._entry(name, share))
                shares.append(leg.refunds[-1])
                wanted -= share
        whole = {"order_id": order.order_id, **self._listed([self._entry(refund_id, amount)])[0]}
        return {**whole, "split_refund_details": self._listed(shares)}

    @staticmethod
    def _no(code: str, message: str = "no") -> dict[str, Any]:
        return {"status_id": -1, "status": "ERROR", "error_code": code, "error_message": message}

    def _done(self, call: Call) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(call.order_id.lower())
        if call.operation == "session":
            return self._session(call.fields)
        if order is None:
            is_refund = call.operation == "refund"  # whose HTTP status is documented, unlike the other's
            body = {"status_id": 40, "status": "NOT_FOUND", "order_id": call.order_id}
            return 400 if is_refund else self.not_found, body
        return self._refund(order, call.fields) if call.operation == "refund" else (200, self.body(order))

    # --- HTTP

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until either side closes it."""
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._serve_one(reader, writer):
                await writer.drain()
        writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = line.split(" ")
        if target == CLOCK:
            writer.write(self._answer(200, json.dumps({"now": (self.now or datetime.now(UTC)).isoformat()}).encode()))
            return True
        if target.startswith("/_control/"):  # whether this is our sandbox, which Juspay is not
            writer.write(self._answer(404, b"{}"))
            return True
        call = self._call(method, unquote(target), headers, raw)
        self.calls.append(call)
        if not await self._waited(call, reader):
            return False
        queue = self.faults.get(call.operation)
        fault = queue.popleft() if queue else self.down or self.mood(call.operation)
        if fault is None or fault.after_effect:
            http_status, body = self._done(call) if self._is_ours(headers) else (401, {"error_code": "access_denied"})
        else:
            http_status, body = 200, {}
        answer = self._answer(http_status, self._text(body))
        return await self._sent(writer, answer, fault)

    async def _waited(self, call: Call, reader: asyncio.StreamReader) -> bool:
        """Let the call wait; returns False when its caller went away meanwhile."""
        waiting, leaving = asyncio.ensure_future(self.waits(call)), asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                self.given_up.append(call)
            return waiting.done()
        finally:
            for one in (waiting, leaving):
                one.cancel()
            await asyncio.wait((waiting, leaving))  # only then may another read begin

    async def _sent(self, writer: asyncio.StreamWriter, answer: bytes, fault: Fault | None) -> bool:
        match fault.kind if fault else "":
            case "":
                writer.write(answer)
                return True
            case "silence":
                await asyncio.Event().wait()
            case "cut":
                writer.write(answer[: len(answer) - len(answer) // 4])
            case "html":
                writer.write(self._answer(200, b"<html>Please wait</html>", "text/html"))
            case "redirect":
                writer.write(self._answer(302, b"", extra=f"Location: {self.url}/elsewhere\r\n"))
            case "busy":
                writer.write(self._answer(400, self._text({**self._no("duplicate.call"), "status_id": "-1"})))
            case "gone":
                pass
            case http_status:
                writer.write(self._answer(int(http_status), b"{}"))
        return False

    def _answer(self, http_status: int, body: bytes, kind: str = "application/json", extra: str = "") -> bytes:
        date = f"Date: {format_datetime(self.now.astimezone(UTC), usegmt=True)}\r\n" if self.now else ""
        head = f"HTTP/1.1 {http_status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{date}{extra}\r\n"
        return head.encode("ascii") + body

    def _is_ours(self, headers: dict[str, str]) -> bool:
        given = headers.get("authorization", "").removeprefix("Basic ")
        is_known = base64.b64decode(given) in (f"{self.api_key}:".encode(), self.api_key.encode())
        return is_known and headers.get("x-merchantid") == self.merchant_id

    @staticmethod
    def _call(method: str, path: str, headers: dict[str, str], raw: bytes) -> Call:
        is_json = headers.get("content-type") == "application/json"
        fields: dict[str, Any] = json.loads(raw) if is_json and raw else dict(parse_qsl(raw.decode()))
        match [method, *path.strip("/").split("/")]:
            case ["POST", "session"]:
                return Call("session", fields["order_id"], fields, headers)
            case ["GET", "orders", order_id]:
                return Call("status", order_id, fields, headers)
            case ["POST", "orders", order_id, "refunds"]:
                return Call("refund", order_id, fields, headers)
            case _:
                return Call(f"unknown {method} {path}", "", fields, headers)


@asynccontextmanager
async def serving(standin: Standin) -> AsyncGenerator[Standin]:
    """Listen on a free loopback port for as long as the block runs."""
    answering: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(standin.serve(reader, writer))
        answering.add(task)
        task.add_done_callback(answering.discard)
        await asyncio.wait({task})

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    standin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield standin
    finally:
        server.close()
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        await server.wait_closed()
