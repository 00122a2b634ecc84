"""The calls about mandates as values: charging by one, ending one, and the commands between (gateway contract, L)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from paystate.adapters.juspay.making import Call, CallMaker, plain, segment
from paystate.adapters.juspay.records import objects
from paystate.adapters.juspay.records.objects import MandatePage, MandateRecord, NotificationRecord, TxnRecord
from paystate.adapters.juspay.wire.writing import epoch, form, given, text_of
from paystate.core.money import Money

__all__ = ["DebitNotice", "MandateCalls", "MandateExecution"]


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


class MandateCalls(CallMaker):
    """All calls about mandates; `Calls` has them too."""

    def execute_mandate(self, execution: MandateExecution, *, routing_id: str) -> Call[TxnRecord]:
        """Charge by a mandate: makes the order and its transaction. Source: gateway contract, L."""
        body = _execution_form(execution, self._config.merchant_id)
        return self._post("execute mandate", "/txns", routing_id, body, plain(objects.read_txn))

    def list_mandates(self, customer_id: str) -> Call[MandatePage]:
        """List a customer's mandates. Source: gateway contract, O.6."""
        path = f"/customers/{segment(customer_id)}/mandates"
        return self._get("list mandates", path, customer_id, plain(objects.read_mandate_page))

    def mandate_status(self, mandate_id: str, *, routing_id: str) -> Call[MandateRecord]:
        """Ask how a mandate stands, which is a read although it is a POST. Source: gateway contract, L."""
        path, body = f"/mandates/{segment(mandate_id)}", _command_form("check_status")
        return self._post("mandate status", path, routing_id, body, plain(objects.read_mandate), is_read=True)

    def pause_mandate(
        self, mandate_id: str, *, routing_id: str, starts_at: datetime | None = None, ends_at: datetime | None = None
    ) -> Call[MandateRecord]:
        """Pause a mandate: from now on, or from `starts_at`; until it is resumed, or until `ends_at`.

        The record's `response_message` says which. Source: gateway contract, L.
        """
        dates = {"pause_start_date": epoch(starts_at), "pause_end_date": epoch(ends_at)}
        return self._command("pause mandate", mandate_id, routing_id, _command_form("pause", **dates))

    def resume_mandate(
        self, mandate_id: str, *, routing_id: str, resumes_at: datetime | None = None
    ) -> Call[MandateRecord]:
        """End a mandate's pause, now or at `resumes_at`. Source: gateway contract, L."""
        body = _command_form("resume", resume_date=epoch(resumes_at))
        return self._command("resume mandate", mandate_id, routing_id, body)

    def revoke_mandate(self, mandate_id: str, *, routing_id: str) -> Call[MandateRecord]:
        """End a mandate. Source: gateway contract, L."""
        return self._command("revoke mandate", mandate_id, routing_id, _command_form("revoke"))

    def notify_mandate(self, mandate_id: str, notice: DebitNotice, *, routing_id: str) -> Call[NotificationRecord]:
        """Have the shopper told of a coming charge. Source: gateway contract, L."""
        path, body = f"/mandates/{segment(mandate_id)}", _debit_notice_form(notice)
        return self._post("notify of debit", path, routing_id, body, plain(objects.read_notification))

    def get_notification(self, reference: str, *, routing_id: str) -> Call[NotificationRecord | None]:
        """Ask whether the shopper was told, by the reference of the notice; None where Juspay knows none.

        Source: gateway contract, L.
        """
        path = f"/notifications/{segment(reference)}"
        return self._get("get notification", path, routing_id, plain(objects.read_notification), lambda _: None)

    def _command(self, operation: str, mandate_id: str, routing_id: str, body: bytes) -> Call[MandateRecord]:
        path = f"/mandates/{segment(mandate_id)}"
        return self._post(operation, path, routing_id, body, plain(objects.read_mandate))


def _execution_form(execution: MandateExecution, merchant_id: str) -> bytes:
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


def _command_form(command: str, **fields: str) -> bytes:
    """The form of a command on a mandate, less the fields that are empty. Source: gateway contract, L."""
    return form({"command": command, **given(**fields)})


def _debit_notice_form(notice: DebitNotice) -> bytes:
    """The form that has the shopper told; `source_info` in it is JSON. Source: gateway contract, L."""
    told = {"amount": str(notice.amount), "txn_date": epoch(notice.charged_at)}
    return _command_form(
        "pre_debit_notify",
        object_reference_id=notice.reference,
        description=notice.description,
        source_info=text_of(told),
    )
