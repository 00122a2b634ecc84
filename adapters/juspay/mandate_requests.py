"""Our requests about mandates, as they are on the wire (gateway contract, L)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from paystate.adapters.juspay.writing import epoch, form, given, text_of
from paystate.core.money import Money

__all__ = ["DebitNotice", "MandateExecution"]


@frozen(kw_only=True)
class MandateExecution:
    """Charges by a mandate: makes the order and its transaction. Source: gateway contract, L (mandate execution).

    Attributes:
        execute_at: Where Juspay tells the shopper beforehand; None leaves the time to it.
    """

    order_id: str
    amount: Money
    customer_id: str
    mandate_id: str
    execute_at: datetime | None = None
    more: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen(kw_only=True)
class DebitNotice:
    """What the shopper is told of before a charge by a mandate. Source: gateway contract, L (word before a debit).

    Attributes:
        reference: The merchant's own, of up to 25 letters and digits.
        charged_at: When it is going to be charged.
    """

    reference: str
    amount: Money
    charged_at: datetime
    description: str = ""


def execution_form(execution: MandateExecution, merchant_id: str) -> bytes:
    """The form that executes a mandate. Source: gateway contract, L; the prefix `order.` from a published sample."""
    return form(
        {
            "order.order_id": execution.order_id,
            "order.amount": str(execution.amount),
            "order.currency": execution.amount.currency,
            "order.customer_id": execution.customer_id,
            "mandate_id": execution.mandate_id,
            "merchant_id": merchant_id,
            **({"mandate.execution_date": epoch(execution.execute_at)} if execution.execute_at else {}),
            "format": "json",
            **execution.more,
        }
    )


def command_form(command: str, **fields: str) -> bytes:
    """The form of a command on a mandate, less the fields that are empty. Source: gateway contract, L."""
    return form({"command": command, **given(**fields)})


def debit_notice_form(notice: DebitNotice) -> bytes:
    """The form that has the shopper told; `source_info` in it is JSON. Source: gateway contract, L."""
    told = {"amount": str(notice.amount), "txn_date": epoch(notice.charged_at)}
    return command_form(
        "pre_debit_notify",
        object_reference_id=notice.reference,
        description=notice.description,
        source_info=text_of(told),
    )
