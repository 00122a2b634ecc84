"""The rules of the played Juspay: orders, attempts, refunds and what time does to them. No HTTP, no real clock.

Each change is written to the ledger and, if Juspay has an event for it, announced (`happenings.py`). Time comes in as
an argument. Refunds have rules of their own (`refunding.py` beside it).
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.config import Merchant, SandboxConfig
from paystate.entrypoints.sandbox.errors import invalid_action
from paystate.entrypoints.sandbox.gateway.endings import Ending
from paystate.entrypoints.sandbox.gateway.happenings import Happenings
from paystate.entrypoints.sandbox.gateway.links import life_of
from paystate.entrypoints.sandbox.gateway.mandates import EXECUTION_SUCCEEDS, Mandates
from paystate.entrypoints.sandbox.gateway.methods import Choice, Method, Plan, plan_for
from paystate.entrypoints.sandbox.gateway.offers import REFUSED, UNFIT_CODE, UNKNOWN_CODE, Offer, offer_of
from paystate.entrypoints.sandbox.gateway.records import Mandate, Order, Price, SubDetail, Txn
from paystate.entrypoints.sandbox.gateway.refunding import Refunding
from paystate.entrypoints.sandbox.gateway.splits import asked_splits
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, INITIATED, PENDING

Holds = Callable[[Order], bool]
_AMENDABLE: Final = re.compile(r"udf(?:[1-9]|10)|(?:billing|shipping)_address_[a-z_0-9]+", re.ASCII)
_ALPHANUMERIC: Final = string.ascii_letters + string.digits


class CannotHappen(Exception):
    """The order is not in a state for it; the text says why."""


class NotPayable(Exception):
    """The order takes no further attempt; the text can be shown to the shopper."""


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A session's client auth token; the SDK payload it was issued in is kept to tell a changed one.

    One without an order is to manage kept ways to pay.
    """

    order: Order | None
    expires: datetime
    payload: Mapping[str, object]


