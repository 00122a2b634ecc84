"""What happens to an order, told to the core and to the model side by side; a story fails where the two differ.

Mutation tests spoil the core and tell all of them again.
"""

from collections.abc import Callable

from attrs import evolve
from unit.builders import NOW, at, refund_id
from unit.driver import WRONGS, Driver
from unit.model_money import FULL

from paystate.adapters.signing import return_url
from paystate.core import schedule
from paystate.core.commands import Verdict
from paystate.core.errors import SignatureInvalid
from paystate.core.policy import DEFAULT
from paystate.core.refund import LastCall
from paystate.core.schedule import Schedule

RF = refund_id("k1")
RF2 = refund_id("k2")


def answers_of_others() -> None:
    for wrong in WRONGS:
        driver = Driver()
        driver.hear("CHARGED", wrong=wrong)
        driver.hear("CHARGED")
        driver.request(100)
        driver.settle()
        driver.request(100)


def answers_out_of_order() -> None:
    driver = Driver()
    for _ in range(6):
        driver.sign()
    driver.hear("PENDING_VBV", asked=4)
    driver.hear("AUTHORIZATION_FAILED", asked=2)
    driver.hear("AUTHORIZED", asked=3, txn="t2")
    driver.hear("SOMETHING_NEW")
    driver.hear_nothing()
    driver.hear("CHARGED", asked=1)
    driver.hear("AUTHORIZATION_FAILED")
    driver.hear("PARTIAL_CHARGED")
    driver.hear("AUTO_REFUNDED")
    driver.hear("CHARGED")


def words_of_transactions() -> None:
    driver = Driver()
    driver.hear("PENDING_VBV", txn_word="CHARGED")
    driver.hear("PARTIAL_CHARGED", txn_word="CHARGED")
    driver.request(100)
    driver.settle()
    driver.hear("CHARGED", txn="t2", txn_word="AUTHORIZATION_FAILED")
    driver.hear("CHARGED", txn="t3", txn_word="AUTO_REFUNDED")
    driver.hear("CHARGED", txn="t2")


def end_of_life() -> None:
    driver = Driver()
    driver.jump(10**6)
    driver.hear("AUTHORIZATION_FAILED")
    driver.hear("AUTHORIZATION_FAILED", late=True)
    driver.hear("CHARGED", late=True)


def refunds_beyond_what_was_captured() -> None:
    driver = Driver()
    driver.request(100)
    driver.hear("CHARGED")
    driver.request(6000)
    driver.request(6000)
    driver.request(5000)
    driver.request(6000, "k2")
    driver.request(4000, "k2")
    driver.hear("CHARGED", refunds=[("elsewhere", FULL, "PENDING", False)])
    driver.request(1, "k3")
    driver.hear("CHARGED", refunds=[(RF, 6000, "FAILURE", False), (RF2, 4000, "SUCCESS", False)])
    driver.request(1, "k3")


def refunds_by_juspay() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.hear("CHARGED", txn="t2", txn_word="AUTO_REFUNDED")
    driver.request(FULL + 1)
    driver.hear("CHARGED", txn="t2", txn_word="AUTO_REFUNDED", refunds=[("auto", FULL, "PENDING", True)])
    driver.request(FULL + 1)
    driver.request(FULL)
    driver.hear("AUTO_REFUNDED", refunds=[("auto", FULL, "SUCCESS", True)])
    driver = Driver()
    driver.hear("CHARGED", refunds=[("auto", 4000, "SUCCESS", True)])
    driver.request(6001)
    driver.request(6000)


def calls_of_unknown_outcome() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.request(4000, "k2")
    driver.send()
    driver.send("k2")
    driver.end(LastCall.UNKNOWN)
    driver.jump(1000)
    driver.send()
    driver.hear("CHARGED", asked=1)
    driver.send()
    driver.hear("CHARGED")
    driver.send()
    driver.send("k2")
    driver.end(LastCall.REFUSED, "invalid amount")
    driver.jump(6)
    driver.send("k2")
    driver.end(LastCall.REFUSED, "duplicate.call", "k2")
    driver.hear("CHARGED", refunds=[(RF, 4000, "SUCCESS", False), (RF2, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False), (RF2, 4000, "MANUAL_REVIEW", False)])


def a_refused_call() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(FULL)
    driver.send()
    driver.end(LastCall.REFUSED, "invalid amount")
    driver.request(FULL, "k2")
    driver.send("k2")
    driver.end(LastCall.REFUSED, "duplicate.call", "k2")
    driver.request(FULL, "k3")
    driver.hear("CHARGED", refunds=[(RF2, 4999, "SUCCESS", False)])


