"""Random histories of held money against a Juspay of a few lines: nothing is taken twice, and all comes to an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.builders import NOW, new_order, open_keys, sign
from unit.orders.holds.holding import capture, says, void

from paystate.core.evidence import Evidence
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.hold_commands import EndHoldCall, SendHoldCall
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, Refused
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.held_money import last_operation, state_of
from paystate.core.orders.hold import HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import Order, fold
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import SendHold, next_at, next_step
from paystate.core.policy import DEFAULT

HELD = ("AUTHORIZED", "CAPTURE_FAILED", "VOID_FAILED")
FATES = ("answered", "lost", "no effect", "late effect", "not sent", "at the door", "fails", "pending")
MOVES = ("capture", "part", "void", "work", "look", "ask", "hear", "settle", "wait")


@define
class Juspay:
    """The truth: a hold of 100.00 that one capture or one release ends."""

    word: str = "AUTHORIZED"
    taken: int = 0
    by: list[str] = field(factory=list[str])
    pending: HoldOperation | None = None
    late: list[HoldOperation] = field(factory=list[HoldOperation])

    def takes(self, call: HoldOperation) -> bool:
        """Carry a call out; False where the hold is over, or somebody is at work on it."""
        if self.word not in HELD:
            return False
        self.by.append(call.hold_id)
        if call.kind is HoldKind.VOID:
            self.word = "VOIDED"
        else:
            self.taken += call.amount_minor
            self.word = "CHARGED" if call.is_whole else "PARTIAL_CHARGED"
        return True

    def settle(self, *, works: bool) -> None:
        """What was slow comes to its end."""
        if self.pending:
            call, self.pending, self.word = self.pending, None, "AUTHORIZED"
            if works:
                self.takes(call)
            else:
                self.word = "CAPTURE_FAILED" if call.kind is HoldKind.CAPTURE else "VOID_FAILED"
        while self.late:
            self.takes(self.late.pop())


class History:
    """One order, its worker and its Juspay."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.juspay = Juspay()
        self.answers: list[Evidence] = []
        opening = decide(None, OpenOrder(new_order().opened), DEFAULT, NOW)
        assert not isinstance(opening, Refused)
        assert opening.fact
        self.journal: list[Fact] = [opening.fact]
        self.order: Order = opening.after
        self.decide(sign())
        self.look()

    def decide(self, what: Command | Evidence) -> bool:
        """Take one input; False where the rules refuse it."""
        before = self.order
        result = decide(before, what, DEFAULT, self.now)
        if isinstance(result, Refused):
            return False
        self.order = result.after
        if result.fact:
            self.journal.append(result.fact)
        if isinstance(what, Evidence):
            again = decide(self.order, what, DEFAULT, self.now)
            assert not isinstance(again, Refused)
            assert again.fact is None, "the same answer again writes nothing"
        return True

    def answer(self, hold_id: str = "") -> Evidence:
        told = self.juspay
        captured = f"{told.taken / 100:.2f}" if told.word == "PARTIAL_CHARGED" else None
        evidence = says(told.word, self.order.version, captured=captured, dated=self.now)
        return Evidence(asked=evidence.asked, answer=evidence.answer, hold_id=hold_id)

    def look(self) -> None:
        self.decide(self.answer())

    def work(self, fate: str) -> None:
        """What the worker does with what is due now."""
        step = next_step(self.order, DEFAULT, self.now)
        if not isinstance(step, SendHold):
            self.look()
            return
        before = self.order.holds[step.hold_id]
        assert self.decide(SendHoldCall(step.hold_id))
        self._may_be_sent(before)
        self.call(self.order.holds[step.hold_id], fate)

    def _may_be_sent(self, before: HoldOperation) -> None:
        """A call goes out only where no call before it can be having an effect that nobody has looked for."""
        if before.tries and before.last_call is not LastCall.NOT_SENT:
            told = self.order.attempts["t1"].observations["HELD"]
            assert told.asked_last >= before.sent_version

    def call(self, sent: HoldOperation, fate: str) -> None:
        juspay = self.juspay
        if fate in ("not sent", "at the door"):
            code = "rate_limited" if fate == "at the door" else ""
            self.ended(sent, LastCall.REFUSED if code else LastCall.NOT_SENT, code)
        elif juspay.word not in HELD:
            self.ended(sent, LastCall.REFUSED, "Invalid")
        elif fate == "fails":
            juspay.word = "CAPTURE_FAILED" if sent.kind is HoldKind.CAPTURE else "VOID_FAILED"
            self.decide(self.answer(sent.hold_id))
        elif fate == "pending":
            juspay.word = "CAPTURE_INITIATED" if sent.kind is HoldKind.CAPTURE else "VOID_INITIATED"
            juspay.pending = sent
            self.decide(self.answer(sent.hold_id))
        elif fate == "answered":
            juspay.takes(sent)
            self.decide(self.answer(sent.hold_id))
        else:
            if fate == "lost":
                juspay.takes(sent)
            if fate == "late effect":
                juspay.late.append(sent)
            self.ended(sent, LastCall.UNKNOWN)

    def ended(self, sent: HoldOperation, last_call: LastCall, refusal: str = "") -> None:
        end = EndHoldCall(hold_id=sent.hold_id, sent_version=sent.sent_version, last_call=last_call, refusal=refusal)
        self.decide(end)

    def move(self, name: str, fate: str, number: int) -> None:
        key = f"c{number}"
        if name in ("capture", "part", "void"):
            before = last_operation(self.order)
            what = void(key) if name == "void" else capture(6000 if name == "part" else None, key)
            is_new = what.hold_id not in self.order.holds
            if self.decide(what) and is_new and before:
                assert state_of(self.order, before) is not HoldState.REQUESTED, "one at a time"
        elif name == "work":
            self.work(fate)
        elif name == "look":
            self.look()
        elif name == "ask":
            self.answers.append(self.answer())
        elif name == "hear" and self.answers:
            self.decide(self.answers.pop(number % len(self.answers)))
        elif name == "settle":
            self.juspay.settle(works=fate != "fails")
        elif name == "wait":
            self.now += timedelta(seconds=7 * number)

    def comes_to_rest(self) -> None:
        """Nothing goes wrong any more: the worker alone, by its own plan, brings everything to its end."""
        self.juspay.settle(works=True)
        for _ in range(80):
            wanted = next_at(self.order, DEFAULT, self.now)
            if wanted is None or wanted > NOW + timedelta(hours=12):
                return
            self.now = max(self.now, wanted)
            self.work("answered")


