"""Aggregates and facts as JSON text, and back.

A value comes back equal. Mappings keep their order, which is the order in which things became known, so nothing here
may sort them. A key that this program does not know is skipped, because a newer program wrote it. A value that it
cannot read stops the caller: money is not guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar, cast

import msgspec

from paystate.adapters.storage.instants import instant, micros
from paystate.core.checkouts.checkout import Checkout, CheckoutFact
from paystate.core.console.proposals import Proposal
from paystate.core.errors import RecordUnreadable
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order
from paystate.core.orders.timing.look_budget import Asker, BegunLook
from paystate.core.settlement.cases import Case
from paystate.core.settlement.rows import RowSums, SettlementRow

T = TypeVar("T")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"{type(value).__name__} has no stored form")


class _Sum(msgspec.Struct, gc=False):
    amount_minor: int
    currency: str


class _Sums(msgspec.Struct, gc=False):
    """A `SettlementRow` as it is stored, short of what is not added up."""

    amount: _Sum
    fee: _Sum | None = None
    tax: _Sum | None = None


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)
_ORDER: Final = msgspec.json.Decoder(Order)
_FACT: Final = msgspec.json.Decoder(Fact)
_CHECKOUT: Final = msgspec.json.Decoder(Checkout)
_CHECKOUT_FACT: Final = msgspec.json.Decoder(CheckoutFact)
_CLAIMS: Final = msgspec.json.Decoder(NoteWebhook)
_SETTLEMENT_ROW: Final = msgspec.json.Decoder(SettlementRow)
_ROW_SUMS: Final = msgspec.json.Decoder(_Sums)
_CASE: Final = msgspec.json.Decoder(Case)
_PROPOSAL: Final = msgspec.json.Decoder(Proposal)
_LOOKS: Final = msgspec.json.Decoder(tuple[tuple[int, Asker], ...])


def encoded(value: Order | Fact | Checkout | CheckoutFact | NoteWebhook | SettlementRow | Case | Proposal) -> str:
    """Return `value` as JSON text."""
    return _ENCODER.encode(value).decode()


def decoded_order(text: str | bytes) -> Order:
    """Read a stored order; bytes are text that may not be UTF-8. Raises RecordUnreadable."""
    return _decoded(_ORDER, text)


def decoded_fact(text: str) -> Fact:
    """Read a stored journal row; raises RecordUnreadable."""
    return _decoded(_FACT, text)


def decoded_checkout(text: str) -> Checkout:
    """Read a stored checkout; raises RecordUnreadable."""
    return _decoded(_CHECKOUT, text)


def decoded_checkout_fact(text: str) -> CheckoutFact:
    """Read a stored journal row of a checkout; raises RecordUnreadable."""
    return _decoded(_CHECKOUT_FACT, text)


def decoded_claims(text: str) -> NoteWebhook:
    """Read what a stored webhook claims; raises RecordUnreadable."""
    return _decoded(_CLAIMS, text)


def decoded_settlement_row(text: str) -> SettlementRow:
    """Read a stored row of a settlement report; raises RecordUnreadable."""
    return _decoded(_SETTLEMENT_ROW, text)


def decoded_row_sums(text: str, of: str) -> RowSums:
    """Read of a stored row of a settlement report only its sums; raises RecordUnreadable."""
    row = _decoded(_ROW_SUMS, text)
    fee, tax = (None if one is None else one.amount_minor for one in (row.fee, row.tax))
    return RowSums(of, row.amount.currency, row.amount.amount_minor, fee, tax)


def decoded_case(text: str) -> Case:
    """Read a stored case about a settlement; raises RecordUnreadable."""
    return _decoded(_CASE, text)


def decoded_proposal(text: str) -> Proposal:
    """Read what waits for a second person; raises RecordUnreadable."""
    return _decoded(_PROPOSAL, text)


def encoded_looks(looks: tuple[BegunLook, ...]) -> str:
    """Return looks as a JSON array of pairs: microseconds, and who asked."""
    return _ENCODER.encode([(micros(one.at), one.asker) for one in looks]).decode() if looks else "[]"


def decoded_looks(text: str) -> tuple[BegunLook, ...]:
    """Read what `encoded_looks` wrote; raises RecordUnreadable."""
    return () if text == "[]" else tuple(BegunLook(instant(at), asker) for at, asker in _decoded(_LOOKS, text))


def _decoded(decoder: msgspec.json.Decoder[T], text: str | bytes) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # The text itself stays out of the message: it holds a person's data.
        raise RecordUnreadable("a stored record cannot be read by this program") from error