class World:
    """All orders of all merchants of one sandbox."""

    def __init__(self, config: SandboxConfig, happenings: Happenings, holds: Holds, mandates: Mandates) -> None:
        """Start empty; `holds(order)` is called at each success, and tells whether it only holds the money."""
        self.mandates = mandates
        self.happenings = happenings
        self.refunding = Refunding(config, happenings)
        self._config = config
        self._announce, self._effect, self._move = happenings.announce, happenings.effect, happenings.move
        self._holds = holds
        self._orders: dict[tuple[str, str], Order] = {}
        self._by_juspay_id: dict[str, Order] = {}
        self.tokens: dict[str, ClientToken] = {}
        self.client_tokens: dict[str, tuple[str, datetime]] = {}
        happenings.does("approve", self._approve_later)
        happenings.does("go_on", self._go_on)
        happenings.does("execute", self._execute_due)
        happenings.does("answer_hold", self._answer_hold_later)

    # Orders

    @property
    def orders(self) -> list[Order]:
        """All orders, oldest first."""
        return list(self._orders.values())

    def order(self, merchant_id: str, order_id: str) -> Order | None:
        """Return the merchant's order; ids are compared without regard to case (documented, contract B.1)."""
        found = self._orders.get((merchant_id, order_id.lower()))
        return found and self.happenings.touch(found)

    def attempt(self, merchant_id: str, txn_id: str) -> tuple[Order, Txn] | None:
        """Return the merchant's attempt of that uuid or id, with its order."""
        for order in self._orders.values():
            txn = order.txn(txn_id) if order.merchant_id == merchant_id else None
            if txn is not None:
                return self.happenings.touch(order), txn
        return None

    def page_order(self, juspay_id: str) -> Order | None:
        """Return the order of Juspay's own id, which is what payment links hold."""
        found = self._by_juspay_id.get(juspay_id)
        return found and self.happenings.touch(found)

    def place(
        self, merchant: Merchant, order_id: str, amount: Decimal, fields: Mapping[str, str], now: datetime
    ) -> Order:
        """Create the order, or link to the one of that id (a decision, contract B.2).

        Same amount: the same order. Another amount: an update while no attempt is alive.

        Raises:
            Refusal: It is paid already, or an attempt is alive and the amount differs.
        """
        known = self.order(merchant.merchant_id, order_id)
        if known is None:
            return self._create(merchant, order_id, amount, fields, now)
        if known.charged:
            raise invalid_action("The order is paid already")
        if known.amount != amount:
            self.amend(known, amount, {}, now)
        return known

    def amend(self, order: Order, amount: Decimal | None, fields: Mapping[str, str], now: datetime) -> None:
        """Change amount, addresses and UDFs (documented, contract B.4); only while no attempt is alive (inferred).

        Other fields change nothing (inferred).

        Raises:
            Refusal: `INVALID_ACTION`, an attempt is pending or went through.
        """
        if any(txn.status not in FAILED for txn in order.txns):
            raise invalid_action(f"An order that is {order.status} cannot be changed")
        order.amount = order.amount if amount is None else amount
        order.fields.update({name: value for name, value in fields.items() if _AMENDABLE.fullmatch(name)})
        order.last_updated = now
        self._effect(order, "order_updated", now, amount=plain_text(order.amount))

    def cancel(self, order: Order, now: datetime) -> None:
        """Let the order take no payment any more; it cannot be undone (documented, contract L).

        Raises:
            Refusal: `INVALID_ACTION`, an attempt is pending or went through (inferred).
        """
        if any(txn.status not in FAILED for txn in order.txns):
            raise invalid_action(f"An order that is {order.status} cannot be cancelled")
        order.cancelled, order.last_updated = True, now
        self._effect(order, "order_cancelled", now)

    def _create(
        self, merchant: Merchant, order_id: str, amount: Decimal, fields: Mapping[str, str], now: datetime
    ) -> Order:
        order = Order(
            juspay_id=f"ordeh_{secrets.token_hex(16)}",
            merchant_id=merchant.merchant_id,
            order_id=order_id,
            amount=amount,
            currency=fields.get("currency") or "INR",  # documented for /orders, secondary for /session
            created=now,
            last_updated=now,
            expires=now + life_of(fields, timedelta(seconds=self._config.order_life_s)),
            fields=dict(fields),
            surcharge_refunded=self._config.surcharge_refunded,
        )
        order.splits = asked_splits(fields)
        if merchant.return_url and not order.fields.get("return_url"):
            order.fields["return_url"] = merchant.return_url  # documented: the dashboard's redirect URL
        self._list(order)
        self._effect(order, "order_created", now, amount=plain_text(amount))
        self._announce("ORDER_CREATED", order, now)
        return order

    def _list(self, order: Order) -> None:
        self._orders[order.merchant_id, order.order_id.lower()] = order
        self._by_juspay_id[order.juspay_id] = order

    def put_back(self, order: Order) -> None:
        """Take an order that was kept in a file."""
        order.mandate = order.mandate and self.mandates.put_back(order.mandate)
        order.remember()
        self._list(order)

    def issue_token(self, merchant_id: str, now: datetime) -> tuple[str, datetime]:
        """Return a new client auth token and when it ends: 15 minutes (recorded, contract B.2)."""
        token, expires = f"tkn_{secrets.token_hex(16)}", now + timedelta(seconds=self._config.client_token_life_s)
        self.client_tokens[token] = (merchant_id, expires)
        return token, expires

    def token_holder(self, token: str, now: datetime) -> str | None:
        """Return the merchant for whose shopper the token was issued, while it lives (documented, contract A.2)."""
        merchant_id, expires = self.client_tokens.get(token, (None, now))
        return merchant_id if now < expires else None

    # Attempts

    def why_not_payable(self, order: Order, now: datetime) -> str | None:
        """Return why no further attempt may start, or None (inferred, except the limit of 25)."""
        if order.status in {"CHARGED", "AUTHORIZED", "PARTIAL_CHARGED", "COD_INITIATED", *INITIATED}:
            return "This order is paid already."
        if order.cancelled:
            return "This order was cancelled."
        if now >= order.expires:
            return "This order has expired."
        return "There were too many attempts." if order.attempts_made >= self._config.attempts_max else None

    def confirm(self, order: Order, choice: Choice, now: datetime) -> Txn:
        """Start an attempt: the shopper is sent to the bank (documented, contract G.2).

        Raises:
            NotPayable: The order takes no further attempt.
        """
        reason = self.why_not_payable(order, now)
        if reason is not None:
            raise NotPayable(reason)
        offer = offer_of(choice.offer_id)
        fits = offer is not None and offer.fits(order.amount, choice.method.group)
        txn = self._start(order, choice.method, plan_for(choice, order.amount), now, offer if fits else None)
        if choice.offer_id and not fits:
            code = UNKNOWN_CODE if offer is None else UNFIT_CODE
            self._fail(order, txn, "JUSPAY_DECLINED", code, REFUSED, now)
        elif txn.plan is Plan.DECLINE:
            self._fail(order, txn, "JUSPAY_DECLINED", "DECLINED", "Juspay declined the payment", now)
        elif txn.plan is Plan.COD:
            self._move(order, txn, "COD_INITIATED", "txn_cod", now)
        elif txn.plan is Plan.NO_GATEWAY:
            self._move(order, txn, "STARTED", "txn_pending", now)
        return txn

    def _start(self, order: Order, method: Method, plan: Plan, now: datetime, offer: Offer | None = None) -> Txn:
        number = order.attempts_made + 1
        txn = _new_txn(order, str(number), number, method, plan, now)
        if offer is not None:
            txn.offer, txn.price = offer, replace(order.price, discount=offer.discount(order.amount))
            txn.amount = txn.price.paid_for(order.amount)
        return self._begin(order, txn, now)

    def start_leg(self, order: Order, number: int, leg: int, amount: Decimal, method: Method, now: datetime) -> Txn:
        """Start one part of an attempt that pays in parts (recorded, contract O.3)."""
        txn = _new_txn(order, f"{number}-{leg}", number, method, Plan.CHARGE, now)
        return self._begin(order, replace(txn, amount=amount, leg=leg, approved=True, price=Price()), now)

    def _begin(self, order: Order, txn: Txn, now: datetime) -> Txn:
        order.txns.append(txn)
        order.last_updated = now
        self._effect(order, "txn_started", now, txn_id=txn.txn_id, amount=plain_text(txn.amount), status=txn.status)
        self._announce("TXN_CREATED", order, now)
        self.mandates.attempt_started(order, txn.method, now)
        return txn

    def execute(self, order: Order, mandate: Mandate, due: datetime, now: datetime) -> Txn:
        """Take money by a mandate, without the shopper: now, or when it is due (inferred).

        Some amounts succeed, all others fail (documented, contract K).
        """
        plan = Plan.CHARGE if order.amount in EXECUTION_SUCCEEDS else Plan.REFUSE
        order.mandate = mandate
        txn = self._start(order, mandate.method, plan, now)
        txn.mandate_id = mandate.mandate_id
        if due <= now:
            self.approve(order, txn, now)
        else:
            self.later(due, "execute", order, txn.txn_uuid, mandate.mandate_id)
        return txn

    def _execute_due(self, order: Order, txn_uuid: str, mandate_id: str, now: datetime) -> None:
        """Take the money now, unless the mandate has ended since (inferred)."""
        txn, mandate = order.attempt(txn_uuid), self.mandates.mandate(order.merchant_id, mandate_id)
        if mandate is None:
            return
        if mandate.status == "ACTIVE":
            self.approve(order, txn, now)
        elif self.at_bank(txn):
            self._fail(order, txn, "AUTHORIZATION_FAILED", "JP_852", f"The mandate is {mandate.status}", now)

    def charge_again(self, order: Order, now: datetime) -> Txn:
        """One more attempt of a paid order goes through, as from another tab (documented as possible, contract G.1).

        Raises:
            CannotHappen: The order is not paid, or has as many attempts as it may have.
        """
        paid = next((txn for txn in order.txns if txn.status == "CHARGED" and not txn.leg), None)
        if paid is None:
            raise CannotHappen("the order is not paid")
        if order.attempts_made >= self._config.attempts_max:
            raise CannotHappen("the order has too many attempts")
        txn = self._start(order, paid.method, Plan.CHARGE, now)
        txn.approved = True
        self._succeed(order, txn, now)
        return txn

    def at_bank(self, txn: Txn) -> bool:
        """Whether the shopper is still to approve or decline."""
        return txn.status == "PENDING_VBV" and not txn.approved

    def approve(self, order: Order, txn: Txn, now: datetime) -> None:
        """The shopper approves at the bank; the attempt goes on as its plan says (contract K; paths inferred, G.2)."""
        if not self.at_bank(txn):
            return
        txn.approved = True
        match txn.plan:
            case Plan.REFUSE | Plan.LATE_CHARGE:
                self._refuse(order, txn, now)
            case Plan.PENDING_CHARGE | Plan.PENDING_REFUSE | Plan.STUCK:
                self._await_bank(order, txn, now)
            case Plan.TO_BE_CHARGED | Plan.AUTHENTICATED:
                status = "TO_BE_CHARGED" if txn.plan is Plan.TO_BE_CHARGED else "VBV_SUCCESSFUL"
                self._move(order, txn, status, "txn_pending", now)
            case _:
                self._succeed(order, txn, now)
        if txn.plan in {Plan.PENDING_CHARGE, Plan.PENDING_REFUSE, Plan.LATE_CHARGE, Plan.AUTHENTICATED}:
            due = now + timedelta(seconds=self._config.pending_settles_after_s)
            self.later(due, "go_on", order, txn.txn_uuid)

    def decline(self, order: Order, txn: Txn, now: datetime) -> None:
        """The shopper declines at the bank (documented as failed authentication, contract F.2)."""
        if self.at_bank(txn):
            self._fail(order, txn, "AUTHENTICATION_FAILED", "AUTH_FAILED", "The shopper did not authenticate", now)

    def settle(self, order: Order, txn: Txn, success: bool, now: datetime) -> bool:
        """Settle a pending attempt, or let a failed one succeed late; return whether anything changed."""
        if txn.status in INITIATED:
            return self.answer_hold(order, txn, success, now)
        if txn.status not in PENDING and not (success and txn.status in FAILED):
            return False
        txn.approved = True
        if success:
            self._succeed(order, txn, now)
        else:
            self._refuse(order, txn, now)
        return True

    def _await_bank(self, order: Order, txn: Txn, now: datetime) -> None:
        # Inferred: a UPI collect waits for the shopper's app, other methods for the bank.
        status = "PENDING_VBV" if txn.method.group == "UPI" else "AUTHORIZING"
        self._move(order, txn, status, "txn_pending", now)

    def _succeed(self, order: Order, txn: Txn, now: datetime) -> None:
        txn.error_code = txn.error_message = txn.spelt = ""
        txn.conflicted = txn.status in FAILED or (bool(order.charged) and not txn.leg)
        if self._comes_too_late(order, txn, now):
            self.refunding.give_back(order, txn, now)
        elif order.auto_captured and not self._holds(order):
            self._move(order, txn, "CHARGED", "txn_charged", now)
            self._announce("TXN_CHARGED", order, now, txn)
            is_part = order.status == "PARTIAL_CHARGED"  # another leg is still open
            self._announce("ORDER_PARTIAL_CHARGED" if is_part else "ORDER_SUCCEEDED", order, now)
        else:
            self._move(order, txn, "AUTHORIZED", "txn_authorized", now)
            self._announce("ORDER_AUTHORIZED", order, now)
        if txn.status in {"CHARGED", "AUTHORIZED"}:
            self.mandates.attempt_succeeded(order, now)

    def _comes_too_late(self, order: Order, txn: Txn, now: datetime) -> bool:
        """Documented, contract G.1: only if the feature is on, not for mandates; from when time counts is inferred."""
        if order.mandate is not None or txn.leg:
            return False
        limit = timedelta(seconds=self._config.late_success_limit_s)
        late = txn.status in FAILED and now - txn.created > limit
        return self._config.auto_refund and (bool(order.charged) or late)

    def _refuse(self, order: Order, txn: Txn, now: datetime) -> None:
        self._fail(order, txn, "AUTHORIZATION_FAILED", "BANK_REFUSED", "The bank refused the payment", now)

    def _fail(self, order: Order, txn: Txn, status: str, code: str, message: str, now: datetime) -> None:
        txn.error_code, txn.error_message = code, message
        self._move(order, txn, status, "txn_failed", now)
        self._announce("TXN_FAILED", order, now, txn)
        self._give_back_the_other_legs(order, txn, now)
        if order.status in FAILED:  # inferred: not while another attempt is alive
            self._announce("ORDER_FAILED", order, now)

    def leg_ended(self, order: Order, txn: Txn, status: str, now: datetime) -> None:
        """Let one leg stand so, without what it does to the others (inferred, contract O.3)."""
        effect = {"CHARGED": "txn_charged", **dict.fromkeys(FAILED, "txn_failed")}.get(status, "txn_pending")
        self._move(order, txn, status, effect, now)
        if effect != "txn_pending":
            self._announce("TXN_CHARGED" if status == "CHARGED" else "TXN_FAILED", order, now, txn)

    def _give_back_the_other_legs(self, order: Order, failed: Txn, now: datetime) -> None:
        """A leg that fails sends back what the others took (documented, contract G.1)."""
        for one in order.txns:
            if failed.leg and one.number == failed.number and one.status == "CHARGED":
                self.refunding.give_back(order, one, now)

    # Held money

    def end_hold(self, order: Order, txn: Txn, status: str, now: datetime, part: Decimal | None = None) -> None:
        """Capture held money, or a part of it, or release it, or fail to (documented, contract G.2)."""
        effect, event, error = _HOLD_ENDS[status]
        txn.captured_part = part
        if part is not None:
            txn.sub_details += (SubDetail("PARTIAL_CAPTURE", part, _new_uuid(), now),)
        txn.error_code, txn.error_message = error
        self._move(order, txn, status, effect if part is None else "txn_partly_charged", now)
        if status == "CHARGED":
            self._announce("TXN_CHARGED", order, now, txn)
        self._announce(event if part is None else "ORDER_PARTIAL_CHARGED", order, now)

    def end_rest(self, order: Order, txn: Txn, kind: str, now: datetime, part: Decimal | None = None) -> None:
        """Capture or release what a partial capture left, or a part of it (recorded, contract O.1).

        `kind` is PARTIAL_CAPTURE or PARTIAL_VOID. What is released leaves the order PARTIAL_CHARGED (inferred).
        """
        amount = txn.still_held if part is None else part
        txn.sub_details += (SubDetail(kind, amount, _new_uuid(), now),)
        if kind == "PARTIAL_VOID":
            self._move(order, txn, "CHARGED", "txn_partly_voided", now)
            return
        txn.captured_part = (txn.captured_part or Decimal(0)) + amount
        is_all = txn.captured_part == txn.amount
        self._move(order, txn, "CHARGED", "txn_charged" if is_all else "txn_partly_charged", now)
        self._announce("TXN_CHARGED", order, now, txn)
        self._announce("ORDER_SUCCEEDED" if is_all else "ORDER_PARTIAL_CHARGED", order, now)

    def ask_to_end_hold(
        self, order: Order, txn: Txn, end: str, how: Ending, now: datetime, part: Decimal | None = None
    ) -> None:
        """Ask the gateway to capture held money (`end` is CHARGED), or a part of it, or to release it (VOIDED).

        An answer that never comes leaves everything as it was (documented, contract L).
        """
        failed, waiting, effect = _HOLD_ASKED[end]
        if txn.still_held:
            if how == "SUCCESS":  # how a second capture fails is not told anywhere: it leaves everything as it was
                self.end_rest(order, txn, "PARTIAL_CAPTURE" if end == "CHARGED" else "PARTIAL_VOID", now, part)
            return
        match how:
            case "SUCCESS":
                self.end_hold(order, txn, end, now, part)
            case "FAILURE":
                self.end_hold(order, txn, failed, now)
            case "LATE_SUCCESS" | "LATE_FAILURE":
                txn.asked_part = part
                self._move(order, txn, waiting, effect, now)
                due = now + timedelta(seconds=self._config.pending_settles_after_s)
                self.later(due, "answer_hold", order, txn.txn_uuid, how)
            case _:
                pass

    def answer_hold(self, order: Order, txn: Txn, success: bool, now: datetime) -> bool:
        """Let the gateway answer a capture or a release that waits; return whether one did."""
        if txn.status not in INITIATED:
            return False
        end = "CHARGED" if txn.status == "CAPTURE_INITIATED" else "VOIDED"
        part, txn.asked_part = txn.asked_part, None
        self.end_hold(order, txn, end if success else _HOLD_ASKED[end][0], now, part if success else None)
        return True

    # Time

    def run_due(self, now: datetime) -> None:
        """Do all that became due until `now`."""
        self.happenings.run_due(now)

    def later(self, due: datetime, what: str, order: Order, *names: str) -> None:
        """Let what goes by that name happen to the order at `due`."""
        self.happenings.later(due, what, order, *names)

    def _approve_later(self, order: Order, txn_uuid: str, now: datetime) -> None:
        self.approve(order, order.attempt(txn_uuid), now)

    def _answer_hold_later(self, order: Order, txn_uuid: str, how: str, now: datetime) -> None:
        self.answer_hold(order, order.attempt(txn_uuid), how == "LATE_SUCCESS", now)

    def _go_on(self, order: Order, txn_uuid: str, now: datetime) -> None:
        txn = order.attempt(txn_uuid)
        waits_for = FAILED if txn.plan is Plan.LATE_CHARGE else PENDING
        if txn.status in waits_for:
            self.settle(order, txn, txn.plan is not Plan.PENDING_REFUSE, now)


