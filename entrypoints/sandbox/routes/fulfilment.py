"""What the merchant reports to Juspay of the goods (contract L)."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire.answers import Answer

_STATUSES: Final = ("SUCCESS", "FAILURE", "PENDING")
_COMMANDS: Final = ("NO_ACTION", "RELEASE_HOLD", "HOLD")


def show_fulfilment(call: Call) -> Answer:
    """`POST /orders/{order_id}/fulfillment`: noted, and nothing else (documented, contract L; the form recorded)."""
    order = call.order()
    call.require("fulfillment_status", "fulfillment_command")
    status, command = call.text("fulfillment_status"), call.text("fulfillment_command")
    if status not in _STATUSES:
        raise errors.invalid_input(("fulfillment_status", f"One of {', '.join(_STATUSES)}"))
    if command not in _COMMANDS:
        raise errors.invalid_input(("fulfillment_command", f"One of {', '.join(_COMMANDS)}"))
    if not any(txn.status in {"CHARGED", "AUTHORIZED"} for txn in order.txns):
        raise errors.no_paid_txn()
    call.sandbox.ledger.effect(
        call.now,
        "fulfilment_told",
        merchant_id=order.merchant_id,
        order_id=order.order_id,
        status=status,
        command=command,
        fulfillment_id=call.text("fulfillment_id"),
    )
    done = {
        "status": "SUCCESS",
        "metadata": call.text("fulfillment_data"),
        "date_created": utc_text(call.now),
        "command": command,
    }
    answer = {"status": "SUCCESS", "merchant_id": order.merchant_id, "order_id": order.order_id, "commands": [done]}
    return Answer(answer)


ROUTES: Final = (
    Route(
        "POST", "/orders/{path_id:str}/fulfillment", "fulfilment", show_fulfilment, "documented", "L",
        "Notes whether the goods went out.",
    ),
)  # fmt: skip
