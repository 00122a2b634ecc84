"""HyperSDK played over HTTP (ours): its instances, their order of calls, and the events they give.

It follows the client contract of sections C and D: which call is legal when, what a signed payload must hold, and how
an attempt's end is reported to the app. What happens to the order is in `gateway/rules.py`, and the HTTP side is in
`routes/sdk.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.config import Merchant, SandboxConfig
from paystate.entrypoints.sandbox.errors import Refusal
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.methods import Choice, MethodInvalid
from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import NotPayable, World
from paystate.entrypoints.sandbox.sdk.events import (
    attempt_on,
    check_same,
    check_service,
    chosen_method,
    close,
    event,
    initiate_result,
    order_id,
    payment_attempt,
    process_result,
)
from paystate.entrypoints.sandbox.sdk.instances import (
    ActRefused,
    Envelope,
    Event,
    Instance,
    OpenPage,
    Payload,
    SdkRefused,
    Stage,
    Waiting,
)
from paystate.entrypoints.sandbox.sdk.return_url import is_web_address
from paystate.entrypoints.sandbox.signatures import SignatureRefused, verified

SIGNED_KEYS: Final = ("signature", "merchantKeyId")
_PROCESS_ACTIONS: Final = frozenset({"paymentPage", "quickPay", "paymentManagement"})
_WHILE_OPEN: Final = frozenset({"updateOrder", "resumePayment"})
_OUTER_COPIES: Final = {
    "merchantId": ("merchant_id",),
    "orderId": ("order_id",),
    "amount": ("amount",),
    "customerId": ("customer_id",),
    "customerEmail": ("customer_email", "email_address"),
    "customerMobile": ("customer_phone", "mobile_number"),
    "currency": ("currency",),
    "returnUrl": ("return_url",),
}


class Sdk:
    """All SDK instances of one sandbox."""

    def __init__(
        self,
        config: SandboxConfig,
        world: World,
        ledger: Ledger,
        public_keys: Mapping[str, Mapping[str, str]],
        page_url: Callable[[Order], str],
    ) -> None:
        """Start without instances; `public_keys` maps merchant id to merchantKeyId to PEM and may grow."""
        self._config = config
        self._world = world
        self._ledger = ledger
        self._public_keys = public_keys
        self._page_url = page_url
        self._instances: dict[str, Instance] = {}
        self.touched: dict[str, Instance | None] = {}
        """Instances that may differ from what a file holds of them; None: gone. Whoever keeps the file empties it."""

    def put_back(self, instance: Instance) -> None:
        """Take an instance that was kept in a file."""
        self._instances[instance.id] = instance

    # Calls of the app

    def initiate(self, instance_id: str | None, envelope: Envelope, now: datetime) -> tuple[Instance, list[Event]]:
        """Make an instance ready; one that is ready already is refused (inferred, contract D.3)."""
        instance = self._instance(instance_id)
        try:
            if instance.stage is not Stage.CREATED:
                raise SdkRefused("This instance was initiated before")
            merchant = self._check_initiate(envelope, now)
        except SdkRefused as exc:
            return instance, self._told(instance, now, "initiate", [initiate_result(envelope, exc)])
        instance.stage = Stage.INITIATED
        instance.merchant_id = merchant.merchant_id
        instance.shown_in = str(envelope.payload.get("integrationType", ""))
        return instance, self._told(instance, now, "initiate", [initiate_result(envelope, None)])

    def process(
        self, instance_id: str | None, envelope: Envelope, now: datetime
    ) -> tuple[Instance, list[Event], str | None]:
        """Open the page and return its URL too, or give `process_result` with `api_failure` (a decision, D.4)."""
        instance = self._known(instance_id) or Instance(instance_id or "")
        if instance.page is not None and envelope.payload.get("action") in _WHILE_OPEN:
            return self._process_open(instance, instance.page, envelope, now)
        try:
            order = self._checked_process(instance, envelope, now)
        except SdkRefused as exc:
            failed = process_result(envelope, "api_failure", order_id(envelope), code=exc.code, message=str(exc))
            return instance, self._told(instance, now, "process", [failed]), None
        loader = [event(envelope, name, {}) for name in ("show_loader", "hide_loader")]
        if order is None:  # nothing to manage is played: the shopper looks at the page, and leaves it (ours)
            left = [*loader, process_result(envelope, "backpressed", "")]
            return instance, self._told(instance, now, "process", left), None
        instance.stage = Stage.PROCESSING
        instance.page = OpenPage(envelope, order)
        return instance, self._told(instance, now, "process", loader), self._page_url(order)

    def _process_open(
        self, instance: Instance, page: OpenPage, envelope: Envelope, now: datetime
    ) -> tuple[Instance, list[Event], str | None]:
        """Change the order on the open page, or let the payment go on that waits; what is wrong ends it (inferred)."""
        action = str(envelope.payload["action"])
        try:
            if instance.stage is not Stage.PROCESSING:
                raise SdkRefused(f"{action} was called without an open payment page")
            events = list[Event]()
            if action == "updateOrder":
                self._update(page, envelope.payload, now)
            else:
                events = self._resume(instance, page, envelope.payload, now)
        except SdkRefused as exc:
            events = [close(instance, page, "api_failure", exc)]
        is_open = instance.stage is Stage.PROCESSING
        return instance, self._told(instance, now, action, events), self._page_url(page.order) if is_open else None

    def _update(self, page: OpenPage, payload: Payload, now: datetime) -> None:
        """Take the order's details anew: signed, and of the same order (documented, contract D.4)."""
        merchant = self._config.merchant(page.order.merchant_id)
        if merchant is None or page.txn is not None:
            raise SdkRefused("A payment was started already")
        key = payload.get("merchantKeyId", page.envelope.payload.get("merchantKeyId"))
        message = self._signed({**payload, "merchantKeyId": key}, "orderDetails", merchant, now)
        amount = parsed_amount(message.get("amount"))
        if (message.get("merchant_id"), message.get("order_id")) != (merchant.merchant_id, page.order.order_id):
            raise SdkRefused("The signed details are another order's")
        if amount is None:
            raise SdkRefused("The signed amount is not valid")
        try:
            self._world.amend(page.order, amount, {name: str(value) for name, value in message.items()}, now)
        except Refusal as exc:
            raise SdkRefused(str(exc)) from exc

    def _resume(self, instance: Instance, page: OpenPage, payload: Payload, now: datetime) -> list[Event]:
        """Let the payment that waits go on, or give it up, which closes the page (documented, contract D.4)."""
        waiting, goes_on = page.waiting, payload.get("status")
        if waiting is None or payload.get("txnReference") != waiting.reference:
            raise SdkRefused("No payment of that txnReference waits")
        if not isinstance(goes_on, bool):
            raise SdkRefused("status must be true or false", code="JP_003")
        page.waiting = None
        if not goes_on:
            return [close(instance, page, "backpressed")]
        if "orderDetails" in payload:
            self._update(page, payload, now)
        try:
            return self._confirm(instance, page, waiting.choice, waiting.bank, now)
        except NotPayable as exc:
            raise SdkRefused(str(exc)) from exc

    def terminate(self, instance_id: str | None, now: datetime) -> list[Event]:
        """End the instance; nothing but a new one works after (inferred, contract D.8). No event."""
        instance = self._known(instance_id)
        if instance is None:
            return []
        instance.stage = Stage.TERMINATED
        return self._told(instance, now, "terminate", [])

    def is_initialised(self, instance_id: str | None) -> bool:
        """Whether the instance was initiated and not terminated (documented, contract D.8)."""
        instance = self._known(instance_id)
        return instance is not None and instance.stage in {Stage.INITIATED, Stage.PROCESSING}

    def drain(self, instance_id: str | None) -> list[Event] | None:
        """Hand over the events that came about on the hosted page; None if there is no such instance."""
        instance = self._known(instance_id)
        if instance is None:
            return None
        events, instance.events = instance.events, []
        return events

    # Acts of the shopper

    def act(self, instance_id: str | None, body: Payload, now: datetime) -> tuple[Instance, list[Event]]:
        """Do what the shopper does on the open page; return the events this gives.

        Raises:
            ActRefused: There is no open page, or it doesn't offer this now.
        """
        instance = self._known(instance_id)
        if instance is None or instance.page is None or instance.stage is not Stage.PROCESSING:
            raise ActRefused("this instance has no open payment page")
        page = instance.page
        match body.get("action"):
            case "pay":
                events = self._pay(instance, page, body, now)
            case "approve" | "decline" as answer:
                events = self._answer_bank(instance, page, str(answer), now)
            case "abort":
                attempt_on(page)
                events = [close(instance, page, "user_aborted")]
            case "back":
                events = [close(instance, page, "user_aborted" if page.txn else "backpressed")]
            case "close_app":
                self.touched[instance.id] = None
                del self._instances[instance.id]
                instance.stage, events = Stage.TERMINATED, list[Event]()
            case _:
                raise ActRefused("no such action; use pay, approve, decline, abort, back or close_app")
        return instance, self._told(instance, now, f"act {body.get('action')}", events)

    def page_started(self, order: Order, txn: Txn) -> None:
        """The shopper started an attempt on the hosted page: the open instance knows it, so that it may abort."""
        for _, page in self._showing(order):
            page.txn = txn

    def asks_the_app(self, order: Order, choice: Choice) -> bool:
        """Tell the app that has the page open of a payment that is to start on it; return whether it waits for that."""
        showing = self._showing(order) if self._config.payment_attempt_event else []
        for instance, page in showing:
            page.waiting = Waiting(f"txr_{secrets.token_hex(8)}", choice, "wait")
            instance.events.append(payment_attempt(page.envelope, page.waiting))
        return bool(showing)

    def waits_for_the_app(self, order: Order) -> bool:
        """Whether a payment on the hosted page waits for `resumePayment`."""
        return any(page.waiting is not None for _, page in self._showing(order))

    def page_finished(self, order: Order, txn: Txn | None, left: bool) -> bool:
        """The shopper finished on the hosted page: an app that has it open by `process` gets its event.

        Return whether the app closes the page then, as the web SDK does with its frame (inferred, contract D.9).
        """
        showing = self._showing(order)
        for instance, page in showing:
            page.txn = txn
            status = ("user_aborted" if txn else "backpressed") if left or txn is None else txn.status.lower()
            event = close(instance, page, status)
            if instance.shown_in != "redirection":  # documented, contract D.9: there only the return URL comes back
                instance.events.append(event)
        return any(instance.shown_in == "iframe" for instance, _ in showing)

    def _showing(self, order: Order) -> list[tuple[Instance, OpenPage]]:
        showing = [
            (one, one.page)
            for one in self._instances.values()
            if one.stage is Stage.PROCESSING and one.page is not None and one.page.order is order
        ]
        self.touched.update((one.id, one) for one, _ in showing)
        return showing

    def _pay(self, instance: Instance, page: OpenPage, body: Payload, now: datetime) -> list[Event]:
        if page.txn is not None:
            raise ActRefused("a payment was started already: approve, decline, abort or back")
        if page.waiting is not None:
            raise ActRefused("a payment waits for the app to resume it")
        bank = body.get("bank", "approve")
        if bank not in {"approve", "decline", "wait"}:
            raise ActRefused("bank is approve, decline or wait")
        try:
            choice = chosen_method(body.get("method"))
            if self._config.payment_attempt_event:
                page.waiting = Waiting(f"txr_{secrets.token_hex(8)}", choice, str(bank))
                return [payment_attempt(page.envelope, page.waiting)]
            return self._confirm(instance, page, choice, str(bank), now)
        except (NotPayable, MethodInvalid) as exc:
            raise ActRefused(str(exc)) from exc

    def _confirm(self, instance: Instance, page: OpenPage, choice: Choice, bank: str, now: datetime) -> list[Event]:
        page.txn = self._world.confirm(page.order, choice, now)
        if not self._world.at_bank(page.txn):
            return [close(instance, page, page.txn.status.lower())]
        return [] if bank == "wait" else self._answer_bank(instance, page, bank, now)

    def _answer_bank(self, instance: Instance, page: OpenPage, answer: str, now: datetime) -> list[Event]:
        txn = attempt_on(page)
        if answer == "approve":
            self._world.approve(page.order, txn, now)
        else:
            self._world.decline(page.order, txn, now)
        return [close(instance, page, txn.status.lower())]

    # Checks

    def _check_initiate(self, envelope: Envelope, now: datetime) -> Merchant:
        payload = envelope.payload
        check_service(envelope)
        if payload.get("action") != "initiate":
            raise SdkRefused("The action must be initiate")
        merchant = self._merchant(payload)
        if "signaturePayload" not in payload and not any(key in payload for key in SIGNED_KEYS):
            return merchant  # session mode: nothing is signed
        message = self._signed(payload, "signaturePayload", merchant, now)
        check_same("merchantId", payload, message.get("merchant_id"))
        check_same("customerId", payload, message.get("customer_id"))
        if "customer_id" not in message:
            raise SdkRefused("customer_id is missing in the signed payload")
        return merchant

    def _checked_process(self, instance: Instance, envelope: Envelope, now: datetime) -> Order | None:
        """Return the order to pay; None where the page is to manage kept ways to pay."""
        if instance.stage is not Stage.INITIATED:
            raise SdkRefused(_OUT_OF_ORDER[instance.stage])
        check_service(envelope)
        payload = envelope.payload
        if payload.get("action") not in _PROCESS_ACTIONS:
            raise SdkRefused("The action must be paymentPage, quickPay or paymentManagement")
        merchant = self._merchant(payload)
        if merchant.merchant_id != instance.merchant_id:
            raise SdkRefused("The merchant is not the one this instance was initiated for")
        order = (
            self._signed_order(payload, merchant, now)
            if "orderDetails" in payload
            else self._session_order(payload, now)
        )
        reason = None if order is None else self._world.why_not_payable(order, now)
        if reason is not None:
            raise SdkRefused(reason)
        return order

    def _merchant(self, payload: Payload) -> Merchant:
        for name in ("merchantId", "clientId"):
            if not isinstance(payload.get(name), str):
                raise SdkRefused(f"{name} must be a string", code="JP_003")
        merchant = self._config.merchant(payload["merchantId"])
        if merchant is None or merchant.client_id != payload["clientId"]:
            raise SdkRefused("The merchant or the client id is not known")
        return merchant

    def _signed(self, payload: Payload, name: str, merchant: Merchant, now: datetime) -> Payload:
        try:
            return verified(
                payload.get(name),
                payload.get("signature"),
                self._public_keys.get(merchant.merchant_id, {}).get(str(payload.get("merchantKeyId"))),
                now=now,
                window_s=self._config.signature_window_s,
                take_hex=self._config.hex_signatures,
            )
        except SignatureRefused as exc:
            raise SdkRefused(str(exc)) from exc

    def _signed_order(self, payload: Payload, merchant: Merchant, now: datetime) -> Order:
        """Return the order that the signed details name, made if Juspay has none of that id (inferred)."""
        message = self._signed(payload, "orderDetails", merchant, now)
        for name in ("order_id", "merchant_id", "amount", "customer_id"):
            if not isinstance(message.get(name), str):
                raise SdkRefused(f"{name} is missing in the signed order details", code="JP_003")
        if message["merchant_id"] != merchant.merchant_id:
            raise SdkRefused("The signed merchant id is another")
        for name, signed_names in _OUTER_COPIES.items():
            signed = next((message[one] for one in signed_names if one in message), None)
            check_same(name, payload, signed)
        amount = parsed_amount(message["amount"])
        if amount is None or not 1 <= len(message["order_id"]) <= self._config.order_id_length_max:
            raise SdkRefused("The signed order id or amount is not valid")
        fields = {name: str(value) for name, value in message.items() if isinstance(value, str | int | Decimal)}
        if fields.get("return_url") and not is_web_address(fields["return_url"]):
            raise SdkRefused("The signed return_url is not a full address")
        try:
            return self._world.place(merchant, message["order_id"], amount, fields, now)
        except Refusal as exc:
            raise SdkRefused(str(exc)) from exc

    def _session_order(self, payload: Payload, now: datetime) -> Order | None:
        """Return the order of a client auth token, whose payload must come unchanged (documented, contract D.4)."""
        token = self._world.tokens.get(str(payload.get("clientAuthToken")))
        if token is None:
            raise SdkRefused("The clientAuthToken is not known")
        if now >= token.expires:
            raise SdkRefused("The clientAuthToken has expired")
        if dict(payload) != dict(token.payload):
            raise SdkRefused("The payload is not the one that the session gave")
        return token.order

    # Instances

    def _instance(self, instance_id: str | None) -> Instance:
        known = self._known(instance_id)
        if known is not None:
            return known
        instance = Instance(instance_id or f"sdk_{secrets.token_hex(12)}")
        self._instances[instance.id] = self.touched[instance.id] = instance
        return instance

    def _known(self, instance_id: str | None) -> Instance | None:
        found = self._instances.get(instance_id or "")
        if found is not None:
            self.touched[found.id] = found
        return found

    def _told(self, instance: Instance, now: datetime, what: str, events: list[Event]) -> list[Event]:
        names = [str(event["event"]) for event in events]
        order_id = instance.page.order.order_id if instance.page else None
        self._ledger.sdk(now, what=what, instance=instance.id, order_id=order_id, events=names)
        return events


_OUT_OF_ORDER: Final = {
    Stage.CREATED: "process was called before a good initiate",
    Stage.PROCESSING: "process was called before the last one's process_result",
    Stage.TERMINATED: "process was called after terminate",
}
