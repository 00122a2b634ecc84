"""How a merchant's settlement reports are written: names of columns, and words and forms in their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from paystate.core.errors import ValueInvalid
from paystate.core.money import checked_currency
from paystate.core.settlement.reading import Columns, DayForm
from paystate.entrypoints.setup.problems import ConfigProblem

FORMATS_MAX: Final = 20


class SettlementFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of report; each member names a column of the file, unless it is said otherwise. `""`: it has none.

    Attributes:
        amount: Before fees.
        kind: What a row is; without it all rows are payments.
        payments, refunds, left_out: The words that stand in it.
        order: Our order id, or Juspay's id of the transaction.
        payment, refund: Own ids of payments and refunds, as Juspay tells them too.
        settlement: The id of the pay-out.
        currency: Without it all rows are in `always_in`.
        day: The day on which the money moved; `day_form` says how it is written.
        in_minor_units: Amounts are whole paise and the like.
        delimiter: What stands between cells.
    """

    amount: str
    kind: str = ""
    payments: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    order: str = ""
    payment: str = ""
    refund: str = ""
    reference: str = ""
    settlement: str = ""
    currency: str = ""
    always_in: str = "INR"
    fee: str = ""
    tax: str = ""
    net: str = ""
    day: str = ""
    day_form: DayForm = DayForm.ISO
    in_minor_units: bool = False
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","

    def columns(self) -> Columns:
        """As the core takes it."""
        members: dict[str, Any] = msgspec.structs.asdict(self)
        del members["delimiter"]
        for name in ("payments", "refunds", "left_out"):
            members[name] = frozenset(members[name])
        return Columns(**members)


def check_formats(formats: Mapping[str, SettlementFormat]) -> Iterator[ConfigProblem]:
    """What is wrong with a merchant's formats."""
    if len(formats) > FORMATS_MAX:
        yield ConfigProblem("settlement_formats", f"has more than {FORMATS_MAX}", "drop those that are not used")
    for name, one in formats.items():
        place = f"settlement_formats.{name}"
        if not one.amount:
            yield ConfigProblem(f"{place}.amount", "is empty", "name the column of the sum before fees")
        if not (one.order or one.payment or one.reference):
            yield ConfigProblem(place, "names no order and no payment", "give `order`, `payment` or `reference`")
        if one.kind and not one.payments:
            yield ConfigProblem(f"{place}.payments", "is empty", f"say what stands in {one.kind} of a payment")
        try:
            checked_currency(one.always_in)
        except ValueInvalid as wrong:
            yield ConfigProblem(f"{place}.always_in", wrong.rule, "give a code such as INR")
        words = [word.casefold() for word in (*one.payments, *one.refunds, *one.left_out)]
        if len(set(words)) != len(words):
            yield ConfigProblem(place, "has a word for several kinds of row", "let it stand in one of the lists only")
