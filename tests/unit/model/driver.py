"""Drives an order and the model side by side, and compares them after every step.

An assertion that fails here is a defect in one of the two. Mutation tests use the same driver as their oracle.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve as with_changes
from unit.builders import NOW, after_close, at, listed, not_found, opened, refund, refund_id, send, settle, sign, told
from unit.model.money import FULL, MONEY
from unit.model.order import TXN, Model

from paystate.core.evidence import Answer, DisputeClaim, Evidence, OrderAnswer, TxnClaim
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands import refund_commands
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, FactKind, Refused
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order, evolve, fold
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.review.reasons import open_reasons, reasons
from paystate.core.orders.timing import schedule
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DEFAULT

PROVED = ("CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED")
WRONGS: dict[str, dict[str, Any]] = {
    "amount:1": {"amount": "1"},
    "amount:nothing": {"amount": None},
    "currency:USD": {"currency": "USD"},
    "merchant:other": {"merchant_id": "other"},
    "order id:other": {"order_id": "other"},
}
"""Ways for an answer to be somebody else's, by the tail of the reason they open."""
PRICES = {"amount:1": 100}
"""What the order costs by such an answer, in minor units, where it costs anything."""
Listing = tuple[str, int, str, bool]
"""A refund as an answer lists it: id, minor units, word, whether Juspay made it by itself."""


