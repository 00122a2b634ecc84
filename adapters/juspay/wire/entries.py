"""One transaction and one refund as they are on the wire, wherever they are listed: in an order, in a leg, or alone.

An odd entry breaks nothing beside it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from paystate.adapters.juspay.wire.values import (
    NO_AMOUNT,
    as_object,
    as_objects,
    find_name,
    find_reference,
    find_word,
    instant_text,
    read_amount,
    read_instant,
    read_note,
    read_text,
)
from paystate.core.evidence import References, RefundAnswer, TxnAnswer

Members = Mapping[str, object]

_AUTOMATIC: Final = frozenset({"AUTO_REFUNDED", "AUTOREFUND_WORKFLOW", "JUSPAY"})
"""Who began a refund that no merchant asked for. Source: gateway contract, O.2; `JUSPAY` from older pages."""
_AUTOMATIC_ID: Final = "AR"
"""With what Juspay's own refund ids begin, nearly all of them. Source: gateway contract, O.2."""
_OF_A_REFUND: Final = frozenset({"unique_request_id", "id", "amount", "status"})


# --- transactions


def read_named_txn(order: Members, detail: Members) -> TxnAnswer | None:
    """The one transaction that a status names, at its top or in `txn_detail` alone; None where it names none.

    Source: gateway contract, F.1 and O.4.
    """
    txn_id = find_name(order.get("txn_id")) or find_name(detail.get("txn_id"))
    if txn_id is None:
        return None
    own: Members = detail if is_detail_of(detail, order) else {}
    return TxnAnswer(
        txn_id=txn_id,
        status=find_word(own.get("status")),
        txn_uuid=find_name(order.get("txn_uuid")) or find_name(own.get("txn_uuid")) or "",
        method=_method(order),
        note=read_note(order.get("bank_error_message"), order.get("resp_message"), detail.get("error_message")),
        references=_txn_references(as_object(order.get("payment_gateway_response"))),
    )


def is_detail_of(detail: Members, order: Members) -> bool:
    """Whether `txn_detail` speaks of the transaction that the order names: by its id, by its uuid, or by naming none.

    Published bodies spell the merchant in the two ids differently, and have one uuid (recorded).
    """
    named, detailed = find_name(order.get("txn_id")), find_name(detail.get("txn_id"))
    if named is None or detailed in (None, named):
        return True
    uuid = find_name(order.get("txn_uuid"))
    return uuid is not None and uuid == find_name(detail.get("txn_uuid"))


def read_legs(listed: object) -> Iterator[TxnAnswer]:
    """The transactions of a split payment, from `txn_list`. Source: gateway contract, O.3."""
    for number, leg in enumerate(as_objects(listed), start=1):
        detail = as_object(leg.get("txn_detail"))
        status = find_word(leg.get("status")) or find_word(detail.get("status"))
        uuid = find_name(leg.get("txn_uuid")) or find_name(detail.get("txn_uuid")) or ""
        named = find_name(leg.get("txn_id")) or find_name(detail.get("txn_id")) or uuid
        if not named and not status:
            continue
        txn_id = named or f"unnamed-leg-{number}"
        yield TxnAnswer(
            txn_id=txn_id,
            status=status,
            txn_uuid=uuid,
            method=_method(leg),
            note=read_note(leg.get("bank_error_message"), leg.get("resp_message"), detail.get("error_message")),
            paid=_leg_paid(leg, detail),
            refunds=tuple(read_refunds(leg.get("refunds"), of_txn=txn_id)),
            references=_txn_references(as_object(leg.get("payment_gateway_response"))),
        )


def _leg_paid(leg: Members, detail: Members) -> Decimal | None:
    """What one leg took: its own word, else `txn_amount` of its detail.

    In all 17 published legs that have both, the two are equal, and one more has `txn_amount` alone. `net_amount` is the
    whole order's price (120 in the leg of 90 and in that of 30), so it is never a leg's. Source: gateway contract, O.3.
    """
    told = read_amount(leg.get("effective_amount"))
    return read_amount(detail.get("txn_amount")) if told is None and is_detail_of(detail, leg) else told


def _method(members: Members) -> str:
    said = (read_text(members.get("payment_method_type")), read_text(members.get("payment_method")))
    return "/".join(dict.fromkeys(filter(None, said)))


