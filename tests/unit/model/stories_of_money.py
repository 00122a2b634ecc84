"""What happens to an order's money as Juspay tells it, in stories for the core and the model side by side.

Source of what is told: gateway contract, O.1 to O.4.
"""

from collections.abc import Callable

from unit.builders import refund_id
from unit.model.driver import WRONGS, Driver
from unit.model.money import FULL

from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall

RF = refund_id("k1")

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


def two_answers_to_one_question() -> None:
    driver = Driver()
    driver.hear("CHARGED", txn="t2", asked=1)
    driver.hear("AUTO_REFUNDED", txn="t1", asked=1)
    driver.hear("AUTO_REFUNDED", txn="t1")


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


def payments_that_only_a_webhook_calls_made() -> None:
    for word in ("CHARGED", "PENDING_VBV"):
        driver = Driver()
        driver.hear("AUTHORIZATION_FAILED", txn="t2")
        driver.name("t1", word)
        driver.hear("AUTHORIZATION_FAILED", txn="t2")
        driver.name("t1", "CHARGED")
        driver.hear("AUTHORIZATION_FAILED", txn="t1")
        driver.name("t2")
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
    for verdict in (Verdict.DONE, Verdict.NOT_DONE):
        driver = Driver()
        driver.hear("CHARGED")
        driver.name(dispute=("d1", "RESOLVED_IN_CUSTOMER_FAVOUR"))
        driver.settle(0, verdict)
        driver.request(1)


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


def figures_of_one_of_two_payments() -> None:
    driver = Driver()
    driver.hear("CHARGED", txn="t1")
    driver.hear("CHARGED", txn="t2", eligible=3000)
    driver.request(13_001)
    driver.request(13_000, "k2")


def counted_refunds_that_fail() -> None:
    for word in ("FAILURE", "SUCCESS"):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(FULL)
        driver.send()
        driver.hear("CHARGED", eligible=0, refunds=[(RF, FULL, "PENDING", False)])
        driver.hear("CHARGED", refunds=[(RF, FULL, word, False)])
        driver.request(FULL, "k2")
        driver.hear("CHARGED", eligible=0, refunds=[(RF, FULL, word, False)])
        driver.send("k2")


def refunds_that_were_asked_for_before_juspays_own_failed() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.hear("AUTO_REFUNDED", refunds=[("auto", FULL, "FAILURE", True)])
    driver.request(6000, "k2")
    driver.send()
    driver.send("k2")
    driver.settle_reason("auto_refund_failed:auto:1", Verdict.ACCEPTED)
    driver.send()


def a_failed_refund_of_what_no_answer_shows() -> None:
    driver = Driver()
    driver.hear("AUTHORIZATION_FAILED", refunds=[("auto", FULL, "FAILURE", True)])
    driver.request(FULL)
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
        driver = Driver()
        driver.hear("CHARGED")
        for key in ("k1", "k2"):
            driver.request(4000, key)
            driver.send(key)
            driver.end(LastCall.UNKNOWN, key=key)
            driver.jump(100)
        driver.hear("CHARGED", refunds=[("elsewhere", 4000, "PENDING", False)])
        driver.settle(0, Verdict.DONE)
        driver.send("k1")
        driver.send("k2")
        driver.hear("CHARGED", refunds=[("elsewhere", 4000, "FAILURE", False)])
        driver.settle(0, verdict)


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


MONEY_STORIES: tuple[Callable[[], None], ...] = (
    sums_that_are_not_the_price,
    second_charges_with_offers,
    limits_of_juspays_own,
    prices_that_a_person_takes,
    returns_and_their_refunds,
    returns_beside_a_charge,
    two_answers_to_one_question,
    goods_that_were_released_for_money_that_goes_back,
    payments_to_be_explained,
    payments_that_only_a_webhook_calls_made,
    a_payment_that_was_seen_open_and_is_named,
    disputes,
    held_money_that_nobody_can_move,
    cash_after_the_end,
    refunds_whose_money_has_gone,
    figures_of_one_of_two_payments,
    counted_refunds_that_fail,
    refunds_that_were_asked_for_before_juspays_own_failed,
    a_failed_refund_of_what_no_answer_shows,
    refunds_that_wait_for_a_person,
    a_refund_under_another_name,
    answers_to_refund_calls,
    verdicts_that_juspay_denies,
)
