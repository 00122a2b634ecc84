"""The bank behind the page: a one-time password, a phone that scans, a bank that says what no shopper can (ours)."""

from __future__ import annotations

import pytest
from integration.sandbox.page.reading import CARD, answer_bank, follow, opened, pay, read
from integration.sandbox.playing import Player

UPI = {"kind": "upi", "upi": "success@upi"}


# --- a card's one-time password


@pytest.mark.parametrize("password", ["123456", "000000", " 123456 "])
async def test_the_password_of_the_test_cards_lets_a_payment_through(player: Player, password: str) -> None:
    await answer_bank(player, await pay(player, await opened(player), **CARD), answer="approve", otp=password)
    assert "CHARGED" == (await player.status())["status"]


@pytest.mark.parametrize("password", ["", "111111"])
async def test_a_wrong_password_is_told_at_its_field_and_may_be_tried_again(player: Player, password: str) -> None:
    at_bank = await pay(player, await opened(player), **CARD)
    answer = await answer_bank(player, at_bank, answer="approve", otp=password)
    told = read(answer).described("otp")[-1]
    assert (400, "That is not the password that we sent. Tries left: 2.") == (answer.status_code, told)
    assert "PENDING_VBV" == (await player.status())["status"]
    await answer_bank(player, at_bank, answer="approve", otp="123456")
    assert "CHARGED" == (await player.status())["status"]


async def test_after_three_wrong_passwords_the_bank_gives_up(player: Player) -> None:
    at_bank = await pay(player, await opened(player), **CARD)
    answers = [await answer_bank(player, at_bank, answer="approve", otp="1") for _ in range(3)]
    assert [400, 400, 303] == [one.status_code for one in answers]
    assert "AUTHENTICATION_FAILED" == (await player.status())["status"]


async def test_a_wrong_password_after_the_payment_changes_nothing(player: Player) -> None:
    at_bank = await pay(player, await opened(player), **CARD)
    for password in ("123456", "1", "1", "1"):
        await answer_bank(player, at_bank, answer="approve", otp=password)
    assert "CHARGED" == (await player.status())["status"]


# --- a phone


async def test_a_qr_code_leads_to_the_phone_and_the_page_goes_on_by_itself(player: Player) -> None:
    path = await opened(player)
    at_bank = await pay(player, path, kind="intent")
    page = await follow(player, at_bank)
    phone = next(str(one.attributes["href"]) for one in page.all("a") if "UPI app" in one.text)
    assert ("QR code of this payment", True) == (
        next(one.attributes["aria-label"] for one in page.all("div") if one.attributes.get("role") == "img"),
        any(one.tag == "path" for one in page.elements),
    )
    assert {"stage": "bank"} == (await player.http.get(f"{path}/attempt/1/stage")).json()
    assert "Pay ₹100.00 to bakery?" == read(await player.http.get(phone)).heading()
    assert "You approved it." == read(await player.http.post(phone, data={"answer": "approve"})).heading()
    assert {"stage": "ended"} == (await player.http.get(f"{path}/attempt/1/stage")).json()
    back = await player.http.get(f"{path}/attempt/1")
    assert (303, True) == (back.status_code, "status=CHARGED" in back.headers["location"])


async def test_a_collect_request_has_no_code_to_scan(player: Player) -> None:
    page = await follow(player, await pay(player, await opened(player), **UPI))
    assert ("Approve it in your UPI app", []) == (page.heading(), list(page.all("svg")))


async def test_declined_on_the_phone_the_request_is_closed(player: Player) -> None:
    at_bank = await pay(player, await opened(player), **UPI)
    phone = at_bank.headers["location"].replace("/bank/", "/phone/")
    for answer in ("decline", "approve"):
        page = read(await player.http.post(phone, data={"answer": answer}))
        assert "This request is closed." == page.heading()
    assert "AUTHENTICATION_FAILED" == (await player.status())["status"]


async def test_without_a_script_the_waiting_page_looks_again_by_itself(player: Player) -> None:
    page = await follow(player, await pay(player, await opened(player), **UPI))
    assert ["5"] == [
        one.attributes["content"] for one in page.all("meta") if one.attributes.get("http-equiv") == "refresh"
    ]


@pytest.mark.parametrize("place", ["bank", "phone"])
async def test_a_payment_that_nobody_made_is_a_page_that_says_so(player: Player, place: str) -> None:
    answer = await player.http.get(f"{await opened(player)}/{place}/mozNothing00")
    assert (404, True) == (answer.status_code, "no such payment" in answer.text)