class Driver:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.model = Model()
        self.journal: list[Fact] = []
        self.announced: list[str] = []
        self.order: Order
        opening = decide(None, OpenOrder(opened()), DEFAULT, NOW)
        assert not isinstance(opening, Refused)
        self._commit(None, opening)
        self.check()

    # --- steps --------------------------------------------------------------------------------------------------------

    def hear(self, word: str, **told_so: Any) -> None:
        """An answer to the question of version `asked`, by default the newest; see `_said` for what it may tell."""
        reported = self._said(word, **told_so)
        self._tell(self._evidence(reported), is_void=not self.model.fits(reported))
        self.model.hear(reported)
        self.check()

    def hear_of_refunds(self, word: str, **told_so: Any) -> None:
        """The answer to a refund call."""
        reported = self._said(word, **told_so)
        before = self.order
        self._tell(with_changes(self._evidence(reported), refunds_only=True))
        self.model.hear_of_refunds(reported)
        after = self.order
        assert (before.attempts, before.latest, before.mismatches - _about_refunds(before)) == (
            after.attempts,
            after.latest,
            after.mismatches - _about_refunds(after),
        ), "a refund call's answer moves refunds alone"
        self.check()

    def _said(
        self,
        word: str,
        *,
        asked: int | None = None,
        txn: str | None = "t1",
        txn_word: str = "",
        refunds: Sequence[Listing] = (),
        late: bool = False,
        wrong: str | None = None,
        paid: int | None = None,
        captured: int | None = 6000,
        eligible: int | None = None,
    ) -> dict[str, Any]:
        """What an answer tells, in the model's words; amounts in minor units, None for not told."""
        return {
            "asked": self.order.version if asked is None else min(asked, self.order.version),
            "word": word,
            "txn": named(txn),
            "txn_word": txn_word,
            "refunds": list(refunds),
            "late": late,
            "wrong": wrong,
            "price": PRICES.get(wrong) if wrong and wrong.startswith("amount:") else FULL,
            "paid": paid,
            "captured": captured,
            "eligible": eligible,
        }

    @staticmethod
    def _evidence(reported: dict[str, Any]) -> Evidence:
        rows: list[Listing] = reported["refunds"]
        plain = told(
            reported["word"],
            reported["asked"],
            txn=reported["txn"],
            txn_status=reported["txn_word"],
            refunds=[listed(name, _major(minor), state, automatic=auto) for name, minor, state, auto in rows],
            dated=after_close() if reported["late"] else None,
            **(WRONGS[reported["wrong"]] if reported["wrong"] else {}),
        )
        body = plain.answer.body
        assert isinstance(body, OrderAnswer)
        sums: dict[str, Any] = {name: _decimal(reported[name]) for name in ("paid", "captured", "eligible")}
        odd = with_changes(body, **sums)
        return with_changes(plain, answer=Answer(body=odd, dated=plain.answer.dated))

    def hear_nothing(self, *, asked: int | None = None, late: bool = False) -> None:
        asked = self.order.version if asked is None else min(asked, self.order.version)
        self._tell(not_found(asked, after_close() if late else None))
        self.model.hear_nothing(asked, late)
        self.check()

    def name(self, txn: str | None = None, word: str = "CHARGED", dispute: tuple[str, str] | None = None) -> None:
        """A webhook names a payment, or a chargeback by its id and stage."""
        names = [one for one in [named(txn)] if one is not None]
        before = self.order
        self._decide(
            NoteWebhook(
                txns=tuple(TxnClaim(txn_id=one, status=word) for one in names),
                dispute=DisputeClaim(dispute_id=dispute[0], stage=dispute[1]) if dispute else None,
            )
        )
        self.model.name(names, word, dispute, self.order.version)
        assert (before.attempts, before.refunds, amounts(before)) == (
            self.order.attempts,
            self.order.refunds,
            amounts(self.order),
        ), "a webhook proves nothing"
        self.check()

    def _tell(self, what: Evidence, *, is_void: bool = False) -> None:
        before = self.order
        self._decide(what)
        if is_void:
            assert (before.attempts, before.refunds) == (self.order.attempts, self.order.refunds), "I19"
            assert _mismatches(before) == _mismatches(self.order) or not is_paid(self.order), "I19"
        again = decide(self.order, what, DEFAULT, self.now)
        assert not isinstance(again, Refused)
        assert (None, self.order, ()) == (again.fact, again.after, again.effects), "I15: a duplicate writes nothing"

    def sign(self) -> None:
        self._decide(sign())
        self.check()

    def request(self, minor: int, key: str = "k1") -> None:
        result = self._decide(refund(minor, key))
        if isinstance(result, Refused):
            did = "refused"
        else:
            did = "already so" if result.fact is None else "taken"
            money = amounts(self.order)
            assert did == "already so" or money.reserved <= money.captured, "I3"
        assert self.model.request(refund_id(key), minor, self.now_s, self.order.version) == did
        self.check()

    def send(self, key: str = "k1") -> None:
        if refund_id(key) not in self.order.refunds:
            return
        name, version, is_fit = refund_id(key), self.order.version, self.model.may_send(refund_id(key), self.now_s)
        result = self._decide(send(key))
        if isinstance(result, Refused):
            assert not self.model.may_be_given_up(name), "what no call can have reached Juspay for ends"
            return
        if result.fact is not None and result.fact.kind is FactKind.REFUND_GIVEN_UP:
            assert self.model.may_be_given_up(name), "I6: a refund ends without a call only where none can have left"
            self.model.give_up(name)
        else:
            assert is_fit, "I6: a call that may be one too many"
            self.model.send(name, self.now_s, version + 1)
        self.check()

    def end(self, last_call: LastCall, code: str = "", key: str = "k1") -> None:
        """How the newest call of a refund ended."""
        if refund_id(key) not in self.order.refunds:
            return
        sent = self.order.refunds[refund_id(key)].sent_version
        name = refund_id(key)
        self._decide(
            refund_commands.EndRefundCall(refund_id=name, sent_version=sent, last_call=last_call, refusal=code)
        )
        self.model.end(name, str(last_call), code)
        self.check()

    def settle(self, number: int = 0, verdict: Verdict = Verdict.ACCEPTED) -> None:
        """Settle one of the open reasons, whichever the number falls on."""
        if not (keys := sorted(reason.key for reason in open_reasons(self.order))):
            return
        self.settle_reason(keys[number % len(keys)], verdict)

    def settle_reason(self, key: str, verdict: Verdict) -> None:
        """Settle one reason by its name; one that is not open stays as it is."""
        if key not in self.model.open():
            assert isinstance(self._decide(settle(key, verdict)), Refused), "what is not open cannot be settled"
            return
        is_legal = str(verdict) in self.model.verdicts(key)
        assert is_legal != isinstance(self._decide(settle(key, verdict)), Refused), "a verdict is legal or it is not"
        if is_legal:
            self.model.settle(key, verdict, self.order.version)
        self.check()

    def hint(self) -> None:
        """T0, T1 and T2: only the schedule changes, and only to earlier."""
        wanted = schedule.Schedule(next_look_at=next_at(self.order, DEFAULT, self.now))
        due_at = schedule.hinted(wanted, Asker.WEBHOOK, DEFAULT, self.now).due_at
        assert due_at is not None
        assert wanted.due_at is None or due_at <= wanted.due_at
        self.check()

    def jump(self, seconds: float) -> None:
        self.now_s += seconds
        self.check()

    # --- comparing ----------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Any:
        return NOW + timedelta(seconds=self.now_s)

    def _decide(self, what: Command | Evidence) -> OrderDecision | Refused:
        before = self.order
        result = decide(before, what, DEFAULT, self.now)
        if not isinstance(result, Refused):
            self._commit(before, result)
        return result

    def _commit(self, before: Order | None, result: OrderDecision) -> None:
        if result.fact is None:
            assert before == result.after
            assert () == result.effects
            return
        assert evolve(before, result.fact) == result.after
        self.order = result.after
        self.journal.append(result.fact)
        assert len(self.journal) == self.order.version
        self.announced += [effect.once_key for effect in result.effects]
        if before:
            self._compare_with(before)

    def _compare_with(self, before: Order) -> None:
        assert (before.opened, before.created_at) == (self.order.opened, self.order.created_at), "I9"
        assert status(before) not in PROVED or status(self.order) in PROVED, "I1"
        for name, known in before.attempts.items():
            if known.state in MONEY:
                assert MONEY.index(known.state) <= MONEY.index(self.order.attempts[name].state), "I1"
        ours = [name for name, one in self.order.refunds.items() if one.key is not None]
        assert {refund_id(self.order.refunds[name].key or "") for name in ours} == set(ours), "I4, I6"

    def check(self) -> None:
        """Everything that is derived, against the model."""
        model = self.model.at_rest()
        money, expected = amounts(self.order), model.money()
        assert model.status() == status(self.order)
        assert model.is_paid() == is_paid(self.order)
        assert model.may_goods_go() == may_fulfil(self.order)
        assert expected == {name: getattr(money, name) for name in expected}
        assert model.attempts() == {name: one.state for name, one in self.order.attempts.items()}
        assert {name: one["state"] for name, one in model.refunds.items() if one["state"] != "UNSEEN"} == {
            name: one.state for name, one in self.order.refunds.items()
        }
        assert model.reasons() == {reason.key for reason in reasons(self.order)}
        assert model.open() == {reason.key for reason in open_reasons(self.order)}
        assert len(set(self.announced)) == len(self.announced), "I10"
        assert ("order.paid" in model.told) == ("order.paid" in self.announced), "I10"
        assert ("order.withdrawn" in model.told) == ("order.withdrawn" in self.announced), "I10"
        assert set(self.announced) == {told.once_key for told in self.order.announced}
        assert fold(self.journal) == self.order


def named(txn: str | None) -> str | None:
    """`t1` is the first attempt, as Juspay counts them; any other name counts nothing."""
    return f"{TXN}{txn[1:]}" if txn and txn[0] == "t" and txn[1:].isdigit() else txn


def _mismatches(order: Order) -> set[str]:
    return {reason.key for reason in reasons(order) if reason.kind == ReasonKind.MISMATCH}


def _about_refunds(order: Order) -> frozenset[Any]:
    return frozenset(one for one in order.mismatches if one.refund_id)


def _major(minor: int) -> str:
    return f"{minor / 100:.2f}"


def _decimal(minor: int | None) -> Decimal | None:
    return None if minor is None else Decimal(_major(minor))


__all__ = ["FULL", "WRONGS", "Driver", "at"]
