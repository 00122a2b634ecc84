"""Events of the SDK, and the checks of what an app asks of it (contract D)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final, cast

from paystate.entrypoints.sandbox.gateway.methods import Choice, MethodInvalid, chosen
from paystate.entrypoints.sandbox.gateway.records import Txn
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
from paystate.entrypoints.sandbox.wire.bodies import SERVICE

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


def close(instance: Instance, page: OpenPage, status: str, refused: SdkRefused | None = None) -> Event:
    """Close the page; the instance may process again (inferred, contract D.9)."""
    if instance.stage is Stage.PROCESSING:
        instance.stage = Stage.INITIATED
    code, message = (refused.code, str(refused)) if refused else (None, None)
    return process_result(page.envelope, status, page.order.order_id, txn=page.txn, code=code, message=message)


def payment_attempt(envelope: Envelope, waiting: Waiting) -> Event:
    """Tell the app which payment is about to start (documented, contract D.4)."""
    method = waiting.choice.method
    payload: Event = {
        "payment_card_issuer": "SANDBOX BANK" if method.group == "CARD" else "",
        "payment_card_type": "CREDIT" if method.group == "CARD" else "",
        "payment_method_type": method.group,
        "payment_method": method.name,
        "txnReference": waiting.reference,
    }
    return event(envelope, "paymentAttempt", payload)


def attempt_on(page: OpenPage) -> Txn:
    if page.txn is None:
        raise ActRefused("no payment was started yet")
    return page.txn


def chosen_method(method: object) -> Choice:
    named: Payload = cast("Payload", method) if isinstance(method, Mapping) else {}
    if len(named) != 1:
        raise MethodInvalid("method has one key: upi, intent, card, nb, wallet or cod")
    ((kind, value),) = named.items()
    return chosen(kind, str(value))


def check_service(envelope: Envelope) -> None:
    if envelope.service != SERVICE:
        raise SdkRefused(f"The service must be {SERVICE}")


def check_same(name: str, payload: Payload, signed: object) -> None:
    """Refuse an outer copy that differs from the signed value: tampering (a decision, contract C.3)."""
    if payload.get(name, "") == "" and signed is None:
        return  # an empty copy of what is not signed either
    if name in payload and not hmac.compare_digest(str(payload[name]).encode(), str(signed).encode()):
        raise SdkRefused(f"{name} is not the signed value")


def order_id(envelope: Envelope) -> str:
    return str(envelope.payload.get("orderId") or "")


def event(envelope: Envelope, name: str, payload: Event, error: tuple[bool, str, str] = (False, "", "")) -> Event:
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


def initiate_result(envelope: Envelope, refused: SdkRefused | None) -> Event:
    """Documented for success; the status word on failure is a decision (contract D.3)."""
    payload: Event = {"action": "initiate", "status": "failure" if refused else "success"}
    error = (True, refused.code, str(refused)) if refused else (False, "", "")
    return event(envelope, "initiate_result", payload, error)


def process_result(
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
    return event(envelope, "process_result", payload, (error, code or known_code, message or known_message))
