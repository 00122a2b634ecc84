"""Every body and query of the control API is read strictly: what is misspelt is told, and changes nothing (ours)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import Player

from paystate.entrypoints.sandbox.control.calls import Control
from paystate.entrypoints.sandbox.control.routes import ROUTES

NAMES = {"order_id": "bun-7Kq2", "merchant_id": "bakery", "refund_id": "r1", "fault_id": "1", "key_id": "key-1"}


def path_of(row: Control[Any]) -> str:
    path = f"/_control{row.path}"
    for name, value in NAMES.items():
        path = path.replace(f"{{{name}:str}}", value).replace(f"{{{name}:int}}", value)
    return path


async def refusal(player: Player, row: Control[Any], query: str = "", **members: Any) -> tuple[int, str, str]:
    await player.paid()
    answer = await player.http.request(row.verb, path_of(row) + query, json=members or None)
    told = answer.json()
    return answer.status_code, told["code"], told["member"]


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.verb} {row.path}")
async def test_a_member_that_a_body_does_not_have_is_named(player: Player, row: Control[Any]) -> None:
    assert (422, "unknown_member", "typo") == await refusal(player, row, typo=1)


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.verb} {row.path}")
async def test_a_name_that_a_query_does_not_have_is_named(player: Player, row: Control[Any]) -> None:
    assert (422, "unknown_member", "typo") == await refusal(player, row, "?typo=1")


async def test_a_near_miss_is_told_what_was_meant(player: Player) -> None:
    answer = await player.http.post("/_control/clock", json={"advanc_s": 1})
    assert "there is no member advanc_s: did you mean advance_s? there are advance_s, set" == answer.json()["error"]


async def test_a_member_within_a_leg_is_named_too(player: Player) -> None:
    await player.session()
    answer = await player.http.post("/_control/orders/bun-7Kq2/legs", json={"legs": [{"amount": "1.00", "stat": "x"}]})
    assert (422, ["amount", "status", "method", "refund"]) == (answer.status_code, answer.json()["allowed"])


@pytest.mark.parametrize("text", [b"[1]", b"advance_s=1", b'{"advance_s": 1', b"[" * 100_000])
async def test_what_is_no_json_object_is_refused(player: Player, text: bytes) -> None:
    before = player.clock.now()
    answer = await player.http.post("/_control/clock", content=text, headers={"content-type": "application/json"})
    assert (True, before) == (answer.status_code in {400, 422}, player.clock.now())


@pytest.mark.parametrize(
    ("path", "body", "member"),
    [
        ("merchants/bakery/webhook", {"url": "ftp://127.0.0.1/hook"}, "url"),
        ("merchants/bakery/webhook", {"url": "http://127.0.0.1:9", "events": ["ORDER_SUCCEDED"]}, "events"),
        ("orders/bun-7Kq2/settle", {"outcome": "MAYBE"}, "outcome"),
        ("orders/bun-7Kq2/refunds/r1", {"status": "DONE"}, "status"),
        ("orders/bun-7Kq2/money", {"discount": "much"}, "discount"),
        ("orders/bun-7Kq2/money", {}, "discount"),
        ("orders/bun-7Kq2/legs", {"legs": [{"amount": "much"}, {"amount": "1.00"}]}, "legs[0].amount"),
        ("orders/bun-7Kq2/legs", {"legs": [{"amount": "1.00", "method": {"upi": "nobody"}}]}, "legs[0].method"),
        ("orders/bun-7Kq2/forge", {"status": "PAID"}, "status"),
    ],
)
async def test_a_value_that_cannot_be_names_its_member(
    player: Player, path: str, body: dict[str, Any], member: str
) -> None:
    await player.session()
    answer = await player.http.post(f"/_control/{path}", json=body)
    assert (422, member) == (answer.status_code, answer.json()["member"])


async def test_a_kind_of_entry_that_the_ledger_does_not_have_is_told(player: Player) -> None:
    answer = await player.http.get("/_control/ledger?kind=calls")
    assert (422, ["call", "effect", "sdk", "webhook"]) == (answer.status_code, answer.json()["allowed"])


async def test_an_event_that_the_order_does_not_have_is_not_sent_again_in_silence(player: Player) -> None:
    await player.session()
    answer = await player.http.post("/_control/orders/bun-7Kq2/resend", json={"event_id": "evt_none"})
    assert (404, "no_such_event") == (answer.status_code, answer.json()["code"])


async def test_a_forged_event_says_what_is_not_so_and_changes_nothing(player: Player) -> None:
    await player.session()
    event_id = (await player.control("/_control/orders/bun-7Kq2/forge", {"status": "CHARGED"}))["event_id"]
    forged = (await player.deliveries())[-1]
    assert (event_id, True, "NEW") == (
        forged["event_id"],
        '"status":"CHARGED"' in forged["body"],
        (await player.truth())["status"],
    )
