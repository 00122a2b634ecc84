"""What a person does to an order at the console, as the command that the rules decide."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

from attrs import field, frozen

from paystate.core.ids import OrderKey, hold_id_for, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import CancelOrder
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.facts import said_by
from paystate.core.orders.held_money import held_attempt, held_minor
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.requester import Requester
from paystate.core.text import says_something

REASON_MAX: Final = 800
"""Characters of a person's words, which become a note."""


class ActionKind(StrEnum):
    """What is done."""

    REFUND = "refund"
    CAPTURE = "capture"
    VOID = "void"
    CANCEL = "cancel"
    SETTLE = "settle"


MOVES_MONEY: Final = frozenset({ActionKind.REFUND, ActionKind.CAPTURE, ActionKind.VOID})
"""Kinds that a limit may hold until a second person agrees."""


@frozen(kw_only=True)
class Action:
    """One thing a person wants done.

    Attributes:
        key: The idempotency key: the same again is the same refund, capture or release.
        amount: Of a refund, and of a capture of a part; None for all that is held.
        reason: The review reason to settle, by its key; `""` for other kinds.
        verdict: How it is settled; None for other kinds.
        words: Why, 1 to `REASON_MAX` characters.

    Raises:
        ValueInvalid: `validation_failed` at `/words`.
    """

    kind: ActionKind
    key: str
    amount: Money | None = None
    reason: str = ""
    verdict: Verdict | None = None
    words: str = field(validator=says_something(REASON_MAX))

    def command(self, order: OrderKey, by: Requester) -> Command:
        """The command that the rules decide on."""
        note = self.words
        match self.kind:
            case ActionKind.REFUND:
                assert self.amount is not None  # noqa: S101 - a refund is always of an amount
                refund_id = refund_id_for(order.merchant_id, self.key)
                return RequestRefund(key=self.key, refund_id=refund_id, amount=self.amount, by=by, note=note)
            case ActionKind.CAPTURE:
                hold_id = hold_id_for(order.merchant_id, self.key)
                return RequestCapture(key=self.key, hold_id=hold_id, amount=self.amount, by=by, note=note)
            case ActionKind.VOID:
                hold_id = hold_id_for(order.merchant_id, self.key)
                return RequestVoid(key=self.key, hold_id=hold_id, by=by, note=note)
            case ActionKind.CANCEL:
                return CancelOrder(by=by, note=note)
            case ActionKind.SETTLE:
                assert self.verdict is not None  # noqa: S101 - a reason is always settled with a verdict
                return Settle(reason=self.reason, verdict=self.verdict, by=by, note=note)
            case _:
                assert_never(self.kind)

    def moves(self, order: Order) -> Money:
        """How much money it moves; nothing for kinds that move none."""
        currency = order.amount.currency
        if self.kind not in MOVES_MONEY:
            return Money(0, currency)
        if self.amount is not None:
            return self.amount
        held = held_attempt(order)
        return Money(held_minor(order, held) if held else 0, currency)

    def gives_up(self, order: Order) -> Money:
        """What a capture of a part leaves: it is let go, and nobody can take it any more."""
        held, currency = held_attempt(order), order.amount.currency
        if self.kind is not ActionKind.CAPTURE or self.amount is None or held is None:
            return Money(0, currency)
        return Money(max(0, held_minor(order, held) - self.amount.amount_minor), currency)

    def was_said(self, order: Order, by: Requester) -> bool:
        """Whether this person has settled the reason with this verdict already."""
        said = order.settled.get(self.reason)
        return said is not None and (said.verdict, said_by(said)) == (self.verdict, by)

    def was_taken(self, order: Order) -> bool:
        """Whether the order has it already, under its key. Kinds that have no key of their own are never taken so."""
        match self.kind:
            case ActionKind.REFUND:
                return refund_id_for(order.opened.merchant_id, self.key) in order.refunds
            case ActionKind.CAPTURE | ActionKind.VOID:
                return hold_id_for(order.opened.merchant_id, self.key) in order.holds
            case ActionKind.CANCEL | ActionKind.SETTLE:
                return False
            case _:
                assert_never(self.kind)

    def counts(self, order: Order) -> Money:
        """What the limit is held against: a refund counts with all that has gone back of the order, or is about to.

        So many small refunds are no way around a second person, and neither is a small capture, which gives up the
        rest. What was taken already counts nothing: sent once more, it moves nothing.
        """
        if self.was_taken(order):
            return Money(0, order.amount.currency)
        money = self.moves(order)
        if self.kind is ActionKind.REFUND:
            return Money(money.amount_minor + amounts(order).reserved, money.currency)
        return max(money, self.gives_up(order), key=lambda one: one.amount_minor)
