"""What a merchant asks of a mandate: how it stands, a pause, word to the shopper (contract L and O.6).

The shapes are those of Juspay's samples of `POST /mandates/{mandate_id}`, written anew.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from integration.sandbox.happening import player_for
from integration.sandbox.playing import SESSION, START, Player
from integration.sandbox.receiving import Receiver, deliver

WISH = {"options.create_mandate": "REQUIRED", "mandate.max_amount": "500.00", "mandate.frequency": "MONTHLY"}


def epoch(after_s: int) -> str:
    return str(int((START + timedelta(seconds=after_s)).timestamp()))


class Mandated:
    """A merchant with an active mandate."""

    def __init__(self, player: Player, receiver: Receiver, mandate_id: str) -> None:
        self.player, self.receiver, self.mandate_id = player, receiver, mandate_id

    async def ask(self, command: str, **fields: str) -> Any:
        return await self.player.post(f"/mandates/{self.mandate_id}", {"command": command, **fields})

    async def told(self, command: str, **fields: str) -> dict[str, Any]:
        answer = await self.ask(command, **fields)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def status(self) -> str:
        return str((await self.told("check_status"))["status"])

    async def events(self) -> list[str]:
        await deliver(self.player)
        return [one["event_name"] for one in self.receiver.bodies if one["event_name"].startswith(("MAND", "NOTIF"))]


@pytest.fixture
async def shop(receiver: Receiver) -> Mandated:
    player = player_for(receiver)
    await player.paid(**WISH)
    return Mandated(player, receiver, (await player.status())["mandate"]["mandate_id"])


# --- how it stands


async def test_a_mandates_status_is_told_with_its_order_and_customer(shop: Mandated) -> None:
    body = await shop.told("check_status")
    assert ("ACTIVE", SESSION["order_id"], "c-77", "INR", 500) == tuple(
        body[name] for name in ("status", "order_id", "customer_id", "currency", "max_amount")
    )
    assert "2031-05-06T07:08:09Z" == body["activated_at"] == body["last_activated_at"] == body["last_updated"]
    assert "mandate_status" not in body


@pytest.mark.parametrize(
    ("method", "kind"), [({"upi": "success@upi"}, "EMANDATE"), ({"card": "4242424242424242"}, "MANDATE")]
)
async def test_a_mandate_on_a_card_is_of_another_type(player: Player, method: dict[str, str], kind: str) -> None:
    await player.page_open(**WISH)
    await player.act("pay", method=method)
    assert kind == (await player.status())["mandate"]["mandate_type"]


async def test_an_unknown_command_is_refused_in_juspays_words(shop: Mandated) -> None:
    answer = await shop.ask("dance")
    assert (400, "Invalid command") == (answer.status_code, answer.json()["error_message"])


async def test_commands_on_another_merchants_mandate_are_refused(shop: Mandated) -> None:
    answer = await shop.player.post("/mandates/nobodys", {"command": "check_status"})
    assert (400, "Mandate not found") == (answer.status_code, answer.json()["error_code"])


# --- a pause


async def test_an_active_mandate_is_paused_at_once(shop: Mandated) -> None:
    body = await shop.told("pause")
    assert ("PAUSED", "Mandate is Paused.", "2031-05-06T07:08:09Z") == (
        body["mandate_status"],
        body["response_message"],
        body["pause_start_date"],
    )
    assert ["MANDATE_CREATED", "MANDATE_ACTIVATED", "MANDATE_PAUSED"] == await shop.events()


async def test_a_paused_mandate_goes_on_by_itself_at_the_end_of_the_pause(shop: Mandated) -> None:
    body = await shop.told("pause", pause_end_date=epoch(3600))
    shop.player.clock.advance(3599)
    before = await shop.status()
    shop.player.clock.advance(1)
    assert ("2031-05-06T08:08:09Z", "PAUSED", "ACTIVE") == (body["pause_end_date"], before, await shop.status())


async def test_a_pause_may_be_planned(shop: Mandated) -> None:
    body = await shop.told("pause", pause_start_date=epoch(60), pause_end_date=epoch(120))
    words = [await shop.status()]
    for _ in range(2):
        shop.player.clock.advance(60)
        words.append(await shop.status())
    assert ("ACTIVE", "Pause mandate is scheduled.") == (body["mandate_status"], body["response_message"])
    assert ["ACTIVE", "PAUSED", "ACTIVE"] == words


async def test_a_paused_mandate_is_resumed_and_active_again(shop: Mandated) -> None:
    await shop.told("pause")
    shop.player.clock.advance(60)
    body = await shop.told("resume")
    assert ("ACTIVE", "Mandate is Resumed.", "2031-05-06T07:09:09Z") == (
        body["mandate_status"],
        body["response_message"],
        body["last_activated_at"],
    )
    assert "MANDATE_ACTIVATED" == (await shop.events())[-1]


async def test_a_resumption_may_be_planned(shop: Mandated) -> None:
    await shop.told("pause")
    body = await shop.told("resume", resume_date=epoch(60))
    before = await shop.status()
    shop.player.clock.advance(60)
    assert ("PAUSED", "PAUSED", "ACTIVE") == (body["mandate_status"], before, await shop.status())


@pytest.mark.parametrize(
    "commands", [("resume",), ("pause", "pause"), ("revoke", "pause"), ("pause", "revoke", "resume")]
)
async def test_a_command_that_the_mandate_is_not_in_a_status_for_is_refused(
    shop: Mandated, commands: tuple[str, ...]
) -> None:
    answers = [await shop.ask(command) for command in commands]
    assert [200] * (len(answers) - 1) + [400] == [one.status_code for one in answers]
    assert "bad_request" == answers[-1].json()["error_code"]


@pytest.mark.parametrize(
    "dates", [{"pause_end_date": "soon"}, {"pause_end_date": "1000000000"}, {"pause_start_date": "1.5"}]
)
async def test_a_pause_at_no_time_is_refused(shop: Mandated, dates: dict[str, str]) -> None:
    answer = await shop.ask("pause", **dates)
    assert (400, "ACTIVE") == (answer.status_code, await shop.status())


async def test_a_paused_mandate_takes_no_money(shop: Mandated) -> None:
    await shop.told("pause")
    fields = {
        "order.order_id": "bun-2",
        "order.amount": "20",
        "order.customer_id": "c-77",
        "mandate_id": shop.mandate_id,
    }
    answer = await shop.player.post("/txns", fields)
    assert (400, "JP_852") == (answer.status_code, answer.json()["error_code"])


# --- word to the shopper


def word(amount: str = "20.00", reference: str = "word7", **more: str) -> dict[str, str]:
    source = json.dumps({"amount": amount, "txn_date": epoch(86_400)})
    return {"object_reference_id": reference, "description": "Your tea in June", "source_info": source, **more}


async def test_the_shopper_is_told_of_a_coming_charge(shop: Mandated) -> None:
    body = await shop.told("pre_debit_notify", **word())
    assert (
        "notification",
        "SUCCESS",
        "word7",
        "Your tea in June",
        "MANDATE",
        "20",
        epoch(86_400),
        shop.mandate_id,
    ) == (
        body["object"],
        body["status"],
        body["object_reference_id"],
        body["description"],
        body["source_object"],
        body["source_info"]["amount"],
        body["source_info"]["txn_date"],
        body["mandate"]["mandate_id"],
    )
    assert "NOTIFICATION_SUCCEEDED" == (await shop.events())[-1]
    assert body == shop.receiver.bodies[-1]["content"]["notification"]
    assert body == (await shop.player.get("/notifications/word7")).json()


async def test_word_of_more_than_the_mandate_allows_fails(shop: Mandated) -> None:
    body = await shop.told("pre_debit_notify", **word("500.01"))
    assert ("FAILURE", "NOTIFICATION_FAILED") == (body["status"], (await shop.events())[-1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"object_reference_id": ""},
        {"object_reference_id": "a-b"},
        {"object_reference_id": "a" * 26},
        {"source_info": ""},
        {"source_info": "soon"},
        {"source_info": '{"amount": "20"}'},
        {"source_info": '{"amount": "0", "txn_date": "1935903600"}'},
    ],
)
async def test_word_that_says_too_little_is_refused(shop: Mandated, wrong: dict[str, str]) -> None:
    answer = await shop.ask("pre_debit_notify", **{**word(), **wrong})
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_info"]["code"])
    assert "NOTIFICATION_SUCCEEDED" not in await shop.events()


async def test_word_is_told_once_under_one_reference(shop: Mandated) -> None:
    answers = [await shop.ask("pre_debit_notify", **word()) for _ in range(2)]
    assert [200, 400] == [one.status_code for one in answers]
    assert 1 == (await shop.events()).count("NOTIFICATION_SUCCEEDED")


async def test_word_that_nobody_gave_is_not_found(shop: Mandated) -> None:
    assert 404 == (await shop.player.get("/notifications/nothing")).status_code
