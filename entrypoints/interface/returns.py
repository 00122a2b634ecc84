"""A shopper comes back: the parameters as they came, and where the shopper is sent next."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from paystate.core.errors import SignatureInvalid
from paystate.core.orders.order import Order
from paystate.core.signature_failures import RETURN, SignatureFailure
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.handle_return import handle_return
from paystate.entrypoints.interface.return_addresses import with_order_id
from paystate.entrypoints.setup.runtime import Runtime

QUERY_BYTES_MAX: Final = 8 * 1024
PARAMETERS_MAX: Final = 100


async def come_back(runtime: Runtime, merchant: Merchant, raw: bytes) -> Order | None:
    """Take the query of a return URL, or the form that stands for it; returns the order, or None when it is not ours.

    Raises:
        SignatureInvalid: Not signed by Juspay.
        ValueInvalid: `duplicate_parameter`.
    """
    try:
        return await handle_return(runtime.ports, merchant, _parameters(raw))
    except SignatureInvalid:
        runtime.note_failure(SignatureFailure(merchant.merchant_id, RETURN, "signature_invalid"))
        raise


def goes_to(order: Order | None) -> str:
    """Where the shopper is sent: the order's own return URL with its id; empty where it has none."""
    if order is None or not order.opened.return_url:
        return ""
    return with_order_id(order.opened.return_url, order.opened.order_id)


def _parameters(raw: bytes) -> list[tuple[str, str]]:
    """Decode once, keep their order and every double; raises SignatureInvalid."""
    if len(raw) > QUERY_BYTES_MAX:
        raise SignatureInvalid("longer than any that Juspay signs")
    raw = raw.rstrip(b"&")  # some writers of addresses end each pair with one
    try:
        return parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError as wrong:
        raise SignatureInvalid("no list of parameters") from wrong
