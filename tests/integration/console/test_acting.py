"""What people do to orders: with a role, a reason and their name; and above a limit with a second person."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve
from integration.console.desk import Desk, csrf_in, filled, told

from paystate.core.console.proposals import EXPIRES, ProposalState
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.requester import Requester

LAMP = "/orders/shop/lamp-1"
KEY = OrderKey("shop", "lamp-1")


async def refunds(desk: Desk) -> list[dict[str, Any]]:
    return (await desk.shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]


async def newest_fact(desk: Desk) -> Any:
    return (await desk.shop.store.journal(KEY))[-1].fact


async def asks_for(desk: Desk, amount: str = "90.00", words: str = "the lamp was broken") -> str:
    """Ask for a refund that needs a second person; returns the request's path."""
    answer = await desk.sends(f"{LAMP}/refund?amount={amount}", f"{LAMP}/refund", words=words)
    assert (LAMP, "asked") == told(answer)
    (waiting, *_) = await desk.shop.store.proposals_of(KEY)
    return f"/requests/{waiting.proposal_id}"


async def agreed_by_zoya(desk: Desk, path: str) -> None:
    """As it is kept, when a crash comes before anything is done."""
    await desk.shop.store.decide_proposal(
        path.rpartition("/")[2], lambda kept: evolve(kept, state=ProposalState.AGREED, decided_by="zoya")
    )