histories = st.lists(
    st.tuples(st.sampled_from(MOVES), st.sampled_from(FATES), st.integers(1, 3)), min_size=3, max_size=25
)


@settings(max_examples=400, deadline=None)
@given(moves=histories)
def test_nothing_is_taken_twice_and_every_operation_comes_to_its_end(moves: list[tuple[str, str, int]]) -> None:
    history = History()
    for move in moves:
        history.move(*move)
    history.comes_to_rest()
    order, juspay = history.order, history.juspay
    assert fold(history.journal) == order
    assert len(juspay.by) <= 1
    assert juspay.taken == amounts(order).captured
    assert HoldState.REQUESTED not in {state_of(order, one) for one in order.holds.values()}
    ended_by = last_operation(order)
    if juspay.by and ended_by and juspay.by == [ended_by.hold_id]:
        assert HoldState.DONE == state_of(order, ended_by)
        assert (ended_by.kind is HoldKind.CAPTURE, []) == (is_paid(order), open_keys(order))
    if not juspay.by:
        assert "AUTHORIZED" == status(order)


@settings(max_examples=200, deadline=None)
@given(moves=histories, data=st.data())
def test_answers_under_way_leave_the_same_whatever_comes_first(
    moves: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    history = History()
    for move in moves:
        if move[0] != "hear":
            history.move(*move)
    one, other = history.order, history.order
    for answers, is_first in ((history.answers, True), (data.draw(st.permutations(history.answers)), False)):
        order = history.order
        for answer in answers:
            result = decide(order, answer, DEFAULT, history.now)
            assert not isinstance(result, Refused)
            order = result.after
        one, other = (order, other) if is_first else (one, order)
    assert (one.holds, one.attempts, open_keys(one)) == (other.holds, other.attempts, open_keys(other))
    assert [state_of(one, op) for op in one.holds.values()] == [state_of(other, op) for op in other.holds.values()]
