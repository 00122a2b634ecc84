"""What happens to an order, told to the core and to the model side by side; a story fails where the two differ.

Mutation tests break the core and tell all of them again.
"""

from collections.abc import Callable

from attrs import evolve
from unit.builders import NOW, at, refund_id
from unit.model.driver import WRONGS, Driver
from unit.model.money import FULL
from unit.model.stories_of_money import MONEY_STORIES

from paystate.adapters.signing import return_url
from paystate.core.errors import SignatureInvalid
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing import schedule
from paystate.core.orders.timing.look_budget import Asker, BegunLook
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT

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
    looks = tuple(BegunLook(at(second - 40), Asker.WEBHOOK) for second in range(10))
    once = schedule.hinted(Schedule(next_look_at=at(600), looks=looks), Asker.WEBHOOK, DEFAULT, NOW)
    later = schedule.hinted(once, Asker.WEBHOOK, DEFAULT, at(30))
    assert at(20) == once.due_at == later.due_at
    assert not schedule.claimed(later, DEFAULT, at(19))[1]
    assert [True] * 4 + [False] == _burst(6) + _burst(10)
    driver = Driver()
    driver.hint()
    driver.sign()
    driver.hint()


def _burst(already: int) -> list[bool]:
    looks = (BegunLook(NOW, Asker.WEBHOOK),) * already
    kept, results = Schedule(hint_at=NOW, hint_by=Asker.WEBHOOK, looks=looks), []
    for _ in range(10 - already or 1):
        kept, begun = schedule.claimed(evolve(kept, hint_at=NOW, next_look_at=None), DEFAULT, NOW)
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
        *MONEY_STORIES,
    )
}
