"""Once more: a double click, the back button, a reload, a closed tab, a second tab, another try (all ours)."""

from __future__ import annotations

from integration.sandbox.page.reading import CARD, answer_bank, follow, opened, pay, read
from integration.sandbox.playing import Player

UPI = {"kind": "upi", "upi": "success@upi"}
REFUSED = {"kind": "upi", "upi": "failure@upi"}


async def test_a_double_click_starts_one_payment_and_ends_at_its_bank(player: Player) -> None:
    path = await opened(player)
    first, second = [await player.http.post(f"{path}/pay", data={**UPI, "attempt": "1"}) for _ in range(2)]
    again = await player.http.get(second.headers["location"])
    assert first.headers["location"] == again.headers["location"]
    assert ["order_created", "txn_started"] == await player.effects()


async def test_a_form_sent_again_after_the_payment_changes_nothing(player: Player) -> None:
    path = await opened(player)
    await answer_bank(player, await pay(player, path, **UPI), answer="approve")
    again = await player.http.post(f"{path}/pay", data={**UPI, "attempt": "1"})
    ended = await player.http.get(again.headers["location"])
    assert (303, True) == (ended.status_code, "status=CHARGED" in ended.headers["location"])
    assert ["order_created", "txn_started", "txn_charged"] == await player.effects()


async def test_back_from_a_paid_order_says_that_it_is_paid_and_leads_to_the_shop(player: Player) -> None:
    path = await opened(player)
    await answer_bank(player, await pay(player, path, **UPI), answer="approve")
    page = read(await player.http.get(path))
    assert ("This order is paid already.", ["Back to bakery"]) == (
        page.heading(),
        [one.text for one in page.all("button")],
    )


async def test_the_banks_page_can_be_loaded_again_and_again(player: Player) -> None:
    at_bank = await pay(player, await opened(player), **UPI)
    for _ in range(2):
        assert "Approve it in your UPI app" == (await follow(player, at_bank)).heading()
    assert ["order_created", "txn_started"] == await player.effects()


async def test_back_from_the_bank_leads_on_there_or_to_another_way(player: Player) -> None:
    path = await opened(player)
    at_bank = await pay(player, path, **UPI)
    page = read(await player.http.get(path))
    on = next(one for one in page.all("a") if one.text == "Go on there")
    assert at_bank.headers["location"] == (await player.http.get(str(on.attributes["href"]))).headers["location"]
    await answer_bank(player, await pay(player, path, **CARD), answer="approve")
    assert "CHARGED" == (await player.status())["status"]


async def test_a_closed_tab_leaves_the_order_at_the_bank_and_the_link_leads_on(player: Player) -> None:
    path = await opened(player)
    await pay(player, path, **UPI)
    assert "PENDING_VBV" == (await player.status())["status"]
    assert "Your last payment is still open at the bank." in (await player.http.get(path)).text


async def test_after_a_refusal_the_same_order_is_tried_again(player: Player) -> None:
    path = await opened(player)
    await answer_bank(player, await pay(player, path, **REFUSED), answer="approve")
    page = await player.http.get(path)
    assert "The last try did not go through." in page.text
    assert "UPI ID failure@upi: The bank refused the payment. No money was taken." in page.text
    await answer_bank(player, await pay(player, path, **UPI), answer="approve")
    order = await player.status()
    assert ("CHARGED", "bakery-bun-7Kq2-2") == (order["status"], order["txn_id"])


async def test_an_old_tab_does_not_pay_a_second_time(player: Player) -> None:
    path = await opened(player)
    await answer_bank(player, await pay(player, path, **REFUSED), answer="approve")
    old = await player.http.post(f"{path}/pay", data={**UPI, "attempt": "1"})
    assert f"{path}/attempt/1" == old.headers["location"]
    assert ["order_created", "txn_started", "txn_failed"] == await player.effects()


async def test_an_attempt_that_nobody_made_leads_to_the_page(player: Player) -> None:
    path = await opened(player)
    assert path == (await player.http.get(f"{path}/attempt/7")).headers["location"]
    assert {"stage": "none"} == (await player.http.get(f"{path}/attempt/7/stage")).json()


async def test_without_a_way_back_a_failed_payment_offers_another_try_and_a_good_one_does_not(player: Player) -> None:
    path = await opened(player, return_url="")
    failed = read(await answer_bank(player, await pay(player, path, **REFUSED), answer="approve"))
    assert [path] == [one.attributes["href"] for one in failed.all("a") if one.text == "Try again"]
    good = await answer_bank(player, await pay(player, path, **UPI), answer="approve")
    assert ("Thank you. The payment went through.", False) == (read(good).heading(), "Try again" in good.text)
