"""HyperSDK played over HTTP (ours): its instances, their order of calls, and the events they give.

Owns the client contract of sections C and D: which call is legal when, what a signed payload must hold, and how
an attempt's end is told to the app. What happens to the order is the world's matter; the HTTP side is `sdk_routes.py`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, cast

from paystate.entrypoints.sandbox.config import Merchant, SandboxConfig
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.methods import Choice, MethodInvalid, chosen
from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import NotPayable, World
from paystate.entrypoints.sandbox.sdk.return_url import is_web_address
from paystate.entrypoints.sandbox.sdk.signatures import SignatureRefused, verified
from paystate.entrypoints.sandbox.wire.amounts import parsed_amount
from paystate.entrypoints.sandbox.wire.bodies import SERVICE
from paystate.entrypoints.sandbox.wire.errors import Refusal

Event = dict[str, object]
Payload = Mapping[str, Any]

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
_RESULTS: Final = {
    "charged": (False, "", ""),
    "cod_initiated": (False, "", ""),
    "authorized": (False, "", ""),
    "backpressed": (True, "JP_002", "The shopper went back"),
    "user_aborted": (True, "JP_002", "User_aborted"),
    "pending_vbv": (True, "JP_006", "The status is awaited"),
    "authorizing": (True, "JP_006", "The status is awaited"),
    "authorization_failed": (True, "JP_001", "The bank refused"),
    "authentication_failed": (True, "JP_001", "The shopper did not authenticate"),
    "api_failure": (True, "JP_001", "The payment could not be processed"),
    "new": (True, "JP_000", "No attempt was made"),
}
"""status -> error, errorCode, errorMessage (documented, contract D.6 and D.7; "authorized" is inferred)."""


class Stage(StrEnum):
    """Where an SDK instance stands (contract D.9)."""

    CREATED = "created"
    INITIATED = "initiated"
    PROCESSING = "processing"
    TERMINATED = "terminated"


class SdkRefused(Exception):
    """A payload is not accepted; `code` is the SDK's error code."""

    def __init__(self, message: str, code: str = "JP_001") -> None:
        """Hold the text and the code."""
        super().__init__(message)
        self.code: Final = code


