"""An order under any inputs in any order, beside an independent model of it."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from unit.builders import refund_id
from unit.model.driver import WRONGS, Driver
from unit.model.money import CLASSES, FULL

from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall

WORDS = st.sampled_from([*CLASSES, "CHARGED", "PENDING_VBV", "SOMETHING_NEW"])
KEYS = st.sampled_from(["k1", "k2"])
AMOUNTS = {refund_id("k1"): 4000, refund_id("k2"): 4000}
LISTINGS = st.sampled_from([*AMOUNTS, "elsewhere", "auto"]).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.sampled_from([AMOUNTS.get(name, 1000), AMOUNTS.get(name, 1000), FULL]),
        st.sampled_from(["PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW", "SOMETHING_NEW"]),
        st.just(name == "auto"),
    )
)
TXNS = st.sampled_from(["t1", "t2", "odd"])
PAID = st.sampled_from([None, None, FULL, 8500, 10_800, 0])
"""With an offer, with a surcharge, with an offer of everything."""
ELIGIBLE = st.sampled_from([None, None, None, FULL, 5000, 0])
ASKED = st.none() | st.integers(0, 12)


class OrderMachine(RuleBasedStateMachine):
    @initialize(begun=st.sampled_from(["new", "paid", "refund sent"]))
    def begin(self, begun: str) -> None:
        self.driver = Driver()
        if begun != "new":
            self.driver.hear("CHARGED")
        if begun == "refund sent":
            self.driver.request(4000)
            self.driver.send()

    @rule(
        word=WORDS,
        asked=ASKED,
        txn=TXNS | st.none(),
        txn_word=st.just("") | WORDS,
        refunds=st.lists(LISTINGS, max_size=2, unique_by=lambda one: one[0]),
        late=st.sampled_from([False, False, True]),
        paid=PAID,
        captured=st.sampled_from([None, 2500, 6000]),
        eligible=ELIGIBLE,
    )
    def hear(self, word: str, **said: Any) -> None:
        self.driver.hear(word, **said)

    @rule(word=WORDS, asked=ASKED, wrong=st.sampled_from(sorted(WRONGS)), paid=PAID)
    def hear_of_something_else(self, word: str, asked: int | None, wrong: str, paid: int | None) -> None:
        self.driver.hear(word, asked=asked, wrong=wrong, paid=paid)

    @rule(
        word=WORDS,
        asked=ASKED,
        refunds=st.lists(LISTINGS, max_size=2, unique_by=lambda one: one[0]),
        wrong=st.none() | st.sampled_from(sorted(WRONGS)),
        eligible=ELIGIBLE,
    )
    def hear_of_refunds(self, word: str, **said: Any) -> None:
        self.driver.hear_of_refunds(word, **said)

    @rule(txn=TXNS, word=WORDS)
    def name_a_payment(self, txn: str, word: str) -> None:
        self.driver.name(txn, word)

    @rule(about=st.sampled_from(["d1", "d2"]), stage=st.sampled_from(["RECEIVED", "CANCELED"]))
    def name_a_dispute(self, about: str, stage: str) -> None:
        self.driver.name(dispute=(about, stage))

    @rule()
    def decline_another_price(self) -> None:
        self.driver.hear("CHARGED", wrong="amount:1")
        self.driver.settle_reason("mismatch:amount:1", Verdict.DECLINED)
        self.driver.hear("CHARGED", wrong="amount:1")

    @rule(asked=ASKED, late=st.booleans())
    def hear_nothing(self, asked: int | None, late: bool) -> None:
        self.driver.hear_nothing(asked=asked, late=late)

    @rule(key=KEYS, minor=st.sampled_from([4000, 4000, 1, FULL, FULL + 1, 0]))
    def request(self, key: str, minor: int) -> None:
        self.driver.request(minor, key)

    @rule(key=KEYS)
    def send(self, key: str) -> None:
        self.driver.send(key)

    @rule(
        key=KEYS,
        last_call=st.sampled_from([LastCall.UNKNOWN, LastCall.NOT_SENT, LastCall.REFUSED]),
        code=st.sampled_from(["", "duplicate.call", "invalid amount", "access_denied"]),
    )
    def end(self, key: str, last_call: LastCall, code: str) -> None:
        self.driver.end(last_call, code if last_call is LastCall.REFUSED else "", key)

    @rule(last_call=st.sampled_from([LastCall.UNKNOWN, LastCall.NOT_SENT]), is_missed=st.booleans())
    def try_again(self, last_call: LastCall, is_missed: bool) -> None:
        self.driver.end(last_call)
        self.driver.jump(1000)
        if is_missed:
            self.driver.hear("CHARGED")
        self.driver.send()

    @rule(number=st.integers(0, 5), verdict=st.sampled_from(Verdict))
    def settle(self, number: int, verdict: Verdict) -> None:
        self.driver.settle(number, verdict)

    @rule(seconds=st.sampled_from([0.5, 5, 31, 1000, 10**6, -3600, -86_400]))
    def jump(self, seconds: float) -> None:
        self.driver.jump(seconds)

    @rule()
    def sign(self) -> None:
        self.driver.sign()

    @rule()
    def hint(self) -> None:
        self.driver.hint()


OrderMachine.TestCase.settings = settings(stateful_step_count=40, max_examples=max(400, settings().max_examples))
TestOrderMachine = pytest.mark.long(OrderMachine.TestCase)
