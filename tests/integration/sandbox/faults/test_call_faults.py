"""Faults of calls: what the caller sees, and whether the call had its effect (contract A, F, H.5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, START, Player, bakery
from patience import HANGS_S

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app, running

SOON = httpx.Timeout(HANGS_S, read=0.05)
"""Whoever asks with it is connected and heard, and then gives up."""


async def last_call(player: Player) -> dict[str, Any]:
    return (await player.control("/_control/ledger?kind=call"))["entries"][-1]


async def refund_with(player: Player, name: str, **more: Any) -> httpx.Response:
    """Pay, arm, and ask for a refund."""
    await player.paid()
    await player.arm(name, route="refund", **more)
    return await player.refund("r1", "1")


async def had_effect(player: Player) -> bool:
    """Whether the refund was made; the ledger's line and the truth say the same."""
    made, told = "refund_created" in await player.effects(), (await last_call(player))["had_effect"]
    assert made == told
    return made


async def status_with(player: Player, name: str, **params: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pay, arm, and ask for order status twice: the faulty body and the true one after it."""
    await player.paid()
    await player.arm(name, params=params)
    return await player.status(), await player.status()


def differing(faulty: dict[str, Any], true: dict[str, Any]) -> set[str]:
    return {name for name in faulty.keys() | true.keys() if faulty.get(name) != true.get(name)}


@asynccontextmanager
async def over_a_socket() -> AsyncGenerator[Player]:
    clock = SandboxClock(START, frozen=True)
    app = create_app(SandboxConfig((bakery(),)), clock)
    async with running(app) as url, httpx.AsyncClient(base_url=url, timeout=HANGS_S) as client:
        yield Player(client, clock)


# --- before the effect


async def test_refused_resets_the_connection_and_nothing_happens(player: Player) -> None:
    with pytest.raises(httpx.ReadError):
        await refund_with(player, "refused")
    assert (False, False) == (await had_effect(player), (await last_call(player))["answered"])


async def test_refused_is_a_reset_over_a_socket_too() -> None:
    async with over_a_socket() as player:
        await player.arm("refused")
        with pytest.raises(httpx.ReadError) as caught:
            await player.session()
        assert isinstance(cause_of(caught.value), ConnectionResetError)
        assert "NOT_FOUND" == (await player.status())["status"]


def cause_of(exc: BaseException) -> BaseException:
    while (earlier := exc.__cause__ or exc.__context__) is not None:
        exc = earlier
    return exc


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_status_5xx_answers_5xx_and_has_no_effect(player: Player, status: int) -> None:
    answer = await refund_with(player, "status_5xx", params={"status": status})
    assert (status, "internal_error") == (answer.status_code, answer.json()["error_code"])
    assert not await had_effect(player)


async def test_rate_limited_answers_429_and_has_no_effect(player: Player) -> None:
    assert 429 == (await refund_with(player, "rate_limited")).status_code
    assert not await had_effect(player)


async def test_timeout_before_effect_never_answers_and_has_no_effect(player: Player) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await refund_with(player, "timeout_before_effect")
    assert (False, False) == (await had_effect(player), (await last_call(player))["answered"])


async def test_redirect_answers_302_with_another_address_and_has_no_effect(player: Player) -> None:
    answer = await refund_with(player, "redirect", params={"to": "https://elsewhere.example.test/x"})
    assert (302, "https://elsewhere.example.test/x") == (answer.status_code, answer.headers["location"])
    assert not await had_effect(player)


async def test_not_found_denies_an_order_that_is_there(player: Player) -> None:
    faulty, true = await status_with(player, "not_found")
    assert (40, "NOT_FOUND", "bun-7Kq2") == (faulty["status_id"], faulty["status"], faulty["order_id"])
    assert "CHARGED" == true["status"]


async def test_not_found_keeps_a_refund_from_being_made(player: Player) -> None:
    answer = await refund_with(player, "not_found")
    assert (400, "NOT_FOUND") == (answer.status_code, answer.json()["status"])
    assert not await had_effect(player)


async def test_duplicate_call_busy_refuses_a_refund_that_was_never_made(player: Player) -> None:
    await player.paid()
    await player.arm("duplicate_call_busy")
    answer = await player.refund("r1", "1")
    assert (400, "duplicate.call", "-1") == (answer.status_code, *codes(answer))
    assert not await had_effect(player)
    assert 200 == (await player.refund("r1", "1")).status_code


def codes(answer: httpx.Response) -> tuple[object, object]:
    return answer.json()["error_code"], answer.json()["status_id"]


# --- after the effect


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_status_5xx_after_effect_answers_5xx_and_has_its_effect(player: Player, status: int) -> None:
    answer = await refund_with(player, "status_5xx_after_effect", params={"status": status})
    assert (status, True) == (answer.status_code, await had_effect(player))


@pytest.mark.parametrize("call", ["session", "refund", "order_status"])
async def test_timeout_after_effect_loses_the_answer_only(player: Player, call: str) -> None:
    if call != "session":
        await player.paid()
    await player.arm("timeout_after_effect", route=call)
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "session": lambda: player.session(),
        "refund": lambda: player.refund("r1", "1"),
        "order_status": lambda: player.get("/orders/bun-7Kq2"),
    }
    with pytest.raises(httpx.RemoteProtocolError):
        await calls[call]()
    entry = await last_call(player)
    assert (call, False, call != "order_status") == (entry["name"], entry["answered"], entry["had_effect"])


@pytest.mark.parametrize("hold_s", [0, 0.02])
@pytest.mark.parametrize("name", ["timeout_before_effect", "timeout_after_effect"])
async def test_over_a_socket_a_lost_answer_is_a_closed_connection(name: str, hold_s: float) -> None:
    async with over_a_socket() as player:
        await player.arm(name, params={"hold_s": hold_s})
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await player.session()
        was_made = "NEW" == (await player.status())["status"]
    assert (name == "timeout_after_effect") == was_made


async def test_an_answer_that_is_held_lets_a_caller_give_up_first() -> None:
    async with over_a_socket() as player:
        await player.arm("timeout_before_effect", params={"hold_s": 600})
        with pytest.raises(httpx.ReadTimeout):
            await player.http.post("/session", json=SESSION, headers=HEADERS, auth=(KEY, ""), timeout=SOON)


async def test_slow_drip_sends_the_true_body_in_drops() -> None:
    async with over_a_socket() as player:
        await player.session()
        true = (await player.get("/orders/bun-7Kq2")).content
        await player.arm("slow_drip", params={"bytes": 150, "every_s": 0.02})
        drops = list[bytes]()
        await read(player, drops)
    assert true == b"".join(drops)
    assert len(drops) > 2  # the kernel may put some together


async def read(player: Player, drops: list[bytes]) -> None:
    """Read order status into `drops`, as it comes."""
    request = player.http.stream("GET", "/orders/bun-7Kq2", headers=HEADERS, auth=(KEY, ""))
    async with request as answer:
        async for drop in answer.aiter_raw():
            drops.append(drop)  # noqa: PERF401 - what came before it ended early counts too


async def test_slow_drip_ends_when_the_caller_hangs_up() -> None:
    async with over_a_socket() as player, asyncio.timeout(HANGS_S):
        await player.session()
        await player.arm("slow_drip", params={"every_s": 600})
        with pytest.raises(httpx.ReadTimeout):
            await player.http.get("/orders/bun-7Kq2", headers=HEADERS, auth=(KEY, ""), timeout=SOON)


async def test_cut_body_sends_half_of_it_and_has_its_effect(player: Player) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await refund_with(player, "cut_body")
    assert (True, False) == (await had_effect(player), (await last_call(player))["answered"])


async def test_cut_body_over_a_socket_promises_more_than_it_sends() -> None:
    async with over_a_socket() as player:
        await player.session()
        true = (await player.get("/orders/bun-7Kq2")).content
        await player.arm("cut_body")
        drops = list[bytes]()
        promise = f"expected {len(true)}"
        with pytest.raises(httpx.RemoteProtocolError, match=promise):
            await read(player, drops)
    assert true[: len(true) // 2] == b"".join(drops)


async def test_not_json_answers_with_a_proxys_page_and_has_its_effect(player: Player) -> None:
    answer = await refund_with(player, "not_json")
    assert (200, b"<html>") == (answer.status_code, answer.content[:6])
    assert answer.headers["content-type"].startswith("text/html")
    assert await had_effect(player)


async def test_duplicate_call_done_makes_the_refund_and_says_that_it_was_made_before(player: Player) -> None:
    await player.paid()
    await player.arm("duplicate_call_done")
    answer = await player.refund("r1", "1")
    assert (400, "duplicate.call", -1) == (answer.status_code, *codes(answer))
    assert await had_effect(player)


async def test_duplicate_call_done_waits_for_a_refund_that_is_made(player: Player) -> None:
    await player.paid()
    await player.arm("duplicate_call_done")
    assert "invalid.amount.exceeded" == (await player.refund("r1", "1000")).json()["error_code"]
    assert ["duplicate_call_done"] == await player.armed()


@pytest.mark.parametrize(("changes", "status"), [(1, "PENDING_VBV"), (2, "NEW")])
async def test_stale_answer_tells_the_order_as_it_was(player: Player, changes: int, status: str) -> None:
    faulty, true = await status_with(player, "stale_answer", changes=changes)
    assert (status, "CHARGED") == (faulty["status"], true["status"])


async def test_stale_answer_knows_of_no_newer_refund(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "1")
    await player.arm("stale_answer")
    assert ([], ["r1"]) == (listed(await player.status()), listed(await player.status()))


async def test_stale_answer_waits_until_there_is_a_past(player: Player) -> None:
    await player.session()
    await player.arm("stale_answer", params={"changes": 3})
    assert ("NEW", ["stale_answer"]) == ((await player.status())["status"], await player.armed())


def listed(body: dict[str, Any]) -> list[str]:
    return [one["unique_request_id"] for one in body.get("refunds", [])]


async def test_other_order_tells_of_a_made_up_one_of_the_same_merchant(player: Player) -> None:
    faulty, true = await status_with(player, "other_order")
    assert ("bakery", "CHARGED", 100) == (faulty["merchant_id"], faulty["status"], faulty["amount"])
    assert {"order_id", "id", "txn_id", "txn_uuid"} <= differing(faulty, true)
    assert faulty["order_id"] == faulty["txn_detail"]["order_id"]


async def test_other_order_tells_of_the_named_one(player: Player) -> None:
    await player.session(order_id="bun-2", amount="7.50")
    faulty, _ = await status_with(player, "other_order", order_id="bun-2")
    assert ("bun-2", "NEW", 7.5) == (faulty["order_id"], faulty["status"], faulty["amount"])


async def test_wrong_amount_changes_the_amount(player: Player) -> None:
    faulty, true = await status_with(player, "wrong_amount", amount="7.77")
    assert (7.77, 7.77, {"amount", "effective_amount"}) == (
        faulty["amount"],
        faulty["effective_amount"],
        differing(faulty, true),
    )


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [("wrong_currency", "currency", "USD"), ("wrong_order_id", "order_id", "somebody-elses")],
)
async def test_what_the_order_and_its_transaction_both_name_is_wrong_in_both(
    player: Player, name: str, member: str, value: str
) -> None:
    faulty, true = await status_with(player, name)
    assert (value, value, {member, "txn_detail"}) == (
        faulty[member],
        faulty["txn_detail"][member],
        differing(faulty, true),
    )


async def test_wrong_currency_names_the_one_asked_for(player: Player) -> None:
    assert "EUR" == (await status_with(player, "wrong_currency", currency="EUR"))[0]["currency"]


async def test_wrong_order_id_names_the_one_asked_for(player: Player) -> None:
    assert "bun-9" == (await status_with(player, "wrong_order_id", order_id="bun-9"))[0]["order_id"]


async def test_wrong_merchant_names_another_merchant(player: Player) -> None:
    faulty, true = await status_with(player, "wrong_merchant")
    assert ("somebody-else", {"merchant_id"}) == (faulty["merchant_id"], differing(faulty, true))


async def test_unknown_status_answers_with_one(player: Player) -> None:
    faulty, true = await status_with(player, "unknown_status")
    assert ("SOMETHING_NEW", 99, "SOMETHING_NEW") == (
        faulty["status"],
        faulty["status_id"],
        faulty["txn_detail"]["status"],
    )
    assert {"status", "status_id", "txn_detail"} == differing(faulty, true)


async def test_unknown_fields_are_added_everywhere_and_change_no_known_one(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "1")
    await player.arm("unknown_fields")
    faulty, true = await player.status(), await player.status()
    assert true == known_part(faulty, true)
    assert {"orderId", "payment_status"} <= differing(faulty, true)
    assert faulty.keys() > true.keys()
    assert faulty["txn_detail"].keys() > true["txn_detail"].keys()
    assert faulty["refunds"][0].keys() > true["refunds"][0].keys()


def known_part(faulty: Any, true: Any) -> Any:
    """What is left of `faulty` without the members that `true` has not."""
    if isinstance(true, dict):
        return {name: known_part(faulty[name], value) for name, value in true.items()}
    if isinstance(true, list):
        return [known_part(one, value) for one, value in zip(faulty, true, strict=True)]
    return faulty


async def test_two_faults_may_meet_in_one_answer(player: Player) -> None:
    await player.arm("wrong_merchant")
    faulty, _ = await status_with(player, "wrong_amount")
    assert ("somebody-else", Decimal(1)) == (faulty["merchant_id"], faulty["amount"])


async def test_what_stands_before_the_call_leaves_the_faults_after_it_armed(player: Player) -> None:
    await player.session()
    await player.arm("not_json", route="order_status")
    await player.arm("status_5xx")
    assert 500 == (await player.get("/orders/bun-7Kq2")).status_code
    assert ["not_json"] == await player.armed()


async def test_notification_failed_keeps_a_mandate_from_being_executed(player: Player) -> None:
    await player.paid(**{"options.create_mandate": "REQUIRED"})
    mandate_id = (await player.status())["mandate"]["mandate_id"]
    await player.arm("notification_failed")
    fields = {"order.order_id": "bun-again", "order.amount": "20", "mandate_id": mandate_id}
    answers = [await player.post("/txns", fields) for _ in range(2)]
    assert [(400, "JP_851"), (200, None)] == [(one.status_code, one.json().get("error_code")) for one in answers]


async def test_address_not_listed_is_forbidden_and_has_no_effect(player: Player) -> None:
    await player.paid()
    await player.arm("address_not_listed", route="refund")
    answer = await player.refund("r1", "1")
    assert (403, True, "BAD_ORIGIN") == (
        answer.status_code,
        answer.json()["error"],
        answer.json()["error_info"]["code"],
    )
    assert not await had_effect(player)


async def test_odd_shapes_write_text_for_numbers_and_nothing_for_objects(player: Player) -> None:
    await player.paid(order_id="20310506001", amount="12.50")
    await player.post("/orders/20310506001/refunds", {"unique_request_id": "r1", "amount": "2.25"})
    await player.arm("odd_shapes")
    body = await player.status("20310506001")
    told = ("order_id", "status", "status_id", "amount", "effective_amount", "amount_refunded", "refunded")
    assert (20310506001, "CHARGED", "27", "12.5", "12.5", "2.25", "false") == tuple(body[name] for name in told)
    assert ([], [], "", "") == tuple(
        body[name] for name in ("txn_detail", "emi_details", "payment_gateway_response", "upi")
    )
    nothing, ours = body["refunds"]
    assert (None, "r1", 2.25) == (nothing, ours["unique_request_id"], ours["amount"])