async def test_a_refund_is_reserved_with_the_person_s_name_and_reason(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/refund?amount=12.50", f"{LAMP}/refund", words="the lamp was broken")
    assert (LAMP, "refund") == told(answer)
    assert ["12.50"] == [one["amount"] for one in await refunds(desk)]
    fact = await newest_fact(desk)
    assert ("omar (console)", "", "the lamp was broken") == (fact.by.person, fact.by.key_id, fact.note)


async def test_a_form_that_is_sent_twice_refunds_once(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    fields = {**filled((await desk.get(f"{LAMP}/refund?amount=12.50")).text), "words": "twice"}
    for _ in range(2):
        assert 303 == (await desk.post(f"{LAMP}/refund", fields)).status_code
    assert 1 == len(await refunds(desk))


@pytest.mark.parametrize("amount", ["", "0", "-1", "1.234", "1e2", "all", "100.01"])
async def test_an_amount_that_will_not_do_changes_nothing(desk: Desk, amount: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/refund?amount=1", f"{LAMP}/refund", words="x", amount=amount)
    assert answer.status_code in (409, 422)
    assert [] == await refunds(desk)


@pytest.mark.parametrize("words", ["", "   ", "x" * 801, "card 4242 4242 4242 4242", "turned \u202e around"])
async def test_a_reason_is_needed_and_told_at_its_field(desk: Desk, words: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/refund?amount=1", f"{LAMP}/refund", words=words)
    assert 422 == answer.status_code
    assert 'id="words-problem"' in answer.text
    assert 'aria-describedby="words-hint words-problem"' in answer.text
    assert [] == await refunds(desk)


async def test_a_viewer_looks_and_does_nothing(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("vik")
    html = (await desk.get(LAMP)).text
    assert "Ask Juspay now" not in html
    assert f'href="{LAMP}/refund"' not in html
    csrf = csrf_in(html)
    for path in (f"{LAMP}/look", f"{LAMP}/refund", "/requests/r/agree", "/requests/r/decline"):
        assert 403 == (await desk.post(path, {"csrf": csrf, "words": "x", "amount": "1", "key": "k"})).status_code
    assert 403 == (await desk.get(f"{LAMP}/refund")).status_code


async def test_held_money_is_captured_in_part_and_released(desk: Desk) -> None:
    await desk.shop.held()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/capture?amount=40.00", f"{LAMP}/capture", words="one lamp of two")
    assert (LAMP, "capture") == told(answer)
    assert [("capture", "40.00")] == [
        (one["kind"], one["amount"]) for one in (await desk.shop.get("/v1/orders/lamp-1")).json()["holds"]
    ]


async def test_held_money_is_released_within_the_limit(desk: Desk) -> None:
    await desk.shop.held(amount="50.00")
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/void", f"{LAMP}/void", words="sold out")
    assert (LAMP, "void") == told(answer)


async def test_an_unpaid_order_is_cancelled(desk: Desk) -> None:
    await desk.shop.opened()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/cancel", f"{LAMP}/cancel", words="the customer called")
    assert (LAMP, "cancel") == told(answer)
    order = (await desk.shop.get("/v1/orders/lamp-1")).json()
    assert "omar (console)" == order["cancelled_by"]["person"]


async def test_what_a_rule_refuses_is_told_with_the_rule(desk: Desk) -> None:
    await desk.shop.opened()
    await desk.signs_in("omar")
    fields = {**filled((await desk.get(f"{LAMP}/cancel")).text), "words": "late"}
    desk.shop.gateway.says("lamp-1", "CHARGED")
    await desk.shop.post("/v1/orders/lamp-1/look")
    answer = await desk.post(f"{LAMP}/cancel", fields)
    assert 409 == answer.status_code
    assert "Nothing was done." in answer.text
    assert "(rule S2)" in answer.text


async def test_a_review_reason_is_settled(desk: Desk) -> None:
    await desk.shop.opened()
    desk.shop.gateway.says("lamp-1", "CHARGED", "1.00")
    await desk.shop.post("/v1/orders/lamp-1/look")
    await desk.signs_in("omar")
    html = (await desk.get(LAMP)).text
    link = html.partition(f'href="{LAMP}/settle?')[2].partition('"')[0].replace("&amp;", "&")
    answer = await desk.sends(f"{LAMP}/settle?{link}", f"{LAMP}/settle", words="seen at the bank")
    assert (LAMP, "settle") == told(answer)
    (settled,) = [one for one in (await desk.shop.get("/v1/orders/lamp-1/review")).json()["reasons"] if one["settled"]]
    assert ("omar (console)", "seen at the bank") == (settled["settled"]["by"], settled["settled"]["note"])


async def test_what_is_above_the_limit_waits_and_moves_nothing(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    await asks_for(desk)
    assert [] == await refunds(desk)
    assert "Waiting for a second person" in (await desk.get("/")).text


async def test_what_a_rule_refuses_waits_for_nobody(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    fields = {**filled((await desk.get(f"{LAMP}/refund?amount=90.00")).text), "words": "x"}
    assert 201 == (await desk.shop.refund("50.00", "r-1")).status_code
    answer = await desk.post(f"{LAMP}/refund", fields)
    assert (409, True) == (answer.status_code, "Nothing was done." in answer.text)
    assert [] == list(await desk.shop.store.proposals_of(KEY))


async def test_exactly_the_limit_needs_one_person(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/refund?amount=80.00", f"{LAMP}/refund", words="x")
    assert (LAMP, "refund") == told(answer)


async def test_small_refunds_do_not_add_up_past_the_limit(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    await desk.sends(f"{LAMP}/refund?amount=50.00", f"{LAMP}/refund", words="x")
    await asks_for(desk, "30.01")
    assert ["50.00"] == [one["amount"] for one in await refunds(desk)]


async def test_a_second_person_agrees_and_both_names_are_in_the_journal(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await desk.signs_in("asha")
    answer = await desk.sends(path, f"{path}/agree")
    assert (LAMP, "refund") == told(answer)
    (refund,) = await refunds(desk)
    assert "90.00" == refund["amount"]
    assert {"person": "omar (console)", "key_id": "", "agreed_by": "asha (console)"} == refund["asked_by"]
    fact = await newest_fact(desk)
    assert (Requester("omar (console)", agreed_by="asha (console)"), "the lamp was broken") == (fact.by, fact.note)
    html = (await desk.get(LAMP)).text
    assert "asked for by omar (console), agreed to by asha (console): the lamp was broken" in html
    assert "It was asked for by omar (console), agreed to by asha (console)." in html


async def test_to_agree_twice_refunds_once(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    for name in ("asha", "zoya"):
        await desk.signs_in(name)
        csrf = csrf_in((await desk.get("/")).text)
        await desk.post(f"{path}/agree", {"csrf": csrf})
    assert 1 == len(await refunds(desk))


async def test_nobody_agrees_to_their_own_request(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("asha")
    path = await asks_for(desk)
    html = (await desk.get(path)).text
    assert f'action="{path}/agree"' not in html
    answer = await desk.post(f"{path}/agree", filled(html))
    assert 409 == answer.status_code
    assert "A second person must agree." in answer.text
    assert [] == await refunds(desk)


async def test_an_operator_agrees_to_nothing(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("asha")
    path = await asks_for(desk)
    await desk.signs_in("omar")
    csrf = csrf_in((await desk.get("/")).text)
    for what in ("agree", "decline"):
        answer = await desk.post(f"{path}/{what}", {"csrf": csrf})
        assert 409 == answer.status_code
        assert "Only an admin may agree or decline." in answer.text
    assert [] == await refunds(desk)


async def test_a_request_expires(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    desk.shop.clock.advance(int(EXPIRES.total_seconds()))
    await desk.signs_in("asha")
    csrf = csrf_in((await desk.get("/")).text)
    answer = await desk.post(f"{path}/agree", {"csrf": csrf})
    assert 409 == answer.status_code
    assert "it has expired" in answer.text
    assert [] == await refunds(desk)


@pytest.mark.parametrize("who", ["asha", "omar"])
async def test_a_request_is_declined_or_taken_back_and_then_nobody_may_agree(desk: Desk, who: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await desk.signs_in(who)
    assert "/requests" == (await desk.sends(path, f"{path}/decline")).headers["location"]
    await desk.signs_in("zoya")
    csrf = csrf_in((await desk.get("/")).text)
    assert 409 == (await desk.post(f"{path}/agree", {"csrf": csrf})).status_code
    assert [] == await refunds(desk)


async def test_what_was_agreed_to_before_a_crash_is_carried_out_by_an_admin(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await agreed_by_zoya(desk, path)
    await desk.signs_in("asha")
    assert (LAMP, "refund") == told(await desk.sends(path, f"{path}/agree"))
    assert ["90.00"] == [one["amount"] for one in await refunds(desk)]
    assert "zoya (console)" == (await newest_fact(desk)).by.agreed_by
    assert f'action="{path}/agree"' not in (await desk.get(path)).text


async def test_what_was_agreed_to_and_not_done_is_done_within_its_day_or_never(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await agreed_by_zoya(desk, path)
    desk.shop.clock.advance(int(EXPIRES.total_seconds()))
    await desk.signs_in("asha")
    html = (await desk.get(path)).text
    assert f'action="{path}/agree"' not in html
    assert 409 == (await desk.post(f"{path}/agree", {"csrf": csrf_in(html)})).status_code
    assert [] == await refunds(desk)


async def test_a_release_of_another_sum_than_was_asked_for_is_not_done(desk: Desk) -> None:
    await desk.shop.held()
    await desk.signs_in("omar")
    await desk.sends(f"{LAMP}/void", f"{LAMP}/void", words="sold out")
    (waiting,) = await desk.shop.store.proposals_of(KEY)
    path = f"/requests/{waiting.proposal_id}"
    await desk.shop.store.decide_proposal(waiting.proposal_id, lambda kept: evolve(kept, money=Money(9_000, "INR")))
    await desk.signs_in("asha")
    answer = await desk.sends(path, f"{path}/agree")
    assert 409 == answer.status_code
    assert "The sum is another one than when it was asked for." in answer.text
    assert [] == (await desk.shop.get("/v1/orders/lamp-1")).json()["holds"]
    assert ProposalState.WAITING == (await desk.shop.store.proposals_of(KEY))[0].state


async def test_a_sum_that_changes_between_the_question_and_the_lock_is_not_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    answers = iter([True])  # to the question before the lock; under it, no more
    monkeypatch.setattr("paystate.core.use_cases.console.act.is_as_asked", lambda *_: next(answers, False))
    await desk.signs_in("asha")
    assert 409 == (await desk.sends(path, f"{path}/agree")).status_code
    assert [] == await refunds(desk)


async def test_nobody_agrees_with_somebody_who_was_put_out_meanwhile(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await desk.shop.store.change_console_user("omar", lambda kept: evolve(kept, disabled_at=desk.shop.clock.now()))
    await desk.signs_in("asha")
    answer = await desk.sends(path, f"{path}/agree")
    assert 409 == answer.status_code
    assert "Whoever asked may not act any more." in answer.text
    assert [] == await refunds(desk)


async def test_two_refunds_at_once_do_not_pass_the_limit_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    transact = desk.shop.store.transact

    async def after_another(key: OrderKey, fn: Any) -> Any:
        monkeypatch.setattr(desk.shop.store, "transact", transact)
        assert 201 == (await desk.shop.refund("50.00", "r-1")).status_code
        return await transact(key, fn)

    form = f"{LAMP}/refund?amount=50.00"
    fields = {**filled((await desk.get(form)).text), "words": "x"}
    monkeypatch.setattr(desk.shop.store, "transact", after_another)
    assert (LAMP, "asked") == told(await desk.post(f"{LAMP}/refund", fields))
    assert ["50.00"] == [one["amount"] for one in await refunds(desk)]


async def test_a_form_that_is_sent_again_asks_nobody_for_what_was_done(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    fields = {**filled((await desk.get(f"{LAMP}/refund?amount=50.00")).text), "words": "twice"}
    for _ in range(2):
        assert (LAMP, "refund") == told(await desk.post(f"{LAMP}/refund", fields))
    assert ["50.00"] == [one["amount"] for one in await refunds(desk)]
    assert [] == list(await desk.shop.store.proposals_of(KEY))


async def test_the_key_of_a_small_refund_carries_no_large_one_past_the_limit(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    fields = {**filled((await desk.get(f"{LAMP}/refund?amount=1.00")).text), "words": "x"}
    assert 303 == (await desk.post(f"{LAMP}/refund", fields)).status_code
    answer = await desk.post(f"{LAMP}/refund", {**fields, "amount": "90.00", "shown": "90.00"})
    assert 409 == answer.status_code
    assert ["1.00"] == [one["amount"] for one in await refunds(desk)]


@pytest.mark.parametrize("key", ["", "k", "../requests", "a" * 36, "what if"])
async def test_a_form_whose_key_is_not_ours_does_nothing(desk: Desk, key: str) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    answer = await desk.sends(f"{LAMP}/refund?amount=1", f"{LAMP}/refund", words="x", key=key)
    assert 422 == answer.status_code
    assert [] == await refunds(desk)


async def test_a_reason_of_several_lines_is_kept_as_one(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    await desk.sends(f"{LAMP}/refund?amount=1", f"{LAMP}/refund", words=" the lamp \r\n\r\n was broken\n")
    assert "the lamp was broken" == (await newest_fact(desk)).note


@pytest.mark.parametrize(
    "form",
    [
        *("refund", "refund?amount=0", "refund?amount=1.5", "capture", "void", "cancel"),
        *("settle", "settle?reason=x&verdict=x", "settle?reason=x&verdict=done"),
        f"settle?reason={'r' * 3000}&verdict=done",
    ],
)
@pytest.mark.parametrize("is_paid", [False, True])
async def test_every_form_opens_and_promises_only_what_is_then_done(desk: Desk, form: str, is_paid: bool) -> None:
    await (desk.shop.charged() if is_paid else desk.shop.opened())
    await desk.signs_in("omar")
    kind = form.partition("?")[0]
    html = (await desk.get(f"{LAMP}/{form}")).text
    assert "What it would do" in html or 'class="problem"' in html
    promises = '<button class="wide">' in html.rpartition(f'<form method="post" action="{LAMP}/{kind}">')[2]
    query = dict(parse_qsl(form.partition("?")[2]))
    answer = await desk.sends(f"{LAMP}/{form}", f"{LAMP}/{kind}", words="x", **({} if promises else query))
    assert promises is (303 == answer.status_code)


async def test_a_request_whose_merchant_is_not_set_up_any_more_leads_nowhere(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    path = await asks_for(desk)
    await desk.signs_in("asha")
    csrf = csrf_in((await desk.get("/")).text)
    desk.shop.runtime.current = evolve(desk.shop.runtime.current, merchants={})
    assert 404 == (await desk.get(path)).status_code
    assert 404 == (await desk.post(f"{path}/agree", {"csrf": csrf})).status_code
    assert ProposalState.WAITING == (await desk.shop.store.proposals_of(KEY))[0].state
    assert "omar" in (await desk.get("/")).text


async def test_an_order_has_no_more_than_twenty_requests_that_wait(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("omar")
    for _ in range(20):
        await asks_for(desk)
    answer = await desk.sends(f"{LAMP}/refund?amount=90.00", f"{LAMP}/refund", words="x")
    assert 409 == answer.status_code
    assert "Too many requests about this order wait" in answer.text
