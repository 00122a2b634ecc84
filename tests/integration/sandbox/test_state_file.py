"""What a sandbox remembers in a file is all there after a restart, and what it waited for still happens (ours)."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from integration.sandbox.playing import BASE, SESSION, START, Player, app_at, app_of, bakery
from integration.sandbox.receiving import Receiver, deliver
from litestar.exceptions import LitestarException
from patience import until

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, WebhookTarget, create_app, running
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.state_file import FORM, StateFile, StateUnusable
from paystate.entrypoints.sandbox.webhooks.outbox import Delivery

ORDER = SESSION["order_id"]
NOWHERE = WebhookTarget("http://127.0.0.1:9/hook", "bakery", "hook-pass")


@asynccontextmanager
async def started(
    path: Path, webhook: WebhookTarget | None = NOWHERE, merchant: str = "bakery", **config: Any
) -> AsyncGenerator[Player]:
    """A sandbox that goes on from the file."""
    with closing(StateFile.opened(path)) as state_file:
        clock = SandboxClock(START, frozen=True)
        app = app_of(SandboxConfig((bakery(merchant_id=merchant, webhook=webhook),), **config), clock)
        state_file.restore(app.state.sandbox)
        app.state.state_file = state_file
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
            yield Player(http, clock)


async def told(receiver: Receiver, name: str) -> bool:
    return name in receiver.names


async def everything(player: Player) -> list[dict[str, Any]]:
    return [await player.control(f"/_control/{what}") for what in ("orders", "ledger", "webhooks", "faults")]


async def test_all_that_was_told_is_told_again(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with started(path) as player:
        await player.page_open(**{"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00"})
        await player.act("pay", method={"card": "4242424242424242"})
        await player.refund("r1", "10.91")
        await player.arm("status_5xx", order_id="bun-later", calls=3)
        await player.arm("late_success", order_id=ORDER, params={"after_s": 3600})
        answer = await player.status()
        before = await everything(player)
    async with started(path) as player:
        assert before == await everything(player)
        after = await player.status()
    assert answer == after


async def test_a_pending_payment_settles_at_its_time(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.page_open(amount="800")
        await player.act("pay", method={"nb": "NB_AXIS"})
    async with started(tmp_path / "state") as player:
        before = (await player.truth())["status"]
        await player.control("/_control/clock", {"advance_s": 60})
        assert ("AUTHORIZING", "CHARGED") == (before, (await player.truth())["status"])


async def test_a_refund_settles_at_its_time(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.paid()
        await player.refund("r1", "10")
    async with started(tmp_path / "state") as player:
        await player.control("/_control/clock", {"advance_s": 60})
        assert ["SUCCESS"] == [one["status"] for one in (await player.truth())["refunds"]]


@pytest.mark.parametrize("method", [{"upi": "late@upi"}, {"upi": "authenticated@upi"}])
async def test_a_late_success_comes_at_its_time(tmp_path: Path, method: dict[str, str]) -> None:
    async with started(tmp_path / "state") as player:
        await player.page_open()
        await player.act("pay", method=method)
    async with started(tmp_path / "state") as player:
        await player.control("/_control/clock", {"advance_s": 60})
        assert "CHARGED" == (await player.truth())["status"]


async def test_a_capture_that_is_pending_is_answered_at_its_time(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        uuid = await player.held(amount="100.82")
        await player.post(f"/v2/txns/{uuid}/capture", {})
    async with started(tmp_path / "state") as player:
        before = (await player.truth())["status"]
        await player.control("/_control/clock", {"advance_s": 60})
        assert ("CAPTURE_INITIATED", "CHARGED") == (before, (await player.truth())["status"])


async def test_a_fault_that_was_to_come_comes(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.paid()
        await player.arm("second_charge", order_id=ORDER, params={"after_s": 60})
    async with started(tmp_path / "state") as player:
        await player.control("/_control/clock", {"advance_s": 60})
        assert (2, []) == ((await player.truth())["charges"], await player.armed())


async def test_a_mandate_goes_on_when_its_pause_ends(tmp_path: Path) -> None:
    ends = int(START.timestamp()) + 3600
    async with started(tmp_path / "state") as player:
        await player.paid(**{"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00"})
        mandate = (await player.status())["mandate"]["mandate_id"]
        answer = await player.post(f"/mandates/{mandate}", {"command": "pause", "pause_end_date": str(ends)})
        assert 200 == answer.status_code, answer.text
    async with started(tmp_path / "state") as player:
        before = (await player.status())["mandate"]["mandate_status"]
        await player.control("/_control/clock", {"advance_s": 7200})
        assert ("PAUSED", "ACTIVE") == (before, (await player.status())["mandate"]["mandate_status"])


async def test_an_app_goes_on_with_its_open_page(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.page_open()
        await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    async with started(tmp_path / "state") as player:
        events = (await player.act("approve"))["events"]
        assert ("charged", "CHARGED") == (events[-1]["payload"]["status"], (await player.truth())["status"])


async def test_a_session_s_payload_still_opens_the_page(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        payload = (await player.session())["sdk_payload"]
    async with started(tmp_path / "state") as player:
        await player.initiated()
        assert (await player.sdk("process", payload))["page_url"]


async def test_a_webhook_that_waited_is_sent_and_one_that_was_sent_is_not(tmp_path: Path, receiver: Receiver) -> None:
    async with started(tmp_path / "state", WebhookTarget(receiver.url, "bakery", "hook-pass")) as player:
        await player.session()
        await deliver(player)
        await player.arm("webhook_reorder", route="TXN_CREATED")
        await player.page_open()
        await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    async with started(tmp_path / "state", WebhookTarget(receiver.url, "bakery", "hook-pass")) as player:
        await player.act("approve")
        await deliver(player)
    assert ["ORDER_CREATED", "ORDER_SUCCEEDED", "TXN_CREATED"] == receiver.names


async def test_a_webhook_of_a_merchant_who_has_no_address_any_more_is_tried_in_vain(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.session()
    async with started(tmp_path / "state", webhook=None) as player:
        await deliver(player)
        assert ["no address"] == [one["problem"] for one in (await player.deliveries())[0]["tries"]]


async def test_the_clock_stands_where_it_was_moved_to(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.control("/_control/clock", {"advance_s": 86_400})
        moved = player.clock.now()
    async with started(tmp_path / "state") as player:
        assert 0 <= (player.clock.now() - moved).total_seconds() < 3600


async def test_cards_customers_and_wallets_are_kept(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.post("/customers", {"object_reference_id": "c-77", "email_address": "dev@example.test"})
        card = {"merchant_id": "bakery", "customer_id": "c-77", "card_number": "4242424242424242"}
        more = {"card_exp_year": "2040", "card_exp_month": "08", "name_on_card": "DEV", "nickname": "home"}
        assert (await player.post("/card/add", {**card, **more})).is_success
        before = [(await player.get(path)).json() for path in ("/customers/c-77", "/cards?customer_id=c-77")]
    async with started(tmp_path / "state") as player:
        after = [(await player.get(path)).json() for path in ("/customers/c-77", "/cards?customer_id=c-77")]
    assert before == after


async def test_a_fault_that_was_disarmed_is_gone_and_its_id_is_not_used_again(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        first, second = [(await player.arm("status_5xx"))["id"] for _ in range(2)]
        await player.http.delete(f"/_control/faults/{first}")
    async with started(tmp_path / "state") as player:
        assert [second] == [one["id"] for one in (await player.control("/_control/faults"))["armed"]]
        assert second < (await player.arm("status_5xx"))["id"]


async def test_the_highest_id_of_a_disarmed_fault_is_not_used_again_and_its_time_brings_nothing(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.paid()
        first = (await player.arm("chargeback", order_id=ORDER, params={"after_s": 3600}))["id"]
        await player.http.delete(f"/_control/faults/{first}")
    async with started(tmp_path / "state") as player:
        assert first < (await player.arm("status_5xx"))["id"]
        assert 200 == (await player.http.post("/_control/clock", json={"advance_s": 3600})).status_code
        assert ["status_5xx"] == await player.armed()
        assert [] == app_at(player).state.sandbox.world.happenings.timers


async def test_a_fraction_is_a_number_after_a_restart_too(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        before = await player.arm("slow_drip", params={"every_s": 0.5})
    async with started(tmp_path / "state") as player:
        assert [before] == (await player.control("/_control/faults"))["armed"]


async def test_a_clock_that_was_moved_out_of_all_bounds_is_refused(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.session()
    with closing(sqlite3.connect(tmp_path / "state", isolation_level=None)) as database:
        database.execute("update remembered set value = ? where part = 'moved'", (b'{"ahead_s": 1e10}',))
    with pytest.raises(StateUnusable, match="it is damaged: moved clock"):
        async with started(tmp_path / "state"):
            pass


async def test_a_webhook_of_what_became_due_meanwhile_names_the_whole_address(
    tmp_path: Path, receiver: Receiver
) -> None:
    webhook = WebhookTarget(receiver.url, "bakery", "hook-pass")
    async with started(tmp_path / "state", webhook) as player:
        await player.page_open(amount="800")
        await player.act("pay", method={"nb": "NB_AXIS"})
    later = SandboxClock(START + timedelta(seconds=60), frozen=True)
    with closing(StateFile.opened(tmp_path / "state")) as state_file:
        app = create_app(SandboxConfig((bakery(webhook=webhook),)), later, state_file)
        later.advance(60)
        async with running(app) as url:
            await until(lambda: told(receiver, "ORDER_SUCCEEDED"))
    links = receiver.bodies[receiver.names.index("ORDER_SUCCEEDED")]["content"]["order"]["payment_links"]
    assert [] == [link for link in links.values() if link and not link.startswith(url)]


async def test_what_was_answered_is_in_the_file_before_the_answer_goes_out(tmp_path: Path) -> None:
    """Nobody closes the file: its copy is what a killed sandbox leaves behind."""
    async with started(tmp_path / "state") as player:
        await player.paid()
        (tmp_path / "left").write_bytes((tmp_path / "state").read_bytes())
        truth = await player.truth()
    async with started(tmp_path / "left") as player:
        assert truth == await player.truth()


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    StateFile.opened(tmp_path / "state").close()
    assert 0o600 == (tmp_path / "state").stat().st_mode & 0o777


async def test_a_wrong_password_at_the_bank_is_counted_across_a_restart(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.page_open()
        await player.act("pay", method={"card": "4242424242424242"}, bank="wait")
        order = app_at(player).state.sandbox.world.orders[0]
        path = f"/payment-page/order/{order.juspay_id}/bank/{order.txns[-1].txn_uuid}"
        assert 400 == (await player.http.post(path, data={"otp": "999999", "answer": "approve"})).status_code
    async with started(tmp_path / "state") as player:
        assert 1 == app_at(player).state.sandbox.world.orders[0].txns[-1].wrong_passwords


async def test_a_mandate_stands_the_same_for_the_order_that_made_it_and_one_that_used_it(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.paid(**{"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00"})
        mandate = (await player.status())["mandate"]["mandate_id"]
        use = {"order.order_id": "bun-2", "order.amount": "20.00", "order.customer_id": "c-77", "format": "json"}
        answer = await player.post("/txns", {**use, "mandate_id": mandate, "merchant_id": "bakery"})
        assert 200 == answer.status_code, answer.text
        assert 200 == (await player.post(f"/mandates/{mandate}", {"command": "revoke"})).status_code
    async with started(tmp_path / "state") as player:
        statuses = [(await player.status(one))["mandate"]["mandate_status"] for one in (ORDER, "bun-2")]
    assert ["REVOKED", "REVOKED"] == statuses


async def test_a_mandate_that_ends_by_an_order_that_used_it_has_ended_after_a_restart(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.paid(**{"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00"})
        mandate = (await player.status())["mandate"]["mandate_id"]
        use = {"order.order_id": "bun-2", "order.amount": "20.00", "order.customer_id": "c-77", "format": "json"}
        await player.post("/txns", {**use, "mandate_id": mandate, "merchant_id": "bakery"})
        await player.arm("mandate_revoked", order_id="bun-2")
    async with started(tmp_path / "state") as player:
        statuses = [(await player.status(one))["mandate"]["mandate_status"] for one in (ORDER, "bun-2")]
    assert ["REVOKED", "REVOKED"] == statuses


async def test_a_refund_that_a_fault_kept_pending_at_its_time_stays_so_after_a_restart(tmp_path: Path) -> None:
    async with started(tmp_path / "state", refund_settles_after_s=60) as player:
        await player.paid()
        await player.refund("r1")
        await player.arm("refund_pending", order_id=ORDER, params={"after_s": 30})
        player.clock.advance(40)
        await player.session(order_id="bun-2")
    async with started(tmp_path / "state", refund_settles_after_s=60) as player:
        player.clock.advance(3600)
        assert ["PENDING"] == [one["status"] for one in (await player.status())["refunds"]]


async def test_what_the_bank_hears_while_somebody_else_is_answered_is_kept_across_a_restart(tmp_path: Path) -> None:
    async def spoken_slowly(player: Player, form: bytes) -> AsyncGenerator[bytes]:
        yield form[:3]
        await player.session(order_id="bun-2")
        yield form[3:]

    form = {"content-type": "application/x-www-form-urlencoded"}
    async with started(tmp_path / "state") as player:
        await player.page_open()
        order = app_at(player).state.sandbox.world.orders[0]
        path = f"/payment-page/order/{order.juspay_id}"
        await player.http.post(f"{path}/bank-says", content=spoken_slowly(player, b"surcharge=7.50"), headers=form)
        await player.act("pay", method={"card": "4242424242424242"}, bank="wait")
        bank = f"{path}/bank/{order.txns[-1].txn_uuid}"
        otp = spoken_slowly(player, b"otp=999999&answer=approve")
        assert 400 == (await player.http.post(bank, content=otp, headers=form)).status_code
    async with started(tmp_path / "state") as player:
        kept = app_at(player).state.sandbox.world.orders[0]
        assert ("7.50", 1) == (str(kept.price.surcharge), kept.txns[-1].wrong_passwords)


async def test_without_a_file_nobody_counts_what_was_touched(player: Player) -> None:
    await player.page_open()
    await player.act("close_app")
    sandbox = app_at(player).state.sandbox
    touched = (sandbox.world.happenings.touched, sandbox.sdk.touched, sandbox.outbox.touched, sandbox.customers.touched)
    assert ({}, {}, {}, {}) == touched


async def test_events_that_the_app_has_fetched_do_not_come_again_after_a_restart(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        page = (await player.page_open())["page_url"]
        assert (await player.http.post(f"{page}/cancel", data={})).status_code < 400
        assert 1 == len((await player.http.get("/_sdk/events", headers={"x-sdk-instance": "app"})).json()["events"])
    async with started(tmp_path / "state") as player:
        assert [] == (await player.http.get("/_sdk/events", headers={"x-sdk-instance": "app"})).json()["events"]


async def test_what_a_call_costs_does_not_grow_with_the_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = list[object]()

    def counted(value: object) -> bytes:
        written.append(value)
        return encode(value)

    encode = msgspec.json.encode
    async with started(tmp_path / "state") as player:
        for number in range(20):
            await player.page_open(f"app{number}", order_id=f"bun-{number}")
        monkeypatch.setattr(msgspec.json, "encode", counted)
        await player.status("bun-7")
        assert ["bun-7"] == [one.order_id for one in written if isinstance(one, Order)]
        assert [] == [one for one in written if isinstance(one, Delivery) or "Instance" in type(one).__name__]


def told_by_the_sandbox(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Its own lines: what libraries tell beside them depends on how an earlier test has set logging up."""
    return [one.getMessage() for one in caplog.records if one.name == "paystate.sandbox"]


