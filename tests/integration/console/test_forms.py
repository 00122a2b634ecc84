"""A form does what it shows, once, and says so when nobody knows whether it was done."""

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from integration.console.desk import Desk, csrf_in, filled, told

from paystate.core.console.proposals import LISTED_MAX, ProposalState
from paystate.core.errors import CommitUnknown, OutcomeUnknown, StorageUnavailable
from paystate.core.evidence import RefundAnswer
from paystate.core.ids import OrderKey

LAMP = "/orders/shop/lamp-1"
KEY = OrderKey("shop", "lamp-1")
LOOK_FIRST = "look at the order before you try again"


@pytest.fixture
async def omar(desk: Desk) -> Desk:
    await desk.signs_in("omar")
    return desk


async def refunded(desk: Desk) -> list[str]:
    return [one["amount"] for one in (await desk.shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]]


async def form(desk: Desk, kind: str, **fields: str) -> dict[str, str]:
    return {**filled((await desk.get(f"{LAMP}/{kind}")).text), "words": "the lamp was broken", **fields}


async def asks(desk: Desk) -> str:
    """Ask for a refund that needs a second person; returns the request's path."""
    fields = await form(desk, "refund?amount=90.00")
    assert (LAMP, "asked") == told(await desk.post(f"{LAMP}/refund", fields))
    return f"/requests/{fields['key']}"


async def is_agreed(desk: Desk, path: str) -> None:
    """A crash comes between agreeing and doing it."""
    await desk.shop.store.decide_proposal(
        path.rpartition("/")[2],
        lambda kept: evolve(kept, state=ProposalState.AGREED, decided_by="zoya", decided_at=desk.shop.clock.now()),
    )


# --- what is shown is what is done


async def test_an_amount_that_is_typed_is_shown_first_and_done_when_it_is_sent_again(omar: Desk) -> None:
    await omar.shop.charged()
    fields = await form(omar, "refund", amount="7.00")
    assert "100.00" == fields["shown"]
    again = await omar.post(f"{LAMP}/refund", fields)
    assert 409 == again.status_code
    assert "Nothing was done: the amount is another one now." in again.text
    assert ">Refund: \u20b97.00</button>" in again.text
    assert ">the lamp was broken</textarea>" in again.text
    assert [] == await refunded(omar)
    fields = {**filled(again.text), "words": "the lamp was broken"}
    assert (LAMP, "refund") == told(await omar.post(f"{LAMP}/refund", fields))
    assert ["7.00"] == await refunded(omar)


async def test_to_see_what_it_would_do_does_nothing_and_keeps_what_was_typed(omar: Desk) -> None:
    await omar.shop.charged()
    fields = await form(omar, "refund?amount=7.00", look="1", words="")
    answer = await omar.post(f"{LAMP}/refund", fields)
    assert 200 == answer.status_code
    assert "7.00" == filled(answer.text)["shown"]
    assert 'class="problem"' not in answer.text
    assert [] == await refunded(omar)


async def test_the_amount_and_the_words_are_outside_of_what_is_drawn_anew(omar: Desk) -> None:
    await omar.shop.charged()
    before, _, drawn_anew = (await omar.get(f"{LAMP}/refund")).text.partition('<div id="decide">')
    assert 'name="amount"' in before
    assert 'name="words"' in before
    assert 'name="shown"' in drawn_anew


async def test_a_capture_of_a_part_tells_what_it_gives_up_and_needs_two_people_for_that(omar: Desk) -> None:
    await omar.shop.held()
    html = (await omar.get(f"{LAMP}/capture?amount=0.01")).text
    assert "The rest of the held money, \u20b999.99, would be given up" in html
    assert ">Ask a second person: \u20b90.01, and give up \u20b999.99</button>" in html
    answer = await omar.post(f"{LAMP}/capture", {**filled(html), "words": "one paisa"})
    assert (LAMP, "asked") == told(answer)
    assert [] == (await omar.shop.get("/v1/orders/lamp-1")).json()["holds"]


async def test_words_with_joiners_come_back_as_they_were_typed(omar: Desk) -> None:
    await omar.shop.charged()
    words = "\u0928\u094d\u200d\u092f \U0001f468\u200d\U0001f469 \u00ad<b>"
    answer = await omar.post(f"{LAMP}/refund", await form(omar, "refund?amount=1", amount="2", words=words))
    assert f">{words.replace('<b>', '&lt;b&gt;')}</textarea>" in answer.text


# --- nobody knows whether it was done


