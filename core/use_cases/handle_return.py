"""A shopper comes back from Juspay: check the signature, ask for a look, say where to send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from paystate.core.errors import SignatureInvalid, ValueInvalid
from paystate.core.evidence import SignedReturn
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.order import Order
from paystate.core.orders.timing import schedule
from paystate.core.use_cases.context import Merchant, Ports


async def handle_return(ports: Ports, merchant: Merchant, parameters: Sequence[tuple[str, str]]) -> Order | None:
    """Take a return URL's decoded parameters; returns the order, or None when it is not ours.

    The status in the URL is signed, but it may be old: it is never used. An address that comes again asks for no
    further look.

    Raises:
        SignatureInvalid: Not signed by Juspay.
        ValueInvalid: `duplicate_parameter`.
    """
    signed = merchant.verifier.verify(parameters)
    try:
        came_back = SignedReturn(order_id=checked_order_id(signed.get("order_id")), status=signed.get("status", ""))
    except ValueInvalid as wrong:
        raise SignatureInvalid("signed, but for no order") from wrong
    key = OrderKey(merchant.merchant_id, came_back.order_id)
    order = await ports.store.load(key)
    if order is not None:
        fingerprint = _fingerprint(signed)
        await ports.store.reschedule(
            key, lambda kept: (schedule.returned(kept, fingerprint, merchant.policy, ports.clock.now()), True)
        )
    return order


def _fingerprint(signed: Mapping[str, str]) -> str:
    """The same for the same return, however its address is spelled."""
    return sha256(repr(sorted(signed.items())).encode("utf-8", "surrogatepass")).hexdigest()[:32]