async def test_a_file_that_is_nearly_full_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with started(tmp_path / "state") as player:
        for number in range(6):
            await player.session(order_id=f"bun-{number}", description="x" * 20_000)
        assert [] == told_by_the_sandbox(caplog)
        database = app_at(player).state.state_file._database
        (pages,) = database.execute("pragma page_count").fetchone()
        database.execute(f"pragma max_page_count = {pages + 6}")
        for number in range(3):
            await player.arm("status_5xx", order_id=f"bun-{number}")
    (warning,) = told_by_the_sandbox(caplog)
    assert warning.endswith("% full. When it is full, nothing is answered: begin with a new file.")


# --- a file that cannot be used


def unusable(path: Path) -> StateUnusable:
    with pytest.raises(StateUnusable) as caught:
        StateFile.opened(path)
    return caught.value


def refused(path: Path) -> str:
    return str(unusable(path))


def test_nobody_is_told_to_delete_what_is_not_a_sandbox_s(tmp_path: Path) -> None:
    path = tmp_path / "payments"
    path.write_text("a private key, such as one is\n" * 50)
    assert "name another file" == unusable(path).fix
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table orders (id text)")
    assert "name another file" == unusable(path).fix
    with closing(StateFile.opened(tmp_path / "played")):
        assert "delete" not in unusable(tmp_path / "played").fix


