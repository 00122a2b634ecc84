"""Payment links: their life, sent again, called back (contract L). The shapes are those of Juspay's samples."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, Player

CANCEL = f"/merchants/bakery/order/{SESSION['order_id']}/cancel"


async def link(player: Player, **changes: Any) -> dict[str, Any]:
    """A session as the samples of payment links ask for one: flags are booleans, the amount is a number."""
    return await player.session(amount=100, send_mail=True, send_sms=False, **changes)


async def told(player: Player, path: str, body: dict[str, Any]) -> Any:
    return await player.http.post(path, json=body, headers=HEADERS, auth=(KEY, ""))


async def page(player: Player, session: dict[str, Any]) -> str:
    return (await player.http.get(session["payment_links"]["web"])).text


async def pay(player: Player) -> int:
    fields = {"order_id": SESSION["order_id"], "payment_method_type": "UPI", "upi_vpa": "success@upi"}
    return (await player.post("/txns", fields)).status_code


# --- its life


async def test_a_link_ends_after_the_minutes_that_the_session_asks_for(player: Player) -> None:
    session = await link(player, **{"metadata.expiryInMins": "90"})
    assert {"2031-05-06T08:38:09Z"} == {
        session["order_expiry"],
        session["payment_links"]["expiry"],
        session["sdk_payload"]["expiry"],
    }
    player.clock.advance(5399)
    before = await page(player, session)
    player.clock.advance(1)
    assert ("has expired" in before, "has expired" in await page(player, session)) == (False, True)
    assert 400 == await pay(player)


async def test_a_link_lives_seven_days_otherwise(player: Player) -> None:
    assert "2031-05-13T07:08:09Z" == (await link(player))["payment_links"]["expiry"]


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "1.5", "99999999"])
async def test_a_life_that_is_none_is_refused_and_makes_no_order(player: Player, minutes: str) -> None:
    answer = await told(player, "/session", {**SESSION, "metadata.expiryInMins": minutes})
    assert (400, "metadata.expiryInMins") == (
        answer.status_code,
        answer.json()["error_info"]["fields"][0]["field_name"],
    )
    assert [] == await player.effects()


async def test_the_sdk_is_told_how_the_link_is_sent(player: Player) -> None:
    payload = (await link(player, mobile_country_code="+91"))["sdk_payload"]["payload"]
    assert (True, False, "+91") == (payload["sendMail"], payload["sendSms"], payload["mobileCountryCode"])


# --- sent once more


async def test_a_link_is_sent_once_more(player: Player) -> None:
    await link(player)
    answer = await told(player, "/paymentLink/notify", {"send_mail": True, "send_sms": True, "order_id": "bun-7Kq2"})
    assert {
        "email_status": "SUCCESS",
        "sms_status": "SUCCESS",
        "merchant_id": "bakery",
        "order_id": "bun-7Kq2",
    } == answer.json()
    assert "link_sent" == (await player.effects())[-1]


@pytest.mark.parametrize("wrong", [{"order_id": "nobody"}, {"send_mail": False}])
async def test_a_link_that_cannot_be_sent_is_told_in_juspays_words(player: Player, wrong: dict[str, Any]) -> None:
    await link(player)
    answer = await told(player, "/paymentLink/notify", {"send_mail": True, "order_id": "bun-7Kq2", **wrong})
    assert (400, "NOTIFICATION_ERROR", -1) == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["status_id"],
    )


# --- called back


async def test_a_link_that_is_called_back_takes_no_payment(player: Player) -> None:
    session = await link(player)
    answer = await told(player, CANCEL, {"cancel_reason": "sold out"})
    assert {"status": "Success", "message": "Order cancelled successfully"} == answer.json()
    assert "was cancelled" in await page(player, session)
    assert (400, "NEW") == (await pay(player), (await player.status())["status"])


async def test_a_paid_order_cannot_be_called_back(player: Player) -> None:
    await player.paid()
    answer = await told(player, CANCEL, {"cancel_reason": "sold out"})
    assert (400, "INVALID_ACTION") == (answer.status_code, answer.json()["error_info"]["code"])


@pytest.mark.parametrize(
    ("path", "status"), [(CANCEL.replace("bakery", "florist"), 401), (CANCEL.replace("bun-7Kq2", "nobody"), 400)]
)
async def test_an_order_of_nobody_here_cannot_be_called_back(player: Player, path: str, status: int) -> None:
    await link(player)
    assert status == (await told(player, path, {"merchant_id": "bakery"})).status_code
    assert 200 == await pay(player)
