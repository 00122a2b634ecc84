"""`paystate inbox` as a person uses it, on a database that webhooks have come to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from beginnings import copied_database
from e2e.cli.terminal import paystate

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.describe.wording import webhook_verdict
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Customer, Opened, Refused
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store
from paystate.core.retention import Quota, Retention

NOW = datetime(2026, 3, 14, 9, 4, 45, tzinfo=UTC)
SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.{}]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = {{ env = "NOT_NEEDED_HERE" }}
"""
PERSONAL = ("asha@example.com", "+919812345678", "Asha", "4111", "asha@okbank", "12 Lake Road")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paystate.toml").write_text(SETTINGS.format("teashop"), "utf-8")
    copied_database(tmp_path / "paystate.sqlite3")
    return tmp_path


def told(*args: str) -> str:
    """What a command prints, with every run of blanks as one."""
    result = paystate(*args)
    assert 0 == result.exit_code, result.output
    return " ".join(result.output.split())


def stored(work: Callable[[Store], Awaitable[object]]) -> None:
    async def run() -> None:
        async with SqliteStore(Path("paystate.sqlite3")) as store:
            await work(store)

    asyncio.run(run())


def webhook(order_id: str = "tea-1", **more: Any) -> bytes:
    order = {"order_id": order_id, "merchant_id": "teashop", "status": "CHARGED", "amount": 349.5, **more}
    return json.dumps({"id": "evt_1", "event_name": "ORDER_SUCCEEDED", "content": {"order": order}}).encode()


def received(
    body: bytes, verdict: InboxVerdict = InboxVerdict.WAITING, *, event_id: str = "evt_1",
    event_name: str = "ORDER_SUCCEEDED",
    order_key: str | None = "tea-1", merchant_id: str = "teashop", most: int = 500,
) -> None:  # fmt: skip
    async def append(store: Store) -> None:
        await store.append_inbox(
            ReceivedWebhook(merchant_id, event_id, body, NOW, event_name=event_name, order_key=order_key), most=most
        )
        for row in await store.take_inbox():
            await store.end_inbox(row.id, verdict)

    stored(append)


def opened(order_id: str) -> None:
    sale = Opened(
        merchant_id="teashop", order_id=order_id, amount=Money.of(34950, "INR"), customer=Customer(), window_s=3600
    )

    async def transact(store: Store) -> None:
        key = OrderKey("teashop", order_id)
        decided = await store.transact(key, lambda order: decide(order, OpenOrder(sale), DEFAULT, NOW))
        assert not isinstance(decided, Refused)

    stored(transact)


# --- list


@pytest.mark.parametrize(
    "asked",
    [
        ("inbox", "list", "--merchant", "teeshop"),
        ("inbox", "list", "--all", "--merchant", "teeshop"),
        ("review", "list", "--merchant", "teeshop"),
        ("review", "list", "--after", "no-such-order"),
    ],
)
def test_nothing_found_under_a_mistyped_name_is_no_good_news(asked: tuple[str, ...]) -> None:
    result = paystate(*asked)
    assert (1, True) == (result.exit_code, "to fix it" in result.output), result.output


def test_the_list_says_which_webhooks_could_not_be_used_and_why() -> None:
    received(webhook(), InboxVerdict.UNKNOWN_ORDER)
    received(b"not json", InboxVerdict.UNREADABLE, event_id="", event_name="", order_key=None)
    received(webhook("tea-2"), InboxVerdict.LOOKED, event_id="evt_3", order_key="tea-2")
    listed = told("inbox", "list")
    assert "1 2026-03-14 09:04:45 UTC ORDER_SUCCEEDED tea-1 unknown order" in listed
    assert "2 2026-03-14 09:04:45 UTC unreadable" in listed
    assert "looked" not in listed


def test_the_list_of_all_shows_what_was_used_and_what_waits() -> None:
    received(webhook(), InboxVerdict.LOOKED)
    received(webhook("tea-2"), event_id="evt_2", order_key="tea-2")
    listed = told("inbox", "list", "--all")
    assert "tea-1 looked" in listed
    assert "tea-2 waits" in listed


