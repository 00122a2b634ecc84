"""Each way to pay, from the page's form to what the order says of it (contract F.1, K and L; the page is ours)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.page.reading import CARD, answer_bank, follow, opened, pay, read
from integration.sandbox.playing import Player

from paystate.entrypoints.sandbox.amounts import for_shoppers, parsed_amount


async def paid(player: Player, form: dict[str, str], **session: Any) -> dict[str, Any]:
    """The order after a payment with that form, which the bank lets through."""
    path = await opened(player, **session)
    await answer_bank(player, await pay(player, path, **form), answer="approve")
    return await player.status()


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"kind": "upi", "upi": "success@upi"}, ("UPI", "UPI", "COLLECT")),
        ({"kind": "intent"}, ("UPI", "UPI", "INTENT")),
        (CARD, ("CARD", "VISA", "CARD_TRANSACTION")),
        ({"kind": "nb", "nb": "NB_AXIS"}, ("NB", "NB_AXIS", "NET_BANKING")),
        ({"kind": "wallet", "wallet": "PAYTM"}, ("WALLET", "PAYTM", "WALLET")),
    ],
    ids="collect intent card net-banking wallet".split(),
)
async def test_each_way_is_told_as_what_it_was(player: Player, form: dict[str, str], told: tuple[str, ...]) -> None:
    order = await paid(player, form)
    assert ("CHARGED", *told) == (
        order["status"],
        order["payment_method_type"],
        order["payment_method"],
        order["txn_detail"]["txn_flow_type"],
    )


async def test_cash_on_delivery_asks_no_bank(player: Player) -> None:
    path = await opened(player, return_url="")
    assert "Thank you. Please pay when your order arrives." == read(await pay(player, path, kind="cod")).heading()
    assert "COD_INITIATED" == (await player.status())["status"]


async def test_a_card_tells_its_expiry_and_its_holder_and_never_its_number(player: Player) -> None:
    card = (await paid(player, CARD))["card"]
    assert ("2040", "08", "ASHA RAO", "4242") == tuple(
        card[name] for name in ("expiry_year", "expiry_month", "name_on_card", "last_four_digits")
    )
    assert CARD["card"].replace(" ", "") not in repr(await player.control("/_control/ledger"))


async def test_instalments_are_told_with_bank_and_months(player: Player) -> None:
    form = {"kind": "emi", "plan": "HDFC:6", **{f"emi-{name}": CARD[name] for name in ("card", "expiry", "cvv")}}
    order = await paid(player, form, amount="400.00")
    flow = order["txn_detail"]["txn_flow_type"]
    assert ("CHARGED", "HDFC", 6, "EMI") == (order["status"], order["emi_bank"], order["emi_tenure"], flow)


async def test_a_card_that_is_kept_is_offered_next_time_and_needs_only_its_code(player: Player) -> None:
    await paid(player, {**CARD, "save": "on"})
    path = await opened(player, order_id="bun-2")
    page = read(await player.http.get(path))
    kept = page.named("kind")
    assert ("kept card" in page.elements[page.elements.index(kept) - 1].text, True) == (
        True,
        "checked" in kept.attributes,
    )
    token = str(kept.attributes["value"]).removeprefix("saved-")
    await answer_bank(
        player, await pay(player, path, kind=f"saved-{token}", **{f"cvv-{token}": "123"}), answer="approve"
    )
    order = await player.status("bun-2")
    assert ("CHARGED", "4242", True) == (
        order["status"],
        order["card"]["last_four_digits"],
        order["card"]["saved_to_locker"],
    )


async def test_a_card_is_another_customers_to_nobody(player: Player) -> None:
    await paid(player, {**CARD, "save": "on"})
    path = await opened(player, order_id="bun-2", customer_id="somebody-else")
    assert "upi" == read(await player.http.get(path)).named("kind").attributes["value"]


async def test_a_card_is_kept_only_if_the_shopper_says_so(player: Player) -> None:
    await paid(player, CARD)
    assert "kept card" not in (await player.http.get(await opened(player, order_id="bun-2"))).text


# --- what it comes to


async def test_an_offer_takes_something_off(player: Player) -> None:
    path = await opened(player, amount="400.00")
    page = read(await player.http.get(f"{path}?offer=TEA25"))
    assert ["₹400.00", "\N{MINUS SIGN}₹25.00", "₹375.00"] == [one.text for one in page.all("dd")]
    await answer_bank(player, await pay(player, path, kind="intent", offer="TEA25"), answer="approve")
    order = await player.status()
    assert (400, 375, "TEA25") == (order["amount"], order["effective_amount"], order["offers"][0]["offer_code"])


async def test_an_offer_for_another_way_to_pay_is_told_and_starts_nothing(player: Player) -> None:
    answer = await pay(player, await opened(player, amount="400.00"), kind="upi", upi="success@upi", offer="CARD10")
    assert (400, True) == (answer.status_code, "CARD10 is not for this way to pay." in answer.text)
    assert ["order_created"] == await player.effects()


async def test_a_surcharge_puts_something_on(player: Player) -> None:
    path = await opened(player)
    await player.http.post(f"{path}/bank-says", data={"surcharge": "7.50"})
    page = read(await player.http.get(path))
    assert ["₹100.00", "₹7.50", "₹1.35", "₹108.85"] == [one.text for one in page.all("dd")]
    await answer_bank(player, await pay(player, path, kind="intent"), answer="approve")
    assert 108.85 == (await player.status())["effective_amount"]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("100", "INR", "₹100.00"),
        ("1000", "INR", "₹1,000.00"),
        ("123456.50", "INR", "₹1,23,456.50"),
        ("987654321.5", "INR", "₹98,76,54,321.50"),
        ("1234567", "USD", "$1,234,567.00"),
        ("1234", "AED", "1,234.00 AED"),
    ],
)
def test_amounts_are_grouped_as_their_country_does(amount: str, currency: str, written: str) -> None:
    parsed = parsed_amount(amount)
    assert parsed is not None
    assert written == for_shoppers(parsed, currency)


# --- what is not as it should be


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        ({"kind": "upi", "upi": "nobody"}, "upi", "This is not a UPI ID. It looks like name@bank."),
        ({**CARD, "card": "4242 4242 4242 4241"}, "card", "This is not a card number."),
        ({**CARD, "expiry": "13/40"}, "expiry", "Write month and year, such as 08/30."),
        ({**CARD, "expiry": "04/31"}, "expiry", "This card has expired."),
        ({**CARD, "cvv": "12"}, "cvv", "The security code has 3 or 4 digits."),
        ({"kind": "nb", "nb": "NB_NONE"}, "nb", "Choose a bank from the list."),
        ({"kind": "wallet", "wallet": "NONE"}, "wallet", "Choose a wallet from the list."),
        ({"kind": "emi", "plan": "HDFC:7"}, "plan", "Choose a plan from the list."),
        ({"kind": "emi", "plan": "HDFC:6", "emi-card": "1"}, "emi-card", "This is not a card number."),
    ],
    ids="upi number month expired code bank wallet plan emi-number".split(),
)
async def test_a_problem_is_told_at_its_field_and_above(
    player: Player, form: dict[str, str], field: str, problem: str
) -> None:
    answer = await pay(player, await opened(player), **form)
    page = read(answer)
    assert (400, "true") == (answer.status_code, page.named(field).attributes.get("aria-invalid"))
    assert problem == page.described(field)[-1]
    assert f"#{field}" in [one.attributes.get("href") for one in page.all("a")]
    assert any(problem in one.text for one in page.elements if one.attributes.get("role") == "alert")
    assert ["order_created"] == await player.effects()


async def test_a_card_is_good_until_the_last_day_of_its_month(player: Player) -> None:
    assert 303 == (await pay(player, await opened(player), **{**CARD, "expiry": "05/31"})).status_code


async def test_what_was_typed_is_shown_again_but_nothing_secret_of_a_card(player: Player) -> None:
    form = {**CARD, "expiry": "soon", "cvv": "8642"}
    answer = await pay(player, await opened(player), **form)
    page = read(answer)
    assert ("soon", "ASHA RAO") == (page.named("expiry").attributes["value"], page.named("name").attributes["value"])
    assert [] == [
        one for one in (CARD["card"], CARD["card"].replace(" ", ""), "8642") if f'value="{one}"' in answer.text
    ]


@pytest.mark.parametrize("kind", ["", "bitcoin", "saved-nobodys"])
async def test_a_way_that_is_none_is_told(player: Player, kind: str) -> None:
    answer = await pay(player, await opened(player), kind=kind)
    assert (400, True) == (answer.status_code, "way to pay." in answer.text)


async def test_the_bank_names_what_is_paid_with(player: Player) -> None:
    page = await follow(player, await pay(player, await opened(player), kind="wallet", wallet="MOBIKWIK"))
    assert "MobiKwik" in [one.text for one in page.all("dd")]
