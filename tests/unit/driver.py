"""Drives an order and the model side by side, and compares them after every step.

An assertion that fails here is a defect in one of the two. Mutation tests use the same driver as their oracle.
"""

from datetime import timedelta
from typing import Any

from unit.builders import NOW, after_close, at, listed, not_found, opened, refund, refund_id, send, settle, sign, told
from unit.model import FULL, MONEY, PARTLY, Model

from paystate.core import refunding, schedule
from paystate.core.amounts import amounts
from paystate.core.commands import Command, OpenOrder, Verdict, decide
from paystate.core.deciding import OrderDecision
from paystate.core.derived import status
from paystate.core.evidence import Evidence
from paystate.core.facts import Fact, Refused
from paystate.core.fulfilment import is_paid
from paystate.core.order import Order, evolve, fold
from paystate.core.policy import DEFAULT
from paystate.core.refund import LastCall
from paystate.core.review import open_reasons, reasons

PROVED = ("CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED")
WRONGS: dict[str, dict[str, Any]] = {
    "amount:1": {"amount": "1"},
    "amount:nothing": {"amount": None},
    "currency:USD": {"currency": "USD"},
    "merchant:other": {"merchant_id": "other"},
    "order id:other": {"order_id": "other"},
    "status number:99": {"status_id": 99},
}
"""Ways for an answer to be somebody else's, by the tail of the reason they open."""


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

    def hear(
        self,
        word: str,
        *,
        asked: int | None = None,
        txn: str | None = "t1",
        txn_word: str = "",
        refunds: list[tuple[str, int, str, bool]] | None = None,
        late: bool = False,
        wrong: str | None = None,
    ) -> None:
        """An answer to the question of version `asked`, by default the newest."""
        asked = self.order.version if asked is None else min(asked, self.order.version)
        rows = refunds or []
        what = told(
            word,
            asked,
            txn=txn,
            txn_status=txn_word,
            refunds=[listed(name, f"{minor / 100:.2f}", state, automatic=auto) for name, minor, state, auto in rows],
            captured=f"{PARTLY / 100:.2f}",
            dated=after_close() if late else None,
            **(WRONGS[wrong] if wrong else {}),
        )
        self._tell(what, is_void=wrong is not None)
        said = {"asked": asked, "word": word, "txn": txn, "txn_word": txn_word, "refunds": rows, "late": late}
        self.model.hear(said | {"wrong": wrong})
        self.check()

    def hear_nothing(self, *, asked: int | None = None, late: bool = False) -> None:
        asked = self.order.version if asked is None else min(asked, self.order.version)
        self._tell(not_found(asked, after_close() if late else None))
        self.model.hear_nothing(asked, late)
        self.check()

    def _tell(self, what: Evidence, *, is_void: bool = False) -> None:
        before = self.order
        self._decide(what)
        if is_void:
            assert (before.attempts, before.refunds) == (self.order.attempts, self.order.refunds), "I19"
            assert before.mismatches == self.order.mismatches or not is_paid(self.order), "I19"
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
            assert did == "already so" or money.held <= money.captured, "I3"
        assert self.model.request(refund_id(key), minor) == did
        self.check()

    def send(self, key: str = "k1") -> None:
        if refund_id(key) not in self.order.refunds:
            return
        version, is_fit = self.order.version, self.model.may_send(refund_id(key), self.now_s)
        if isinstance(self._decide(send(key)), Refused):
            return
        assert is_fit, "I6: a call that may be one too many"
        self.model.send(refund_id(key), self.now_s, version + 1)
        self.check()

    def end(self, last_call: LastCall, code: str = "", key: str = "k1") -> None:
        """How the newest call of a refund ended."""
        if refund_id(key) not in self.order.refunds:
            return
        sent = self.order.refunds[refund_id(key)].sent_version
        name = refund_id(key)
        self._decide(refunding.EndRefundCall(refund_id=name, sent_version=sent, last_call=last_call, refusal=code))
        self.model.end(name, str(last_call), code)
        self.check()

    def settle(self, number: int = 0, verdict: Verdict = Verdict.ACCEPTED) -> None:
        """Settle one of the open reasons, whichever the number falls on."""
        if not (keys := sorted(reason.key for reason in open_reasons(self.order))):
            return
        key = keys[number % len(keys)]
        if not isinstance(self._decide(settle(key, verdict)), Refused):
            self.model.settle(key, verdict, self.order.version)
        self.check()

    def hint(self) -> None:
        """T0, T1 and T2: only the schedule changes, and only to earlier."""
        wanted = schedule.Schedule(next_look_at=schedule.next_at(self.order, DEFAULT, self.now))
        due_at = schedule.hinted(wanted, DEFAULT, self.now).due_at
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
        money, expected = amounts(self.order), self.model.money()
        assert self.model.status() == status(self.order)
        assert self.model.is_paid() == is_paid(self.order)
        assert expected == {"captured": money.captured, "refunded": money.refunded, "held": money.held,
                            "automatic": money.automatic}  # fmt: skip
        assert max(0, expected["captured"] - expected["held"]) == money.refundable
        assert self.model.attempts() == {name: one.state for name, one in self.order.attempts.items()}
        assert {name: one["state"] for name, one in self.model.refunds.items() if one["state"] != "UNSEEN"} == {
            name: one.state for name, one in self.order.refunds.items()
        }
        assert self.model.reasons() == {reason.key for reason in reasons(self.order)}
        assert self.model.open() == {reason.key for reason in open_reasons(self.order)}
        assert len(set(self.announced)) == len(self.announced), "I10"
        assert self.model.was_paid == ("order.paid" in self.announced), "I10"
        assert set(self.announced) == self.order.announced
        assert fold(self.journal) == self.order


__all__ = ["FULL", "PARTLY", "WRONGS", "Driver", "at"]