def test_of_a_file_that_is_a_sandbox_s_it_is_said_that_it_may_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "state"
    StateFile.opened(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert "name another file, or delete this one: all in it was played" == unusable(path).fix


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("my diary, more than a few words of it\n" * 50)
    before = path.read_bytes()
    assert "it is no state of a sandbox" in refused(path)
    assert before == path.read_bytes()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state")) as other:
        other.execute("create table diary (day text)")
    assert "it is a database of something else" == refused(tmp_path / "state")


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    StateFile.opened(tmp_path / "state").close()
    with closing(sqlite3.connect(tmp_path / "state")) as later:
        later.execute(f"pragma user_version = {FORM + 1}")
    assert f"it has form {FORM + 1}, and this version of Paystate reads form {FORM}" == refused(tmp_path / "state")


def test_a_file_that_another_sandbox_uses_is_refused(tmp_path: Path) -> None:
    with closing(StateFile.opened(tmp_path / "state")):
        assert "another sandbox uses it" == refused(tmp_path / "state")


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere" / "state").startswith("it cannot be made")


async def test_a_file_whose_pages_are_overwritten_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with started(path) as player:
        await player.paid()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "it is damaged" in refused(path)


@pytest.mark.parametrize(
    ("row", "value"),
    [("order", b'{"juspay_id": 7}'), ("token", b'{"order": "ordeh_none", "expires": 1, "payload": {}}')],
)
async def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str, value: bytes) -> None:
    path = tmp_path / "state"
    async with started(path) as player:
        await player.session()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("update remembered set value = ? where part = ?", (value, row))
    with pytest.raises(StateUnusable, match=f"it is damaged: {row} "):
        async with started(path):
            pass


async def test_orders_of_a_merchant_who_is_not_set_up_are_refused(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        await player.session()
    with pytest.raises(StateUnusable, match="it has orders of the merchant bakery"):
        async with started(tmp_path / "state", merchant="florist"):
            pass


async def test_what_cannot_be_written_is_not_answered(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as player:
        app_at(player).state.state_file._database.execute("pragma max_page_count = 1")
        with pytest.raises((sqlite3.OperationalError, LitestarException)):
            await player.session(description="x" * 20_000)