def _txn_references(told: Members) -> References:
    return References(
        gateway=find_reference(told.get("epg_txn_id")),
        arn=find_reference(told.get("arn")),
        rrn=find_reference(told.get("rrn")),
        processed_at=instant_text(told.get("created")),
    )


# --- refunds


def read_refunds(listed: object, *, of_txn: str = "") -> Iterator[RefundAnswer]:
    """Each entry of a list of refunds, also where several have one id; not one that tells nothing of a refund.

    Source: gateway contract, H.3 and O.2.

    Args:
        of_txn: The transaction that holds the list, where one does.
    """
    seen: Counter[str] = Counter()
    for entry in as_objects(listed):
        if entry.keys().isdisjoint(_OF_A_REFUND):
            continue
        amount = read_amount(entry.get("amount"))
        yield _refund(entry, amount, _refund_id(entry) or _derived_refund_id(entry, amount, seen, of_txn), of_txn)


def read_refund_alone(entry: Members) -> RefundAnswer | None:
    """A refund object that stands for itself: the whole of what was asked for; None where it has no id or no status.

    Of a split order it lists the share of each transaction in `split_refund_details`, under ids of Juspay's that begin
    with ours. They are parts of this refund, and it names the transaction of one of them: so it is of none alone.

    Source: gateway contract, H.2 and O.3.
    """
    refund_id = find_name(entry.get("unique_request_id"))
    if refund_id is None or not find_word(entry.get("status")):
        return None
    shares = {find_name(share.get("txn_id")) for share in as_objects(entry.get("split_refund_details"))}
    told = entry if len(shares) < 2 else {**entry, "txn_id": None}
    return _refund(told, read_amount(entry.get("amount")), refund_id, "")


def _refund(entry: Members, amount: Decimal | None, refund_id: str, of_txn: str) -> RefundAnswer:
    return RefundAnswer(
        refund_id=refund_id,
        amount=NO_AMOUNT if amount is None else amount,
        status=find_word(entry.get("status")),
        automatic=_is_automatic(entry),
        created_at=read_instant(entry.get("created")),
        note=read_note(entry.get("error_message")),
        txn_id=find_name(entry.get("txn_id")) or of_txn,
        references=_refund_references(entry, refund_id),
    )


def _is_automatic(entry: Members) -> bool:
    """Whether Juspay began it by itself: who began it decides where that is told, else the beginning of its id.

    Source: gateway contract, O.2.
    """
    # A shop's own id may begin with AR too, where its dashboard made it; ours never do, they are in lower case. To take
    # that refund for Juspay's own is the worse error: beside a charge it counts as of another payment, and this one
    # stands though it went back. But it takes that id and a hidden name at once, and a person is called for it. The
    # other error is the likelier by far: Juspay's refund of another payment would count against the one that stands.
    began = find_reference(entry.get("initiated_by"))
    if began:
        return began.upper() in _AUTOMATIC
    return (find_name(entry.get("unique_request_id")) or "").startswith(_AUTOMATIC_ID)


def _refund_references(entry: Members, refund_id: str) -> References:
    told = (find_reference(entry.get(name)) for name in ("ref", "reference_id", "epg_txn_id"))
    return References(
        gateway=next((one for one in told if one and one != refund_id), ""),
        arn=find_reference(entry.get("arn")) or find_reference(entry.get("refund_arn")),
        rrn=find_reference(entry.get("rrn")),
        processed_at=instant_text(entry.get("pg_processed_at")),
    )


def _refund_id(entry: Members) -> str | None:
    return find_name(entry.get("unique_request_id")) or find_name(entry.get("id"))


def _derived_refund_id(entry: Members, amount: Decimal | None, seen: Counter[str], of_txn: str) -> str:
    """Name a refund that Juspay gives no id, out of what does not change while it is carried out."""
    how_much = "" if amount is None else amount.normalize()
    what = f"{read_text(entry.get('created'))}|{how_much}|{read_text(entry.get('initiated_by'))}"
    what += f"|{of_txn}" if of_txn else ""
    seen[what] += 1
    return f"unnamed-{hashlib.sha256(what.encode()).hexdigest()[:16]}-{seen[what]}"