def test_the_list_of_an_order_leaves_all_others_out() -> None:
    received(webhook(), InboxVerdict.UNKNOWN_ORDER)
    received(webhook("tea-2"), InboxVerdict.UNKNOWN_ORDER, event_id="evt_2", order_key="tea-2")
    listed = told("inbox", "list", "--order", "TEA-2")
    assert (True, False) == ("tea-2" in listed, "tea-1" in listed)


def test_the_list_marks_another_body_repeats_and_a_flood() -> None:
    for n in (0, 0, 1, 2):
        received(webhook(note=n), InboxVerdict.UNKNOWN_ORDER, most=1)
    listed = told("inbox", "list")
    assert "unknown order 1 !" in listed
    assert "another body came under the same event id" in listed
    assert "unknown order 1 +" in listed
    assert "too many to keep each" in listed


def test_a_long_list_goes_on_where_it_says() -> None:
    async def append(store: Store) -> None:
        for n in range(53):
            await store.append_inbox(ReceivedWebhook("teashop", f"evt_{n}", b"{}", NOW))

    stored(append)
    assert "For older ones, add --before 4" in told("inbox", "list", "--all")
    rest = told("inbox", "list", "--all", "--before", "4")
    assert ("3 2026" in rest, "4 2026" in rest, "older" in rest) == (True, False, False)


def test_an_empty_list_says_so() -> None:
    assert "Every webhook could be used" in told("inbox", "list")


# --- show


def test_a_webhook_is_shown_with_its_verdict_in_words() -> None:
    received(webhook(), InboxVerdict.UNKNOWN_ORDER)
    shown = told("inbox", "show", "1")
    assert "Nobody has opened the order that it names" in shown
    assert "order.status: CHARGED order.amount: 349.5" in shown


def test_no_person_s_data_is_shown() -> None:
    email, phone, name, card, vpa, street = PERSONAL
    received(webhook(
        customer_email=email, customer_phone=phone, card={"number": card, "name_on_card": name}, payer_vpa=vpa,
        udf1=street, status=email, txn_id=f"call {name} at {email}", currency={"name": name},
        refunds=[{"unique_request_id": "rf1", "amount": 10, "status": "SUCCESS", "initiated_by": name}, name],
    ), InboxVerdict.UNKNOWN_ORDER)  # fmt: skip
    shown = told("inbox", "show", "1")
    assert [] == [one for one in PERSONAL if one in shown]
    assert "order.refunds[0].unique_request_id: rf1" in shown
    assert "kept but not shown" in shown


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"asha@example.com", "It is not JSON: Expecting value, at character 0."),
        (b'{"email": "asha@example.com', "It is not JSON: Unterminated string"),
        (b"\xff asha@example.com", "It is not UTF-8: byte 0 is wrong."),
        (b"[" * 100_000, "It is nested too deeply to be read."),
        (b"[]", "Everything else is kept but not shown"),
        (b'{"content": {"order": [1]}, "id": ' + b"9" * 5000 + b"}", "id: (kept, not shown)"),
    ],
)
def test_a_body_that_cannot_be_read_is_described_and_not_shown(body: bytes, message: str) -> None:
    received(body, InboxVerdict.UNREADABLE, order_key=None)
    shown = told("inbox", "show", "1")
    assert (message in shown, "asha" in shown) == (True, False)


def test_no_control_character_reaches_the_terminal() -> None:
    received(
        webhook(status="\x1b[2J\x07", txn_id="a\u202eb"), InboxVerdict.UNKNOWN_ORDER, event_name="\x1b]0;owned\x07[red]"
    )
    for command in (("list",), ("show", "1")):
        output = paystate("inbox", *command).output
        assert [] == [sign for sign in output if not sign.isprintable() and sign != "\n"]
        assert "owned" not in output


def test_another_merchant_s_webhook_is_not_there(here: Path) -> None:
    received(webhook(), InboxVerdict.UNKNOWN_ORDER, merchant_id="coffeeshop")
    for command in (("show", "1"), ("replay", "1"), ("replay", "1", "--dry-run")):
        refused = paystate("inbox", *command)
        assert (1, True) == (refused.exit_code, "teashop has no webhook 1" in refused.output)
        assert "to fix it:" in refused.output
    assert "Every webhook could be used" in told("inbox", "list")
    assert "unknown order" in told("inbox", "list", "--merchant", "coffeeshop")


