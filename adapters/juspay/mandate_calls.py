"""The calls about mandates as values: charging by one, ending one, and the commands between (gateway contract, L)."""

from __future__ import annotations

from datetime import datetime

from paystate.adapters.juspay import mandate_requests
from paystate.adapters.juspay.making import Call, CallMaker, plain, segment
from paystate.adapters.juspay.mandate_requests import DebitNotice, MandateExecution
from paystate.adapters.juspay.records import objects
from paystate.adapters.juspay.records.objects import MandatePage, MandateRecord, NotificationRecord, TxnRecord
from paystate.adapters.juspay.writing import epoch


class MandateCalls(CallMaker):
    """All calls about mandates; `Calls` has them too."""

    def execute_mandate(self, execution: MandateExecution, *, routing_id: str) -> Call[TxnRecord]:
        """Charge by a mandate: makes the order and its transaction. Source: gateway contract, L."""
        body = mandate_requests.execution_form(execution, self._config.merchant_id)
        return self._post("execute mandate", "/txns", routing_id, body, plain(objects.read_txn))

    def list_mandates(self, customer_id: str) -> Call[MandatePage]:
        """List a customer's mandates. Source: gateway contract, O.6."""
        path = f"/customers/{segment(customer_id)}/mandates"
        return self._get("list mandates", path, customer_id, plain(objects.read_mandate_page))

    def mandate_status(self, mandate_id: str, *, routing_id: str) -> Call[MandateRecord]:
        """Ask how a mandate stands, which is a read although it is a POST. Source: gateway contract, L."""
        path, body = f"/mandates/{segment(mandate_id)}", mandate_requests.command_form("check_status")
        return self._post("mandate status", path, routing_id, body, plain(objects.read_mandate), is_read=True)

    def pause_mandate(
        self, mandate_id: str, *, routing_id: str, starts_at: datetime | None = None, ends_at: datetime | None = None
    ) -> Call[MandateRecord]:
        """Pause a mandate: from now on, or from `starts_at`; until it is resumed, or until `ends_at`.

        The record's `response_message` says which. Source: gateway contract, L.
        """
        dates = {"pause_start_date": epoch(starts_at), "pause_end_date": epoch(ends_at)}
        return self._command("pause mandate", mandate_id, routing_id, mandate_requests.command_form("pause", **dates))

    def resume_mandate(
        self, mandate_id: str, *, routing_id: str, resumes_at: datetime | None = None
    ) -> Call[MandateRecord]:
        """End a mandate's pause, now or at `resumes_at`. Source: gateway contract, L."""
        body = mandate_requests.command_form("resume", resume_date=epoch(resumes_at))
        return self._command("resume mandate", mandate_id, routing_id, body)

    def revoke_mandate(self, mandate_id: str, *, routing_id: str) -> Call[MandateRecord]:
        """End a mandate. Source: gateway contract, L."""
        return self._command("revoke mandate", mandate_id, routing_id, mandate_requests.command_form("revoke"))

    def notify_mandate(self, mandate_id: str, notice: DebitNotice, *, routing_id: str) -> Call[NotificationRecord]:
        """Have the shopper told of a coming charge. Source: gateway contract, L."""
        path, body = f"/mandates/{segment(mandate_id)}", mandate_requests.debit_notice_form(notice)
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