def calls_until_a_person_is_asked() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    for _ in range(13):
        driver.send()
        driver.end(LastCall.NOT_SENT)
        driver.jump(1000)
    driver.send()
    driver.end(LastCall.UNKNOWN)
    driver.jump(1000)
    driver.hear("CHARGED")
    driver.send()
    assert 15 == driver.model.refunds[RF]["tries"]
    driver.settle(0, Verdict.DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "FAILURE", False)])
    driver.settle()
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)])


def calls_that_tell_nothing() -> None:
    for ends in (True, False):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        for _ in range(13):
            driver.send()
            if ends:
                driver.end(LastCall.UNKNOWN)
            driver.jump(1000)
            driver.hear("CHARGED")
        assert 12 == driver.model.refunds[RF]["tries"]


def verdicts_on_a_refund() -> None:
    for verdict in (Verdict.DONE, Verdict.NOT_DONE):
        for word in ("MANUAL_REVIEW", "SOMETHING_NEW"):
            driver = Driver()
            driver.hear("CHARGED")
            driver.request(4000)
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.settle(0, verdict)
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.settle(0, verdict)
            driver.hear("CHARGED", refunds=[(RF, 4000, "SUCCESS", False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, "FAILURE", False)])
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.hear("CHARGED", refunds=[(RF, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)], asked=driver.order.version - 1)
    driver.hear("CHARGED", refunds=[(RF, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    settled_at = driver.order.version
    driver.hear("CHARGED")
    for asked, word in ((settled_at + 1, "MANUAL_REVIEW"), (settled_at, "PENDING"), (None, "MANUAL_REVIEW")):
        driver.hear("CHARGED", refunds=[(RF, 4000, word, False)], asked=asked)
    assert "MANUAL_REVIEW" == driver.model.refunds[RF]["state"]


def denials() -> None:
    driver = Driver()
    driver.hear_nothing()
    driver.hear("NEW")
    driver.hear_nothing()
    driver.settle()
    driver.hear("CHARGED")
    driver.hear("CHARGED", txn_word="PENDING_VBV")
    driver.request(1)
    driver.settle()
    driver.request(1)
    driver.hear("AUTHORIZATION_FAILED", txn="t2")
    driver.request(1, "k2")
    driver.settle()
    driver.request(1, "k2")
    driver.hear("CHARGED", refunds=[("elsewhere", 100, "SUCCESS", False)])
    driver.hear("CHARGED", refunds=[("elsewhere", 100, "PENDING", False)])
    driver.request(1, "k3")
    for word in ("PARTIAL_CHARGED", "AUTO_REFUNDED"):
        driver = Driver()
        driver.hear("CHARGED")
        driver.hear(word, txn="t2")
        driver.request(1)
        driver.settle()
        driver.hear("CHARGED")


def money_without_a_name() -> None:
    for first, then in (("CHARGED", "AUTO_REFUNDED"), ("PARTIAL_CHARGED", "CHARGED"), ("CHARGED", "PARTIAL_CHARGED")):
        for names in ((None, "t1"), ("t1", None)):
            driver = Driver()
            driver.hear(first, txn=names[0])
            driver.hear(then, txn=names[1])
            driver.hear("CHARGED", refunds=[("auto", FULL, "PENDING", True), ("elsewhere", 100, "SUCCESS", False)])


def many_hints() -> None:
    kept = Schedule(next_look_at=at(600), looks=tuple(at(second - 40) for second in range(20)))
    once = schedule.hinted(kept, DEFAULT, NOW)
    later = schedule.hinted(once, DEFAULT, at(30))
    assert at(20) == once.due_at == later.due_at
    assert not schedule.claimed(later, DEFAULT, at(19))[1]
    assert [True] * 6 + [False] == _burst(14) + _burst(20)
    driver = Driver()
    driver.hint()
    driver.sign()
    driver.hint()


def _burst(already: int) -> list[bool]:
    kept, results = Schedule(hint_at=NOW, looks=(NOW,) * already), []
    for _ in range(20 - already or 1):
        kept, begun = schedule.claimed(evolve(kept, hint_at=NOW), DEFAULT, NOW)
        results.append(begun)
    return results


def a_forged_return_url() -> None:
    verifier = return_url.ReturnUrlVerifier(["SBX-RESPONSE-KEY-0001"])
    signed = {
        "order_id": "ord7f3a91c2",
        "status": "CHARGED",
        "status_id": "21",
        "signature": "5s4UldNHiPPqZsE6ojCEYgCE4oJNQFGCwzVE7nDJYOo=",
        "signature_algorithm": "HMAC-SHA256",
    }
    assert "CHARGED" == verifier.verify(list(signed.items()))["status"]
    for name, value in (("status", "NEW"), ("order_id", "ord7f3a91c3"), ("signature", "A" * 43 + "=")):
        try:
            verifier.verify(list((signed | {name: value}).items()))
        except SignatureInvalid:
            continue
        raise AssertionError(f"a forged {name} was taken")


# --- what was paid ----------------------------------------------------------------------------------------------------


def sums_that_are_not_the_price() -> None:
    for paid in (8500, 10_800, 0):
        driver = Driver()
        driver.hear("CHARGED", paid=paid)
        driver.hear("CHARGED")
        driver.request(FULL)
        driver.request(8501, "k2")
        driver.hear("CHARGED", paid=paid, refunds=[("elsewhere", min(paid, FULL), "SUCCESS", False)])
    for captured in (None, 2500):
        driver = Driver()
        driver.hear("PARTIAL_CHARGED", captured=captured, paid=FULL)
        driver.settle()
        driver.request(2501)
        driver.request(2500)
        driver.hear("PARTIAL_CHARGED", captured=captured, refunds=[(RF, 2500, "SUCCESS", False)])


def second_charges_with_offers() -> None:
    for paid in (8500, 4000):
        driver = Driver()
        driver.hear("CHARGED", paid=paid)
        driver.hear("CHARGED", txn="t2", paid=paid)
        driver.request(paid + 1)


def limits_of_juspays_own() -> None:
    driver = Driver()
    driver.hear("CHARGED", eligible=5000)
    driver.request(4000)
    driver.request(1001, "k2")
    driver.hear("CHARGED", refunds=[("elsewhere", 2000, "SUCCESS", False)])
    driver.send()
    driver.hear("CHARGED", eligible=7000, refunds=[("elsewhere", 2000, "SUCCESS", False)], asked=1)
    driver.hear("CHARGED", eligible=7000, refunds=[("auto", FULL, "SUCCESS", True)])
    driver.request(3001, "k2")
    driver.request(3000, "k2")


def prices_that_a_person_takes() -> None:
    for verdict in (Verdict.ACCEPTED, Verdict.DECLINED):
        driver = Driver()
        driver.hear("CHARGED", wrong="amount:1", paid=50)
        driver.settle_reason("mismatch:amount:1", Verdict.DONE)
        driver.settle_reason("mismatch:amount:1", verdict)
        driver.hear("CHARGED", wrong="amount:1", paid=50)
        driver.request(51)
        driver.request(50)
        driver.hear("CHARGED", wrong="currency:USD")


# --- what Juspay gives back by itself ---------------------------------------------------------------------------------


def returns_and_their_refunds() -> None:
    for word in ("PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW"):
        driver = Driver()
        driver.hear("AUTO_REFUNDED", paid=10_800)
        driver.hear("AUTO_REFUNDED", refunds=[("auto", 10_800, word, True)])
        driver.request(10_800)
        driver.send()
        driver.hear("AUTO_REFUNDED", refunds=[("auto", 10_800, word, True), ("auto2", 10_800, "SUCCESS", True)])
    driver = Driver()
    failed = [("auto", FULL, "FAILURE", True), ("auto2", FULL, "FAILURE", True)]
    driver.hear("AUTO_REFUNDED", refunds=failed)
    driver.settle()
    driver.request(FULL)
    driver.request(1, "k2")


def returns_beside_a_charge() -> None:
    for word in ("PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW"):
        driver = Driver()
        driver.hear("CHARGED", refunds=[("auto", FULL, word, True)])
        driver.settle()
        driver.request(FULL)
        driver.request(FULL, "k2")
        driver.hear("AUTO_REFUNDED", txn="t2", refunds=[("auto", FULL, "SUCCESS", True)])


def goods_that_were_released_for_money_that_goes_back() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.hear("AUTO_REFUNDED", refunds=[("auto", FULL, "SUCCESS", True)])
    driver.settle()
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(FULL)
    driver.hear("CHARGED", refunds=[(RF, FULL, "FAILURE", False)])


# --- what webhooks and words tell -------------------------------------------------------------------------------------


def payments_to_be_explained() -> None:
    driver = Driver()
    driver.name("odd")
    driver.hear("CHARGED", txn="t2")
    driver.hear("AUTHORIZATION_FAILED", txn="t1")
    driver.settle()
    driver.hear("VOIDED", txn="odd")
    driver.name("odd")
    driver.name("t3")
    driver.hear("CHARGED", txn="t3")


def a_payment_that_was_seen_open_and_is_named() -> None:
    driver = Driver()
    driver.hear("PENDING_VBV", txn="odd")
    driver.hear("CHARGED")
    driver.name("odd")


def disputes() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.name(dispute=("d1", "RECEIVED"))
    driver.send()
    driver.request(1, "k2")
    driver.settle()
    driver.send()
    driver.name(dispute=("d1", "CANCELED"))
    driver.request(1, "k2")
    driver.settle()
    driver.request(1, "k2")


def held_money_that_nobody_can_move() -> None:
    for word in ("CAPTURE_FAILED", "VOID_FAILED"):
        driver = Driver()
        driver.hear("AUTHORIZED")
        driver.hear(word)
        driver.settle()
        driver.hear("AUTHORIZED", late=True)
        driver = Driver()
        driver.hear(word, txn=None)
        driver.hear("CHARGED")


def cash_after_the_end() -> None:
    driver = Driver()
    driver.hear("COD_INITIATED", paid=10_800)
    driver.hear("COD_INITIATED", late=True)


# --- refunds that evidence overtakes ----------------------------------------------------------------------------------


def refunds_whose_money_has_gone() -> None:
    for is_sent in (False, True):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        if is_sent:
            driver.send()
            driver.end(LastCall.UNKNOWN)
        driver.hear("CHARGED", refunds=[("elsewhere", FULL, "SUCCESS", False)])
        driver.jump(1000)
        driver.send()
        driver.settle_reason(f"over_refunded:14000:{FULL}", Verdict.ACCEPTED)
        driver.send()
        driver.settle()
        driver.hear("CHARGED", refunds=[("elsewhere", FULL, "SUCCESS", False), (RF, 4000, "PENDING", False)])
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.hear("CHARGED", eligible=0)
    driver.send()


def refunds_that_wait_for_a_person() -> None:
    for wrong in ("currency:USD", None):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        driver.hear("PENDING_VBV", wrong=wrong)
        driver.send()
        driver.settle()
        driver.send()


def a_refund_under_another_name() -> None:
    for verdict in (Verdict.DONE, Verdict.NOT_DONE):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        driver.send()
        driver.end(LastCall.UNKNOWN)
        driver.jump(100)
        driver.hear("CHARGED", refunds=[("elsewhere", 4000, "SUCCESS", False)])
        driver.send()
        driver.settle(0, verdict)
        driver.send()


def answers_to_refund_calls() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.send()
    for wrong in WRONGS:
        driver.hear_of_refunds("CHARGED", wrong=wrong, refunds=[(RF, 4000, "SUCCESS", False)])
    driver.hear_of_refunds("PENDING_VBV", eligible=0, refunds=[(RF, 4000, "PENDING", False)])
    driver.hear_of_refunds("AUTO_REFUNDED", refunds=[(RF, 4000, "SUCCESS", False)])


def verdicts_that_juspay_denies() -> None:
    for again in (Verdict.DONE, Verdict.NOT_DONE):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        driver.hear("CHARGED", refunds=[(RF, 4000, "MANUAL_REVIEW", False)])
        driver.settle(0, Verdict.DONE)
        for word in ("FAILURE", "PENDING"):
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
        driver.settle(0, Verdict.ACCEPTED)
        driver.settle(0, again)
        for word in ("PENDING", "FAILURE", "SUCCESS"):
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])


STORIES: dict[str, Callable[[], None]] = {
    story.__name__: story
    for story in (
        answers_of_others,
        answers_out_of_order,
        words_of_transactions,
        end_of_life,
        refunds_beyond_what_was_captured,
        refunds_by_juspay,
        calls_of_unknown_outcome,
        a_refused_call,
        calls_until_a_person_is_asked,
        calls_that_tell_nothing,
        verdicts_on_a_refund,
        denials,
        money_without_a_name,
        many_hints,
        a_forged_return_url,
        sums_that_are_not_the_price,
        second_charges_with_offers,
        limits_of_juspays_own,
        prices_that_a_person_takes,
        returns_and_their_refunds,
        returns_beside_a_charge,
        goods_that_were_released_for_money_that_goes_back,
        payments_to_be_explained,
        a_payment_that_was_seen_open_and_is_named,
        disputes,
        held_money_that_nobody_can_move,
        cash_after_the_end,
        refunds_whose_money_has_gone,
        refunds_that_wait_for_a_person,
        a_refund_under_another_name,
        answers_to_refund_calls,
        verdicts_that_juspay_denies,
    )
}
