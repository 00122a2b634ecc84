"""Held money end to end: service, worker and sandbox over HTTP; sent once, found by a look, never taken twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e.cli.terminal import paystate
from patience import HANGS_S

from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, running_stack
from paystate.entrypoints.demo.stage import Stage

ORDER = "tea-held-7"


BY = ("--by", "Meera, support desk", "--note", "weighed")


@asynccontextmanager
async def held(folder: Path) -> AsyncGenerator[Stage]:
    """An order of 100.00 INR that asks for a hold; the bank holds its money, and that is known."""
    async with (
        running_stack(folder, START) as stack,
        httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S) as http,
    ):
        stage = Stage(stack, http)
        app = await stage.at_the_page(ORDER, "100.00", capture="manual")
        await app.pay()
        await stage.until_status(ORDER, "AUTHORIZED")
        await stage.at_rest()
        yield stage


async def ask(stage: Stage, what: str, key: str = "k-1", **body: str) -> dict[str, Any]:
    path = f"/v1/orders/{ORDER}/{what}"
    sent = None if what == "void" else body
    answer = await stage.backend("POST", path, sent, headers={"Idempotency-Key": key})
    assert 201 == answer.status_code, answer.text
    hold: dict[str, Any] = answer.json()["hold"]
    return hold


async def calls(stage: Stage, what: str = "capture") -> int:
    return sum(call["name"] == what for call in await stage.ledger(ORDER, "call"))


async def charges(stage: Stage) -> int:
    return sum(one["effect"] == "txn_charged" for one in await stage.ledger(ORDER, "effect"))


async def until_done(stage: Stage) -> dict[str, Any]:
    def is_done(order: dict[str, Any]) -> bool:
        return [one["state"] for one in order["holds"]] == ["DONE"]

    return await stage.eventually("the hold to be ended as asked", lambda: stage.order(ORDER), is_done)


@pytest.mark.parametrize("fault", ["status_5xx_after_effect", "timeout_after_effect", "cut_body", "not_json"])
async def test_a_capture_whose_answer_is_lost_is_found_by_a_look_and_not_sent_again(tmp_path: Path, fault: str) -> None:
    async with held(tmp_path) as stage:
        await stage.fault(fault, "the answer is lost", order_id=ORDER, route="capture")
        hold = await ask(stage, "capture")
        assert ("REQUESTED", "unknown") == (hold["state"], hold["last_call"])
        await stage.advance(10, "the worker looks")
        order = await until_done(stage)
        assert ("CHARGED", True, "100.00") == (order["status"], order["may_fulfil"], order["amount_captured"])
        await stage.advance(3600, "and later")
        await stage.at_rest()
        assert (1, 1) == (await calls(stage), await charges(stage))


@pytest.mark.parametrize("fault", ["status_5xx", "timeout_before_effect", "rate_limited"])
async def test_a_capture_without_effect_is_sent_again_and_takes_the_money_once(tmp_path: Path, fault: str) -> None:
    async with held(tmp_path) as stage:
        await stage.fault(fault, "the call has no effect", order_id=ORDER, route="capture")
        assert "REQUESTED" == (await ask(stage, "capture"))["state"]
        for _ in range(3):
            await stage.advance(20, "the worker looks, and sends again")
        order = await until_done(stage)
        assert [("CHARGED", 2)] == [(order["status"], one["tries"]) for one in order["holds"]]
        await stage.advance(3600, "and later")
        await stage.at_rest()
        assert (2, 1) == (await calls(stage), await charges(stage))


async def test_a_part_that_was_asked_for_is_taken_once_and_calls_nobody(tmp_path: Path) -> None:
    async with held(tmp_path) as stage:
        await stage.fault("timeout_after_effect", "the answer is lost", order_id=ORDER, route="capture")
        await ask(stage, "capture", amount="60.00")
        await stage.advance(10, "the worker looks")
        order = await until_done(stage)
        assert ("PARTIAL_CHARGED", "60.00", True, []) == (
            order["status"],
            order["amount_captured"],
            order["may_fulfil"],
            order["review"],
        )
        assert (1, "60.00") == (await calls(stage), (await stage.truth(ORDER))["charged"])


async def test_two_clerks_and_a_lost_answer_take_the_money_once(tmp_path: Path) -> None:
    async with held(tmp_path) as stage:
        await stage.fault("timeout_after_effect", "the answer is lost", order_id=ORDER, route="capture")
        path, keys = f"/v1/orders/{ORDER}/capture", ("clerk-1", "clerk-2", "clerk-1")
        asked = (stage.backend("POST", path, {}, headers={"Idempotency-Key": key}) for key in keys)
        codes = [answer.status_code for answer in await asyncio.gather(*asked)]
        assert 1 == codes.count(201)
        await stage.advance(10, "the worker looks")
        await until_done(stage)
        assert (1, 1) == (await calls(stage), await charges(stage))


async def test_a_release_lets_the_money_go_and_nothing_more_can_be_taken(tmp_path: Path) -> None:
    async with held(tmp_path) as stage:
        assert "DONE" == (await ask(stage, "void"))["state"]
        answer = await stage.backend("POST", f"/v1/orders/{ORDER}/capture", {}, headers={"Idempotency-Key": "k-2"})
        assert (409, "order_not_held") == (answer.status_code, answer.json()["code"])
        assert ("VOIDED", 1, 0) == (
            (await stage.order(ORDER))["status"],
            await calls(stage, "void"),
            await charges(stage),
        )


async def test_a_hold_that_is_about_to_lapse_calls_a_person(tmp_path: Path) -> None:
    async with held(tmp_path) as stage:
        await stage.advance(4 * 86_400 - 60, "almost four days")
        await stage.at_rest()
        assert [] == await stage.open_reasons(ORDER)
        await stage.advance(120, "the warning is due")
        await stage.at_rest()
        assert ["hold_expiring"] == await stage.open_reasons(ORDER)


async def test_a_capture_from_the_terminal_is_sent_by_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with held(tmp_path) as stage:
        settings = ("--settings", str(stage.stack.settings_file), "--clock-url", _clock(stage))
        first = await asyncio.to_thread(paystate, "order", "capture", ORDER, *BY, "--key", "k-1", *settings)
        assert (0, True, True) == (first.exit_code, "of 100.00 INR" in first.output, "The worker" in first.output)
        order = await until_done(stage)
        assert ("CHARGED", 1) == (order["status"], await calls(stage))
        again = await asyncio.to_thread(paystate, "order", "capture", ORDER, *BY, "--key", "k-1", *settings)
        assert (0, True) == (again.exit_code, "of 100.00 INR is done." in again.output)
        shown = await asyncio.to_thread(paystate, "order", "show", ORDER, *settings[:2])
        assert "of 100.00 INR is done, asked for by Meera, support desk" in " ".join(shown.output.split())
        assert "a hold, to be taken or released later" in shown.output


async def test_what_the_rules_refuse_is_told_at_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with held(tmp_path) as stage:
        settings = ("--settings", str(stage.stack.settings_file), "--clock-url", _clock(stage))
        for options, says in (
            (("order", "capture", ORDER, *BY, "--amount", "100.01", "--key", "k"), "(rule G45)"),
            (("order", "capture", ORDER, *BY, "--amount", "much", "--key", "k"), "--amount: is not an amount of INR"),
            (("order", "capture", ORDER, *BY, "--key", "no blanks"), "--key: is not a valid key"),
        ):
            told = await asyncio.to_thread(paystate, *options, *settings)
            assert (1, True) == (told.exit_code, says in told.output), told.output
        done = await asyncio.to_thread(paystate, "order", "void", ORDER, *BY, "--key", "k", *settings)
        assert (0, True) == (done.exit_code, done.output.startswith("Release "))
        await until_done(stage)


def _clock(stage: Stage) -> str:
    return f"{stage.stack.sandbox_url}/_control/clock"