class ActRefused(Exception):
    """The shopper can't do this now; the message says why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request to the SDK (documented, contract D.1)."""

    request_id: str
    service: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that the app was told of, and has not resumed yet (documented, contract D.4)."""

    reference: str
    choice: Choice
    bank: str


@dataclass(slots=True)
class OpenPage:
    """The page that one process call opened, and the attempt made on it."""

    envelope: Envelope
    order: Order
    txn: Txn | None = None
    waiting: Waiting | None = None


@dataclass(slots=True)
class Instance:
    """One SDK instance in one app."""

    id: str
    stage: Stage = Stage.CREATED
    merchant_id: str = ""
    redirects: bool = False
    page: OpenPage | None = None
    events: list[Event] = field(default_factory=list[Event])


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

    # Calls of the app

    def initiate(self, instance_id: str | None, envelope: Envelope, now: datetime) -> tuple[Instance, list[Event]]:
        """Make an instance ready; one that is ready already is refused (inferred, contract D.3)."""
        instance = self._instance(instance_id)
        try:
            if instance.stage is not Stage.CREATED:
                raise SdkRefused("This instance was initiated before")
            merchant = self._check_initiate(envelope, now)
        except SdkRefused as exc:
            return instance, self._told(instance, now, "initiate", [_initiate_result(envelope, exc)])
        instance.stage = Stage.INITIATED
        instance.merchant_id = merchant.merchant_id
        instance.redirects = envelope.payload.get("integrationType") == "redirection"
        return instance, self._told(instance, now, "initiate", [_initiate_result(envelope, None)])

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
            failed = _process_result(envelope, "api_failure", _order_id(envelope), code=exc.code, message=str(exc))
            return instance, self._told(instance, now, "process", [failed]), None
        instance.stage = Stage.PROCESSING
        instance.page = OpenPage(envelope, order)
        events = [_event(envelope, name, {}) for name in ("show_loader", "hide_loader")]
        return instance, self._told(instance, now, "process", events), self._page_url(order)

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
            events = [_close(instance, page, "api_failure", exc)]
        is_open = instance.stage is Stage.PROCESSING
        return instance, self._told(instance, now, action, events), self._page_url(page.order) if is_open else None

    def _update(self, page: OpenPage, payload: Payload, now: datetime) -> None:
        """Take the order's details anew: signed, and of the same order (documented, contract D.4)."""
        merchant = self._config.merchant(page.order.merchant_id)
        if merchant is None or page.txn is not None:
            raise SdkRefused("A payment was started already")
        key = payload.get("merchantKeyId", page.envelope.payload.get("merchantKeyId"))
        says = self._signed({**payload, "merchantKeyId": key}, "orderDetails", merchant, now)
        amount = parsed_amount(says.get("amount"))
        if (says.get("merchant_id"), says.get("order_id")) != (merchant.merchant_id, page.order.order_id):
            raise SdkRefused("The signed details are another order's")
        if amount is None:
            raise SdkRefused("The signed amount is not valid")
        try:
            self._world.amend(page.order, amount, {name: str(value) for name, value in says.items()}, now)
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
            return [_close(instance, page, "backpressed")]
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
                _attempt_on(page)
                events = [_close(instance, page, "user_aborted")]
            case "back":
                events = [_close(instance, page, "user_aborted" if page.txn else "backpressed")]
            case "close_app":
                del self._instances[instance.id]
                instance.stage, events = Stage.TERMINATED, list[Event]()
            case _:
                raise ActRefused("no such action: pay, approve, decline, abort, back, close_app")
        return instance, self._told(instance, now, f"act {body.get('action')}", events)

    def page_started(self, order: Order, txn: Txn) -> None:
        """The shopper started an attempt on the hosted page: the open instance knows it, so that it may abort."""
        for _, page in self._showing(order):
            page.txn = txn

    def page_finished(self, order: Order, txn: Txn | None, left: bool) -> None:
        """The shopper finished on the hosted page: an app that has it open by `process` gets its event."""
        for instance, page in self._showing(order):
            page.txn = txn
            status = ("user_aborted" if txn else "backpressed") if left or txn is None else txn.status.lower()
            event = _close(instance, page, status)
            if not instance.redirects:  # documented, contract D.9: there only the return URL comes back
                instance.events.append(event)

    def _showing(self, order: Order) -> list[tuple[Instance, OpenPage]]:
        return [
            (one, one.page)
            for one in self._instances.values()
            if one.stage is Stage.PROCESSING and one.page is not None and one.page.order is order
        ]

    def _pay(self, instance: Instance, page: OpenPage, body: Payload, now: datetime) -> list[Event]:
        if page.txn is not None:
            raise ActRefused("a payment was started already: approve, decline, abort or back")
        if page.waiting is not None:
            raise ActRefused("a payment waits for the app to resume it")
        bank = body.get("bank", "approve")
        if bank not in {"approve", "decline", "wait"}:
            raise ActRefused("bank is approve, decline or wait")
        try:
            choice = _choice(body.get("method"))
            if self._config.payment_attempt_event:
                page.waiting = Waiting(f"txr_{secrets.token_hex(8)}", choice, str(bank))
                return [_payment_attempt(page.envelope, page.waiting)]
            return self._confirm(instance, page, choice, str(bank), now)
        except (NotPayable, MethodInvalid) as exc:
            raise ActRefused(str(exc)) from exc

    def _confirm(self, instance: Instance, page: OpenPage, choice: Choice, bank: str, now: datetime) -> list[Event]:
        page.txn = self._world.confirm(page.order, choice, now)
        if not self._world.at_bank(page.txn):
            return [_close(instance, page, page.txn.status.lower())]
        return [] if bank == "wait" else self._answer_bank(instance, page, bank, now)

    def _answer_bank(self, instance: Instance, page: OpenPage, answer: str, now: datetime) -> list[Event]:
        txn = _attempt_on(page)
        if answer == "approve":
            self._world.approve(page.order, txn, now)
        else:
            self._world.decline(page.order, txn, now)
        return [_close(instance, page, txn.status.lower())]

    # Checks

    def _check_initiate(self, envelope: Envelope, now: datetime) -> Merchant:
        payload = envelope.payload
        _check_service(envelope)
        if payload.get("action") != "initiate":
            raise SdkRefused("The action must be initiate")
        merchant = self._merchant(payload)
        if "signaturePayload" not in payload and not any(key in payload for key in SIGNED_KEYS):
            return merchant  # session mode: nothing is signed
        says = self._signed(payload, "signaturePayload", merchant, now)
        _check_same("merchantId", payload, says.get("merchant_id"))
        _check_same("customerId", payload, says.get("customer_id"))
        if "customer_id" not in says:
            raise SdkRefused("customer_id is missing in the signed payload")
        return merchant

    def _checked_process(self, instance: Instance, envelope: Envelope, now: datetime) -> Order:
        if instance.stage is not Stage.INITIATED:
            raise SdkRefused(_OUT_OF_ORDER[instance.stage])
        _check_service(envelope)
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
        reason = self._world.why_not_payable(order, now)
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
        says = self._signed(payload, "orderDetails", merchant, now)
        for name in ("order_id", "merchant_id", "amount", "customer_id"):
            if not isinstance(says.get(name), str):
                raise SdkRefused(f"{name} is missing in the signed order details", code="JP_003")
        if says["merchant_id"] != merchant.merchant_id:
            raise SdkRefused("The signed merchant id is another")
        for name, signed_names in _OUTER_COPIES.items():
            signed = next((says[one] for one in signed_names if one in says), None)
            _check_same(name, payload, signed)
        amount = parsed_amount(says["amount"])
        if amount is None or not 1 <= len(says["order_id"]) <= self._config.order_id_length_max:
            raise SdkRefused("The signed order id or amount is not valid")
        fields = {name: str(value) for name, value in says.items() if isinstance(value, str | int | Decimal)}
        if fields.get("return_url") and not is_web_address(fields["return_url"]):
            raise SdkRefused("The signed return_url is not a full address")
        try:
            return self._world.place(merchant, says["order_id"], amount, fields, now)
        except Refusal as exc:
            raise SdkRefused(str(exc)) from exc

    def _session_order(self, payload: Payload, now: datetime) -> Order:
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
        self._instances[instance.id] = instance
        return instance

    def _known(self, instance_id: str | None) -> Instance | None:
        return self._instances.get(instance_id or "")

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


