"""Checkouts: opened as a body asks, events of the SDK as they come, and the payloads that go to the SDK."""

from __future__ import annotations

import msgspec

from paystate.core.errors import AnswerUnusable, ValueInvalid
from paystate.core.evidence import SdkEvent
from paystate.core.requester import Requester
from paystate.core.text import is_clean
from paystate.core.use_cases import checkout as use
from paystate.core.use_cases.checkout import IssuedCredentials
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.interface.request_models import NewCheckout, SdkEventIn
from paystate.entrypoints.interface.values import at, customer_from

_WORD_MAX = 64


async def start_checkout(
    ports: Ports, merchant: Merchant, body: NewCheckout, by: Requester | None
) -> IssuedCredentials:
    """Open a checkout for a customer.

    Raises:
        ValueInvalid: A value will not do; it says which and why.
    """
    customer = customer_from(body.customer)
    with at("/customer/customer_id"):
        credentials = await use.start_checkout(ports, merchant, customer=customer, by=by)
    if body.prefetched:
        await use.record_event(ports, merchant, credentials.checkout, SdkEvent(name="prefetched"))
    return credentials


def event_from(body: SdkEventIn) -> SdkEvent:
    """An event; within an iframe all but its name stands in a payload of its own. Source: gateway contract, O.7.

    Raises:
        ValueInvalid: A word in it is too long, or holds hidden characters.
    """
    match body.payload:
        case {"payload": dict()} as told:
            where, payload = "/payload", told["payload"]
            error, code = told.get("error", body.error), told.get("errorCode", body.error_code)
        case _:
            where, payload, error, code = "", body.payload, body.error, body.error_code
    match payload:
        case {"status": str() as status}:
            _refuse_odd(status, f"{where}/payload/status")
        case _:
            status = ""
    error_code = str(code or "")
    _refuse_odd(error_code, f"{where}/errorCode")
    return SdkEvent(name=body.event, status=status.lower(), failed=error in (True, "true"), error_code=error_code)


def _refuse_odd(word: str, pointer: str) -> None:
    if len(word) > _WORD_MAX or not is_clean(word):
        raise ValueInvalid("validation_failed", pointer=pointer)


def json_payload(payload: str) -> msgspec.Raw:
    """A payload for the SDK as it stands; raises AnswerUnusable if it is no JSON object, as only Juspay's can be."""
    text = payload.encode()
    try:
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as wrong:
        raise AnswerUnusable("the payload is not JSON") from wrong
    return msgspec.Raw(text)