# --- what the bank says


async def says(player: Player, path: str, word: str) -> int:
    return (await player.http.post(f"{path}/bank-says", data={"says": word})).status_code


async def sayable(player: Player, path: str) -> list[str]:
    page = read(await player.http.get(f"{path}/bank-says"))
    return [str(one.attributes["value"]) for one in page.all("button") if one.attributes.get("name") == "says"]


@pytest.mark.parametrize(
    ("word", "at_first", "a_minute_later"),
    [
        ("charge", "CHARGED", "CHARGED"),
        ("refuse", "AUTHORIZATION_FAILED", "AUTHORIZATION_FAILED"),
        ("pending_charge", "PENDING_VBV", "CHARGED"),
        ("pending_refuse", "PENDING_VBV", "AUTHORIZATION_FAILED"),
        ("late_charge", "AUTHORIZATION_FAILED", "CHARGED"),
    ],
)
async def test_the_bank_decides_how_a_payment_ends(
    player: Player, word: str, at_first: str, a_minute_later: str
) -> None:
    path = await opened(player)
    await pay(player, path, **UPI)
    assert 200 == await says(player, path, word)
    assert at_first == (await player.status())["status"]
    player.clock.advance(60)
    assert a_minute_later == (await player.status())["status"]


@pytest.mark.parametrize(("word", "status"), [("success", "CHARGED"), ("failure", "AUTHORIZATION_FAILED")])
async def test_a_payment_is_pending_for_days_until_the_bank_says_how_it_ended(
    player: Player, word: str, status: str
) -> None:
    path = await opened(player)
    await pay(player, path, **UPI)
    await says(player, path, "stuck")
    player.clock.advance(3 * 86400)
    assert ("PENDING_VBV", ["success", "failure"]) == ((await player.status())["status"], await sayable(player, path))
    await says(player, path, word)
    assert status == (await player.status())["status"]


async def test_a_failed_payment_succeeds_late(player: Player) -> None:
    path = await opened(player)
    await pay(player, path, **UPI)
    await says(player, path, "refuse")
    assert ["late_success"] == await sayable(player, path)
    await says(player, path, "late_success")
    assert "CHARGED" == (await player.status())["status"]


@pytest.mark.parametrize(
    ("word", "attempts", "refunds"),
    [
        ("second", ["CHARGED", "CHARGED"], []),
        ("second_back", ["CHARGED", "AUTO_REFUNDED"], ["SUCCESS"]),
        ("second_stuck", ["CHARGED", "AUTO_REFUNDED"], ["FAILURE"]),
        ("refund_fails", ["AUTO_REFUNDED"], ["FAILURE"]),
    ],
)
async def test_more_happens_to_a_paid_order(player: Player, word: str, attempts: list[str], refunds: list[str]) -> None:
    await player.paid()
    path = f"/payment-page/order/{(await player.status())['id']}"
    assert 200 == await says(player, path, word)
    truth = await player.truth()
    assert (attempts, refunds) == (
        [one["status"] for one in truth["attempts"]],
        [one["status"] for one in truth["refunds"]],
    )


@pytest.mark.parametrize("form", [{"says": "second"}, {"says": "anything"}, {}, {"surcharge": "lots"}])
async def test_what_the_bank_cannot_say_now_changes_nothing(player: Player, form: dict[str, str]) -> None:
    path = await opened(player)
    answer = await player.http.post(f"{path}/bank-says", data=form)
    assert 400 == answer.status_code
    assert any(one.attributes.get("role") == "alert" for one in read(answer).elements)
    assert ["order_created"] == await player.effects()


async def test_what_the_bank_has_said_is_told(player: Player) -> None:
    path = await opened(player)
    told = (await player.http.post(f"{path}/bank-says", data={"surcharge": "7.50"})).text
    assert '<div class="alert good" role="status"' in told
    assert "The next payment comes to what stands above." in told
    await pay(player, path, **UPI)
    told = (await player.http.post(f"{path}/bank-says", data={"says": "refuse"})).text
    assert "<p>The bank has said: It failed.</p>" in told
    assert "<title>Done: What the bank says" in told


async def test_a_surcharge_comes_too_late_for_a_payment_under_way(player: Player) -> None:
    path = await opened(player)
    await pay(player, path, **UPI)
    assert 400 == (await player.http.post(f"{path}/bank-says", data={"surcharge": "7.50"})).status_code
    assert "100.00" == (await player.truth())["payable"]
