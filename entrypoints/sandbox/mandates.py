"""Mandates over the wire (contract L). Owns their routes; how a mandate stands is the matter of `mandates_kept.py`."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.calls import Call, Route


def command_mandate(call: Call) -> Answer:
    """`POST /mandates/{mandate_id}` with `command=revoke` (documented, contract L; other commands not played)."""
    mandate = call.sandbox.mandates.mandate(call.merchant.merchant_id, call.path_id)
    if mandate is None:
        raise errors.mandate_not_found()
    if call.text("command") != "revoke":
        raise errors.invalid_input(("command", "Must be revoke"))
    order = call.sandbox.world.order(mandate.merchant_id, mandate.order_id)
    if order is not None:
        call.sandbox.mandates.become(mandate, order, "REVOKED", call.now)
    return Answer({"mandate_status": mandate.status, "mandate_id": mandate.mandate_id})


ROUTES: Final = (
    Route(
        "POST", "/mandates/{path_id:str}", "mandate", command_mandate, "documented", "L",
        "Revokes a mandate.",
        about="other",
    ),
)  # fmt: skip