def _close(instance: Instance, page: OpenPage, status: str, refused: SdkRefused | None = None) -> Event:
    """Close the page; the instance may process again (inferred, contract D.9)."""
    if instance.stage is Stage.PROCESSING:
        instance.stage = Stage.INITIATED
    code, message = (refused.code, str(refused)) if refused else (None, None)
    return _process_result(page.envelope, status, page.order.order_id, txn=page.txn, code=code, message=message)


def _payment_attempt(envelope: Envelope, waiting: Waiting) -> Event:
    """Tell the app which payment is about to start (documented, contract D.4)."""
    method = waiting.choice.method
    payload: Event = {
        "payment_card_issuer": "SANDBOX BANK" if method.group == "CARD" else "",
        "payment_card_type": "CREDIT" if method.group == "CARD" else "",
        "payment_method_type": method.group,
        "payment_method": method.name,
        "txnReference": waiting.reference,
    }
    return _event(envelope, "paymentAttempt", payload)


def _attempt_on(page: OpenPage) -> Txn:
    if page.txn is None:
        raise ActRefused("no payment was started yet")
    return page.txn


def _choice(method: object) -> Choice:
    named: Payload = cast("Payload", method) if isinstance(method, Mapping) else {}
    if len(named) != 1:
        raise MethodInvalid("method has one key: upi, card, nb or cod")
    ((kind, value),) = named.items()
    return chosen(kind, str(value))


def _check_service(envelope: Envelope) -> None:
    if envelope.service != SERVICE:
        raise SdkRefused(f"The service must be {SERVICE}")


def _check_same(name: str, payload: Payload, signed: object) -> None:
    """Refuse an outer copy that differs from the signed value: tampering (a decision, contract C.3)."""
    if payload.get(name, "") == "" and signed is None:
        return  # an empty copy of what is not signed either
    if name in payload and not hmac.compare_digest(str(payload[name]).encode(), str(signed).encode()):
        raise SdkRefused(f"{name} is not the signed value")


def _order_id(envelope: Envelope) -> str:
    return str(envelope.payload.get("orderId") or "")


def _event(envelope: Envelope, name: str, payload: Event, error: tuple[bool, str, str] = (False, "", "")) -> Event:
    failed, code, message = error
    return {
        "requestId": envelope.request_id,
        "service": envelope.service,
        "event": name,
        "payload": payload,
        "error": failed,
        "errorCode": code,
        "errorMessage": message,
    }


def _initiate_result(envelope: Envelope, refused: SdkRefused | None) -> Event:
    """Documented for success; the status word on failure is a decision (contract D.3)."""
    payload: Event = {"action": "initiate", "status": "failure" if refused else "success"}
    error = (True, refused.code, str(refused)) if refused else (False, "", "")
    return _event(envelope, "initiate_result", payload, error)


def _process_result(
    envelope: Envelope,
    status: str,
    order_id: str,
    *,
    txn: Txn | None = None,
    code: str | None = None,
    message: str | None = None,
) -> Event:
    payload: Event = {"action": envelope.payload.get("action"), "status": status, "orderId": order_id}
    error, known_code, known_message = _RESULTS.get(status, (True, "JP_000", status.replace("_", " ")))
    if txn is not None and not error:
        payload |= {"paymentInstrument": txn.method.name, "paymentInstrumentGroup": txn.method.group}
    return _event(envelope, "process_result", payload, (error, code or known_code, message or known_message))