async def test_a_commit_whose_answer_is_lost_is_not_told_as_nothing_done(
    omar: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await omar.shop.charged()
    transact, fields = omar.shop.store.transact, await form(omar, "refund?amount=30.00")

    async def loses_its_answer(key: OrderKey, fn: Any) -> Any:
        await transact(key, fn)
        raise CommitUnknown("it may be stored")

    monkeypatch.setattr(omar.shop.store, "transact", loses_its_answer)
    answer = await omar.post(f"{LAMP}/refund", fields)
    assert 503 == answer.status_code
    assert LOOK_FIRST in answer.text
    assert "Nothing was changed" not in answer.text
    assert ["30.00"] == await refunded(omar)


async def test_what_is_agreed_to_and_then_fails_is_listed_until_it_is_done(
    omar: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await omar.shop.charged()
    path = await asks(omar)
    await omar.signs_in("asha")
    with monkeypatch.context() as broken:

        async def is_gone(*_: object) -> object:
            raise StorageUnavailable("gone")

        fields = filled((await omar.get(path)).text)
        broken.setattr(omar.shop.store, "transact", is_gone)
        assert LOOK_FIRST in (await omar.post(f"{path}/agree", fields)).text
    for page in ("/", "/requests", LAMP):
        html = (await omar.get(page)).text
        assert f'href="{path}"' in html
        assert "Agreed, not done" in html
    assert (LAMP, "refund") == told(await omar.sends(path, f"{path}/agree"))
    assert ["90.00"] == await refunded(omar)
    assert f'href="{path}"' not in (await omar.get("/requests")).text


async def test_a_juspay_that_gives_no_answer_leaves_the_form_as_it_was(omar: Desk) -> None:
    await omar.shop.charged()
    order = omar.shop.gateway.orders["lamp-1"]
    in_review = RefundAnswer(refund_id="r-1", amount=Decimal("40.00"), status="MANUAL_REVIEW")
    omar.shop.gateway.orders["lamp-1"] = evolve(order, refunds=(in_review,))
    await omar.shop.post("/v1/orders/lamp-1/look")
    (reason,) = (await omar.shop.get("/v1/orders/lamp-1/review")).json()["reasons"]
    fields = await form(omar, f"settle?reason={reason['key']}&verdict=done")
    omar.shop.gateway.fault = OutcomeUnknown("down")
    answer = await omar.post(f"{LAMP}/settle", fields)
    assert 503 == answer.status_code
    assert "Juspay gave no answer, so nothing is changed." in answer.text
    assert ">the lamp was broken</textarea>" in answer.text


# --- requests that are open, and forms that come again


@pytest.mark.parametrize("who", ["asha", "omar"])
async def test_what_was_agreed_to_and_not_done_is_declined_or_taken_back(omar: Desk, who: str) -> None:
    await omar.shop.charged()
    path = await asks(omar)
    await is_agreed(omar, path)
    await omar.signs_in(who)
    assert 303 == (await omar.sends(path, f"{path}/decline")).status_code
    await omar.signs_in("zoya")
    assert 409 == (await omar.post(f"{path}/agree", {"csrf": csrf_in((await omar.get("/")).text)})).status_code
    assert [] == await refunded(omar)


async def test_what_was_done_is_not_declined_and_its_page_does_not_tell_what_it_would_do(omar: Desk) -> None:
    await omar.shop.charged()
    path = await asks(omar)
    await omar.signs_in("asha")
    assert "What it would do now" in (await omar.get(path)).text
    await omar.sends(path, f"{path}/agree")
    html = (await omar.get(path)).text
    assert "What it would do now" not in html
    assert f'action="{path}/decline"' not in html
    assert 409 == (await omar.post(f"{path}/decline", {"csrf": csrf_in((await omar.get("/")).text)})).status_code
    assert ProposalState.AGREED == (await omar.shop.store.proposals_of(KEY))[0].state


async def test_a_request_that_is_sent_again_is_the_same_request(omar: Desk) -> None:
    await omar.shop.charged()
    fields = await form(omar, "refund?amount=90.00")
    for _ in range(2):
        assert (LAMP, "asked") == told(await omar.post(f"{LAMP}/refund", fields))
    assert 1 == len(await omar.shop.store.proposals_of(KEY))


@pytest.mark.parametrize("is_declined", [True, False])
async def test_a_form_that_was_decided_or_asks_for_another_sum_asks_nobody(omar: Desk, is_declined: bool) -> None:
    await omar.shop.charged()
    fields = await form(omar, "refund?amount=90.00")
    await omar.post(f"{LAMP}/refund", fields)
    if is_declined:
        path = f"/requests/{fields['key']}"
        await omar.sends(path, f"{path}/decline")
    other = fields if is_declined else {**fields, "amount": "95.00", "shown": "95.00"}
    answer = await omar.post(f"{LAMP}/refund", other)
    assert 409 == answer.status_code
    assert "This form was sent before" in answer.text


async def test_a_verdict_that_is_sent_twice_is_settled_once(omar: Desk) -> None:
    await omar.shop.opened()
    omar.shop.gateway.says("lamp-1", "CHARGED", "1.00")
    await omar.shop.post("/v1/orders/lamp-1/look")
    (reason,) = (await omar.shop.get("/v1/orders/lamp-1/review")).json()["reasons"]
    fields = await form(omar, f"settle?reason={reason['key']}&verdict=accepted")
    for _ in range(2):
        assert (LAMP, "settle") == told(await omar.post(f"{LAMP}/settle", fields))
    assert 409 == (await omar.post(f"{LAMP}/settle", {**fields, "verdict": "declined"})).status_code


async def test_where_more_requests_wait_than_are_listed_it_is_said(omar: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await omar.shop.charged()
    await asks(omar)
    more = "There are more than are shown here."
    assert more not in (await omar.get("/requests")).text
    assert LISTED_MAX > 1
    monkeypatch.setattr("paystate.entrypoints.console.proposal_rows.LISTED_MAX", 1)
    for page in ("/", "/requests"):
        assert more in (await omar.get(page)).text