def _new_txn(order: Order, name: str, number: int, method: Method, plan: Plan, now: datetime) -> Txn:
    return Txn(
        number=number,
        txn_id=f"{order.merchant_id}-{order.order_id}-{name}",
        txn_uuid=_new_uuid(),
        amount=order.price.paid_for(order.amount),
        price=order.price,
        method=method,
        plan=plan,
        created=now,
        last_updated=now,
    )


def _new_uuid() -> str:
    return "moz" + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(10))


_HOLD_ENDS: Final = {
    "CHARGED": ("txn_charged", "ORDER_SUCCEEDED", ("", "")),
    "CAPTURE_FAILED": ("txn_capture_failed", "ORDER_CAPTURE_FAILED", ("CAPTURE_DENIED", "The capture was refused")),
    "VOIDED": ("txn_voided", "ORDER_VOIDED", ("", "")),
    "VOID_FAILED": ("txn_void_failed", "ORDER_VOID_FAILED", ("VOID_DENIED", "The release was refused")),
}
"""For each end of a hold: the effect, the event (contract I.3), and the gateway's code and text (recorded, F.1)."""

_HOLD_ASKED: Final = {
    "CHARGED": ("CAPTURE_FAILED", "CAPTURE_INITIATED", "txn_capture_initiated"),
    "VOIDED": ("VOID_FAILED", "VOID_INITIATED", "txn_void_initiated"),
}
"""For each wished end of a hold: what failing makes of it, what waiting does, and the effect of that (contract L)."""
