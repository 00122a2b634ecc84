"""The eleven steps of Juspay's flow, and what is shown of each: what went, what came, and nothing secret.

The shop notes steps 1 to 9 as they happen, with their payloads. Steps 10 and 11 are between Paystate and Juspay, so
they are read from Paystate; and so is what the shop has no notes of, because another program of the merchant's did it.
Source of the list: gateway contract, section 0; step 8 is our reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec
from attrs import frozen

from paystate.core.text import one_line
from paystate.entrypoints.engine import MomentView, OrderView, as_dict
from paystate.entrypoints.storefront.rows import Note

_PAYLOAD_MAX: Final = 6000
"""Characters of one payload; the rest is not shown."""
_TEXT_MAX: Final = 2000
_NAME_MAX: Final = 64
_KNOWN: Final = frozenset(
    """
    about action amount amount_refunded amounts asked_at asked_by authorization_amount capture checkout_id clientId code
    collectAvsInfo content created currency current_blocked_amount customer customerId customer_id date_created
    description detail details effective_amount emi_details emi_type environment error errorCode errorMessage
    error_code error_message event event_name expires_at facts gateway gateway_id gateway_refund_id id idempotency_key
    initiate_payload initiated_by is_proved key key_id last_call last_updated legal looked_at
    maximum_eligible_refund_amount merchantId merchantKeyId merchant_id method moved name net_amount note
    offer_deduction_amount offers order orderDetails orderId order_expiry order_id origin outcome payload
    paymentInstrument paymentInstrumentGroup payment_method payment_method_type person pg_processed_at processed_at
    processed_by product_id reason ref refund_id refund_source refund_type refunded refunds refusal requestId
    resp_category resp_code resp_message result returnUrl return_url rrn rule rules sdk_payload sent_at sent_to_gateway
    service signaturePayload signature_algorithm sno source state status status_id surcharge_amount tax_amount tries txn
    txn_amount txn_detail txn_flow_type txn_id txn_uuid unique_request_id value
    """.split()
)
"""Whose values are shown; of any other only its name. So what Juspay or an SDK adds one day is hidden until somebody
has looked at it. Hidden are signatures, tokens, keys, links to pay, people's addresses and numbers, `udf` fields."""
_MOMENTS_MAX: Final = 40
_LOOK: Final = 10
_LOOK_SOURCE: Final = "Juspay's answer to our own question"
_STEP_OF_TITLE: Final = (
    ("The app was given what it needs to start the SDK", 2),
    ("The app says initiate_result", 3),
    ("The app was given what it needs to open the payment page", 4),
    ("The app says show_loader", 5),
    ("The app says hide_loader", 5),
    ("The app says ", 6),
    ("The app ended the checkout", 7),
    ("A webhook came", 9),
    ("More webhooks came", 9),
)
"""How a moment of the timeline begins, and the step that it belongs to; the first that fits."""


@frozen
class Step:
    """One step: its number in Juspay's list, its name, and who calls whom."""

    number: int
    name: str
    between: str
    told: str


STEPS: Final = (
    Step(1, "Prefetch", "page → SDK", "The SDK fetches what it will need, long before anybody pays."),
    Step(2, "Fetch the signed payload", "page → shop → Paystate", "The shop opens a checkout, and Paystate signs it."),
    Step(3, "Initiate", "page → SDK", "The SDK gets ready in the background while the shopper reads the order."),
    Step(4, "Fetch the signed order", "page → shop → Paystate", "Paystate signs the order, and begins to look at it."),
    Step(5, "Process", "page → SDK", "Juspay's payment page opens."),
    Step(6, "SDK events", "SDK → page → Paystate", "Passed on as hints. They prove nothing, whatever they say."),
    Step(7, "Terminate", "page → SDK", "The checkout ends. Money is untouched."),
    Step(8, "Return and result", "browser → shop", "The shopper is back. The screen waits for proof."),
    Step(9, "Webhooks", "Juspay → shop → Paystate", "Stored, and a reason to ask. They prove nothing either."),
    Step(
        10, "Order status", "Paystate → Juspay", "The one thing that is believed: Juspay's answer to our own question."
    ),
    Step(11, "Refund", "shop → Paystate → Juspay", "Stored first, then sent once."),
)


@frozen
class StepTaken:
    """A step with what happened at it; nothing yet where there are no notes."""

    step: Step
    notes: tuple[Note, ...]


def taken(notes: Iterable[Note]) -> tuple[StepTaken, ...]:
    """Every step, with its notes."""
    known = tuple(notes)
    return tuple(StepTaken(step, tuple(note for note in known if note.step == step.number)) for step in STEPS)


def moments(timeline: Sequence[MomentView], noted: Iterable[Note]) -> Iterator[Note]:
    """The newest moments of an order's timeline that belong to a step of which the shop has no notes."""
    known = {note.step for note in noted}
    found = [(step, moment) for moment in timeline if (step := _step_of(moment)) and step not in known]
    for step, moment in found[-_MOMENTS_MAX:]:
        learned = {"details": moment.details, "rules": moment.rules, "source": moment.source}
        yield Note(step, moment.at, moment.title, came=shown(learned))


def _step_of(moment: MomentView) -> int:
    """The step's number; 0 for a moment that belongs to none."""
    if moment.source == _LOOK_SOURCE:
        return _LOOK
    return next((step for begins, step in _STEP_OF_TITLE if moment.title.startswith(begins)), 0)


def refunds(order: OrderView) -> Iterator[Note]:
    """Step 11, from an order: its refunds, whoever made them."""
    for refund in order.refunds:
        asked = {"order_id": order.order_id, "amount": refund.amount, "key": refund.idempotency_key}
        title = f"Refund of {refund.amount} {order.currency}: {refund.state}"
        yield Note(11, refund.asked_at, title, sent=shown(asked), came=shown(refund))


def shown(payload: object) -> str:
    """A payload as indented JSON, of members that are known, and cut where it is too long to read."""
    text = msgspec.json.format(msgspec.json.encode(_known_of(as_dict(payload))), indent=2).decode()
    return text if len(text) <= _PAYLOAD_MAX else f"{text[:_PAYLOAD_MAX]}\n... ({len(text)} characters)"


def _known_of(value: object) -> object:
    match value:
        case Mapping():
            members = cast("Any", value).items()
            return {
                one_line(name, _NAME_MAX): _known_of(member) if name in _KNOWN else "(hidden)"
                for name, member in members
            }
        case list() | tuple():
            return [_known_of(one) for one in cast("Any", value)]
        case str():
            return one_line(value, _TEXT_MAX)
        case _:
            return value