@pytest.mark.parametrize("row_id", ["0", "-1", "one", str(2**63)])
def test_what_is_no_webhook_s_id_is_refused(row_id: str) -> None:
    assert 2 == paystate("inbox", "show", "--", row_id).exit_code


@pytest.mark.parametrize(("order_id", "says"), [("no/id", "is not an order id"), ("", "is blank")])
def test_what_is_no_order_id_is_refused(order_id: str, says: str) -> None:
    refused = paystate("inbox", "list", "--order", order_id)
    assert (1, f"--order: {says}") == (refused.exit_code, refused.output.splitlines()[0])


def without_body(order_key: str | None) -> None:
    received(b"not json", InboxVerdict.UNREADABLE, order_key=order_key)
    nothing = Quota(bytes_max=0, webhooks_max=10)
    stored(
        lambda store: store.sweep_inbox("teashop", Retention(quarantined_since=NOW, bodies_since=NOW, quota=nothing))
    )


def test_a_body_that_is_no_longer_kept_is_told_with_its_size() -> None:
    without_body("tea-1")
    assert "The body, of 8 bytes, is no longer kept: it was too old" in told("inbox", "show", "1")
    listed = told("inbox", "list")
    assert ("tea-1 unreadable - " in listed, "- the body is no longer kept" in listed) == (True, True)


# --- replay


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"not json", InboxVerdict.UNREADABLE),
        (b"{}", InboxVerdict.NO_ORDER),
        (webhook("no/id"), InboxVerdict.NO_ORDER),
        (webhook(merchant_id="other"), InboxVerdict.OTHER_MERCHANT),
        (webhook(), InboxVerdict.UNKNOWN_ORDER),
        (webhook("tea-9"), InboxVerdict.LOOKED),
    ],
)
def test_a_dry_run_says_what_would_become_of_a_webhook_and_changes_nothing(body: bytes, verdict: InboxVerdict) -> None:
    opened("tea-9")
    received(body, InboxVerdict.UNREADABLE)
    before = told("inbox", "show", "1")
    tried = told("inbox", "replay", "1", "--dry-run")
    assert ("is unchanged" in tried, f"the result is: {webhook_verdict(verdict)}." in tried) == (True, True)
    assert before == told("inbox", "show", "1")


def test_a_replayed_webhook_waits_and_it_is_said_who_settles_it() -> None:
    received(webhook(), InboxVerdict.UNREADABLE)
    assert "waits again. The worker in `paystate serve`" in told("inbox", "replay", "1")
    assert "tea-1 waits" in told("inbox", "list", "--all")


def test_a_webhook_of_a_merchant_who_is_not_set_up_would_be_quarantined_again() -> None:
    received(webhook(merchant_id="coffeeshop"), InboxVerdict.OTHER_MERCHANT, merchant_id="coffeeshop")
    tried = told("inbox", "replay", "1", "--merchant", "coffeeshop", "--dry-run")
    assert "the result is: another merchant's." in tried


def test_an_order_s_id_keeps_its_case(here: Path) -> None:
    received(webhook("Tea-X1"), order_key="tea-x1")
    assert " Tea-X1 " in told("inbox", "list", "--all")
    assert "order Tea-X1 " in told("inbox", "show", "1")


def test_the_key_is_shown_of_an_order_that_the_body_does_not_name(here: Path) -> None:
    received(b"{}", order_key="tea-x1")
    assert " tea-x1 " in told("inbox", "list", "--all")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_webhook_of_which_nothing_is_left_to_read_is_not_replayed(more: tuple[str, ...]) -> None:
    without_body(None)
    before = told("inbox", "show", "1")
    refused = paystate("inbox", "replay", "1", *more)
    assert (1, True) == (refused.exit_code, "(body_dropped)" in refused.output), refused.output
    assert before == told("inbox", "show", "1")


def test_a_webhook_without_its_body_is_replayed_by_the_order_that_it_named() -> None:
    without_body("tea-1")
    assert "Nobody has opened the order that it names" in told("inbox", "replay", "1")
    assert "tea-1 waits" in told("inbox", "list", "--all")
