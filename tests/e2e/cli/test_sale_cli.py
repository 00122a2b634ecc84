"""Orders from before, a restore from a backup, prices, cash, cancelling: the real command line beside the sandbox."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from patience import HANGS_S

from paystate.entrypoints.cli.main import main
from paystate.entrypoints.cli.orders import adopted_orders
from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, running_stack
from paystate.entrypoints.demo.stage import Stage

HEAD = "order_id,amount,currency,customer_id,fulfilled,return_url,description,created_at"
SINCE = START.isoformat()
TOO_MANY = f"{HEAD}\n".encode() + b"tea-1,50.00,INR,asha,yes,,,\n" * (adopted_orders.LINES_MAX + 1)
BY = ("--by", "Meera, support desk")
WAITING = {"tea-here-1": "50.00", "tea-cut-1": "500.00"}
of_one_stack = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Stage]:
    async with (
        running_stack(folder, START) as stack,
        httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY, timeout=HANGS_S) as http,
    ):
        yield Stage(stack, http)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def refusing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stack with two orders, for commands that are refused: none changes anything, so one stack does for all."""
    async with staged(tmp_path_factory.mktemp("refusing")) as stage:
        for order_id, amount in WAITING.items():
            await stage.open_order(order_id, amount)
        yield stage


@pytest.fixture
def beside(here: Path, refusing: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The same stack, with commands run in its folder."""
    monkeypatch.chdir(refusing.stack.settings_file.parent)
    return refusing


async def unchanged(stage: Stage) -> bool:
    """Whether the stack has its two orders still, each at its price."""
    orders = (await stage.backend("GET", "/v1/orders")).json()["orders"]
    return {order["order_id"]: order["amount"] for order in orders} == WAITING


async def paystate(stage: Stage, *args: str) -> Result:
    """A command beside the running stack, on the sandbox's clock."""
    clock = ("--clock-url", f"{stage.stack.sandbox_url}/_control/clock")
    return await asyncio.to_thread(CliRunner().invoke, main, [*args, *clock])


def database(folder: Path) -> Path:
    return folder / "paystate.sqlite3"


def forget(folder: Path) -> None:
    """Take the database away, with what SQLite keeps beside it."""
    for file in folder.glob("paystate.sqlite3*"):
        file.unlink()


def backed_up(folder: Path) -> None:
    """Copy the database of a service that is down: SQLite has put all of it into the one file by then."""
    shutil.copy(database(folder), folder / "backup")


def restore(folder: Path) -> None:
    forget(folder)
    shutil.copy(folder / "backup", database(folder))


def csv(folder: Path, *lines: str, head: str = HEAD) -> str:
    (folder / "orders.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return "orders.csv"


def written(content: bytes) -> str:
    """A file of orders in the folder that commands run in."""
    Path("orders.csv").write_bytes(content)
    return "orders.csv"


async def outbox(stage: Stage) -> list[tuple[str, str]]:
    rows = await stage.stack.runtime.ports.store.outbox("teashop", limit=1000)
    return [(row.order_id, row.once_key) for row in rows]


# --- adopt


async def test_orders_from_before_are_taken_over_looked_at_and_announced_only_where_goods_wait(here: Path) -> None:
    async with staged(here) as stage:
        for order_id in ("tea-old-1", "tea-old-2"):
            await stage.paid(order_id, "50.00")
        await stage.stack.service.stop()
        forget(here)
        assert 0 == (await asyncio.to_thread(CliRunner().invoke, main, ["migrate"])).exit_code
        file = csv(
            here,
            "tea-old-1,50.00,INR,asha,yes,,Delivered long ago,2026-01-05T10:00:00+05:30",
            'tea-old-2,50.00,INR,asha,no,https://shop.example.test/thanks,"Tea, green",',
        )
        first, again = await paystate(stage, "adopt", *BY, file), await paystate(stage, "adopt", *BY, file)
        assert (0, "2 orders are taken over; 0 had been taken over before.") == (
            first.exit_code,
            first.output.splitlines()[0],
        )
        assert (0, "0 orders are taken over; 2 had been taken over before.\n") == (again.exit_code, again.output)
        await stage.stack.service.start()
        delivered = await stage.until_status("tea-old-1", "CHARGED")
        waiting = await stage.until_status("tea-old-2", "CHARGED")
        told = await outbox(stage)
    assert (True, True, True, False) == (
        delivered["adopted"],
        delivered["fulfilled"],
        delivered["paid"],
        delivered["may_fulfil"],
    )
    assert ("2026-01-05T04:30:00Z", True) == (delivered["created_at"], waiting["may_fulfil"])
    assert [("tea-old-2", "order.paid")] == told


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("bad id,50.00,INR,asha,yes,,,", "order_id: invalid_order_id"),
        ("a-shop-of-long-order-ids-2031-05,50.00,INR,asha,yes,,,", "order_id: invalid_order_id"),
        ('tea-2,"50,000",INR,asha,yes,,,', "amount: invalid_amount"),
        ("tea-2,0.00,INR,asha,yes,,,", "amount: invalid_amount"),
        ("tea-2,50.00,inr,asha,yes,,,", "currency: invalid_currency"),
        ("tea-2,50.00,INR,as ha,yes,,,", "customer_id: invalid_customer_id"),
        ("tea-2,50.00,INR,asha,maybe,,,", "fulfilled: validation_failed"),
        ("tea-2,50.00,INR,asha,yes,https://elsewhere.test/,,", "return_url: invalid_return_url"),
        (
            "tea-2,50.00,INR,asha,yes,,4111 1111 1111 1111,",
            "description: validation_failed, it holds a card's number: 16 digits from character 1 on (Visa)",
        ),
        ("tea-2,50.00,INR,asha,yes,,\x1b[31mred,", "description: validation_failed"),
        ("tea-2,50.00,INR,asha,yes,,,2026-01-05", "created_at: validation_failed"),
        ("tea-2,50.00,INR,asha,yes,,,2099-01-05T10:00:00Z", "created_at: validation_failed"),
        ("tea-2,50.00,INR", "number of columns: validation_failed"),
        ("TEA-1,50.00,INR,asha,yes,,,", "order_id: duplicate_key"),
        ("tea-here-1,50.00,INR,asha,yes,,,", "order_id: order_exists"),
    ],
)
@of_one_stack
async def test_a_wrong_line_is_named_and_nothing_is_taken(beside: Stage, line: str, message: str) -> None:
    told = await paystate(beside, "adopt", *BY, csv(Path(), "tea-1,50.00,INR,asha,yes,,,", line))
    assert (1, True) == (told.exit_code, await unchanged(beside))
    assert f"line 3: {message}" in told.output
    assert "to fix it: " in told.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"order_id,amount\ntea-1,50.00\n", "does not begin with the names of its columns"),
        (f"{HEAD},status\n".encode(), "does not begin with the names of its columns"),
        (b"\xff\xfe" + HEAD.encode("utf-16-le"), "is not UTF-8"),
        (f'{HEAD}\n"tea-1,50.00\n'.encode(), "is not CSV"),
        (b"x" * (adopted_orders.BYTES_MAX + 1), "is larger than 8 MB"),
        (
            f"{HEAD}\n".encode() + b"tea-1,50.00,INR,asha,yes,,,\n" * (adopted_orders.LINES_MAX + 1),
            "has more than 20000 orders",
        ),
    ],
    ids=["empty", "columns missing", "column unknown", "UTF-16", "open quote", "bytes", "lines"],
)
@of_one_stack
async def test_a_file_that_is_none_is_refused(beside: Stage, content: bytes, message: str) -> None:
    told = await paystate(beside, "adopt", *BY, written(content))
    assert (1, True) == (told.exit_code, f"file: {message}" in told.output), told.output


async def test_a_spreadsheet_s_mark_at_the_beginning_is_passed_over(here: Path) -> None:
    async with staged(here) as stage:
        (here / "orders.csv").write_bytes(b"\xef\xbb\xbf" + f"{HEAD}\r\ntea-1,50.00,INR,,no,,,\r\n".encode())
        told = await paystate(stage, "adopt", *BY, "orders.csv")
    assert "1 orders are taken over; 0 had been taken over before." in told.output


# --- a restore from a backup


async def test_after_a_restore_nothing_is_refunded_twice(here: Path) -> None:
    async with staged(here) as stage:
        await _refund_and_forget(here, stage, "40.00")
        told = await paystate(stage, "resync", *BY, "--since", SINCE)
        again = await paystate(stage, "resync", *BY, "--since", SINCE)
        await stage.stack.juspay.stop()
        await stage.stack.service.start()
        assert (await stage.order("tea-lost-1"))["unsure"]
        assert 201 == (await stage.refund("tea-lost-1", "40.00", "asked-again")).status_code
        await stage.stack.juspay.start()
        await stage.advance(60, "Paystate tries again")
        order = await stage.eventually("a look", lambda: stage.order("tea-lost-1"), lambda seen: not seen["unsure"])
        await stage.at_rest()
        calls, truth = await stage.refund_calls("tea-lost-1"), await stage.truth("tea-lost-1")
    assert "1 orders are in doubt" in told.output
    assert "0 orders are in doubt" in again.output
    assert (1, 1) == (len(calls), len(truth["refunds"]))
    assert ["refund_unknown"] == [reason["kind"] for reason in order["review"]]
    assert {"40.00": ["elsewhere", "requested"]} == {"40.00": sorted(one["origin"] for one in order["refunds"])}


async def test_after_a_restore_a_refund_without_room_is_given_up(here: Path) -> None:
    async with staged(here) as stage:
        await _refund_and_forget(here, stage, "60.00")
        await paystate(stage, "resync", *BY, "--since", SINCE)
        await stage.stack.service.start()
        await stage.refund("tea-lost-1", "70.00", "another")
        refund = await stage.until_refund("tea-lost-1", "another", "REJECTED")
        calls = await stage.refund_calls("tea-lost-1")
    assert (0, 1) == (refund["tries"], len(calls))


async def _refund_and_forget(folder: Path, stage: Stage, amount: str) -> None:
    """An order of 100.00 is paid and backed up, a refund is made, and the backup is put back; the service is down."""
    await stage.paid("tea-lost-1", "100.00")
    await stage.stack.service.stop()
    backed_up(folder)
    await stage.stack.service.start()
    await stage.refund("tea-lost-1", amount, "forgotten")
    assert 1 == len(await stage.refund_calls("tea-lost-1"))
    await stage.stack.service.stop()
    restore(folder)


@pytest.mark.parametrize("instant", ["yesterday", "2026-03-14T09:00:00", "2099-01-01T00:00:00Z"])
@of_one_stack
async def test_a_backup_was_made_at_an_instant_that_has_passed(beside: Stage, instant: str) -> None:
    told = await paystate(beside, "resync", *BY, "--since", instant)
    assert (1, True) == (told.exit_code, "--since: " in told.output)


# --- another price


async def test_a_price_that_is_changed_while_the_page_is_open_is_the_one_that_is_paid(here: Path) -> None:
    async with staged(here) as stage:
        app = await stage.at_the_page("tea-cut-1", "500.00")
        changed = await stage.backend("PATCH", "/v1/orders/tea-cut-1", {"amount": "450.00"})
        await app.pay()
        order = await stage.until_status("tea-cut-1", "CHARGED")
        calls = [call["name"] for call in await stage.ledger("tea-cut-1", "call")]
    assert (200, "450.00") == (changed.status_code, changed.json()["amount"])
    assert ("450.00", "450.00", True, []) == (order["amount"], order["amount_captured"], order["paid"], order["review"])
    assert 1 == calls.count("order_update")


async def test_a_paid_order_s_price_is_changed_neither_here_nor_at_juspay(here: Path) -> None:
    async with staged(here) as stage:
        await stage.paid("tea-cut-1", "500.00")
        no = await stage.backend("PATCH", "/v1/orders/tea-cut-1", {"amount": "450.00"})
        calls = [call["name"] for call in await stage.ledger("tea-cut-1", "call")]
    assert (409, 0) == (no.status_code, calls.count("order_update"))


async def test_a_clerk_changes_a_price_and_the_new_one_is_paid(here: Path) -> None:
    async with staged(here) as stage:
        app = await stage.at_the_page("tea-cut-1", "500.00")
        first, again = [await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00") for _ in range(2)]
        await app.pay()
        order = await stage.until_status("tea-cut-1", "CHARGED")
        calls = [call["name"] for call in await stage.ledger("tea-cut-1", "call")]
        shown = await asyncio.to_thread(CliRunner().invoke, main, ["order", "timeline", "tea-cut-1"])
    assert (0, "The price of tea-cut-1 is 450.00 INR now; it was 500.00 INR.") == (
        first.exit_code,
        first.output.splitlines()[0],
    )
    assert (0, "The price of tea-cut-1 is already 450.00 INR; nothing changed.\n") == (again.exit_code, again.output)
    assert ("450.00", "450.00", True, []) == (order["amount"], order["amount_captured"], order["paid"], order["review"])
    assert 1 == calls.count("order_update")
    assert "450.00 INR" in " ".join(shown.output.split())


async def test_a_price_that_juspay_cannot_know_yet_is_changed_here_alone(here: Path) -> None:
    async with staged(here) as stage:
        await stage.open_order("tea-cut-1", "500.00")
        told = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00")
        order, calls = await stage.order("tea-cut-1"), await stage.ledger("tea-cut-1", "call")
    assert (0, "450.00", []) == (told.exit_code, order["amount"], calls)


async def test_a_paid_order_s_price_is_refused_in_the_rule_s_own_words(here: Path) -> None:
    async with staged(here) as stage:
        await stage.paid("tea-cut-1", "500.00")
        no = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00")
        order = await stage.order("tea-cut-1")
    assert (1, "500.00") == (no.exit_code, order["amount"])
    assert "refused: A payment was made, is under way or comes too late" in no.output
    assert "(rule S4)" in no.output


@pytest.mark.parametrize("amount", ["450,00", "45000 paise", "1e3", "450.005", "0.00", ""])
@of_one_stack
async def test_a_new_price_is_an_amount_in_major_units(beside: Stage, amount: str) -> None:
    no = await paystate(beside, "order", "amend", *BY, "tea-cut-1", amount)
    assert (1, True, True) == (no.exit_code, await unchanged(beside), "to fix it: " in no.output), no.output


async def test_a_new_price_that_juspay_does_not_confirm_is_awaited(here: Path) -> None:
    async with staged(here) as stage:
        await stage.at_the_page("tea-cut-1", "500.00")
        await stage.fault("status_5xx", "the change is lost", order_id="tea-cut-1", route="order_update")
        first, again = [await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00") for _ in range(2)]
        other = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "440.00")
    assert (0, True) == (first.exit_code, "Juspay was asked for 450.00 INR" in first.output), first.output
    assert (0, True) == (again.exit_code, "was already asked for" in again.output), again.output
    assert (1, True) == (other.exit_code, "possible: look" in other.output), other.output


async def test_a_new_price_whose_answer_was_lost_is_found_by_a_look(here: Path) -> None:
    async with staged(here) as stage:
        await stage.at_the_page("tea-cut-1", "500.00")
        await stage.fault("timeout_after_effect", "the answer is lost", order_id="tea-cut-1", route="order_update")
        first = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00")
        order = await stage.eventually("a look", lambda: stage.order("tea-cut-1"), lambda seen: not seen["price_asked"])
        calls = [call["name"] for call in await stage.ledger("tea-cut-1", "call")]
    assert (0, "450.00", 1) == (first.exit_code, order["amount"], calls.count("order_update"))


async def test_a_new_price_that_never_reached_juspay_changes_nothing(here: Path) -> None:
    async with staged(here) as stage:
        await stage.at_the_page("tea-cut-1", "500.00")
        settings = (here / "paystate.toml").read_text("utf-8")
        nobody = settings.replace(stage.stack.sandbox_url, "http://127.0.0.1:1")
        (here / "elsewhere.toml").write_text(nobody, "utf-8")
        no = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00", "--settings", "elsewhere.toml")
        order = await stage.order("tea-cut-1")
    assert (1, "500.00", None) == (no.exit_code, order["amount"], order["price_asked"]), no.output
    assert "Juspay cannot be reached. The price is still 500.00 INR" in " ".join(no.output.split())


async def test_a_new_price_that_juspay_refuses_changes_nothing(here: Path) -> None:
    async with staged(here) as stage:
        await stage.at_the_page("tea-cut-1", "500.00")
        await stage.fault("address_not_listed", "Juspay will not", order_id="tea-cut-1", route="order_update")
        no = await paystate(stage, "order", "amend", *BY, "tea-cut-1", "450.00")
        order = await stage.order("tea-cut-1")
    assert (1, "500.00", None) == (no.exit_code, order["amount"], order["price_asked"]), no.output
    assert "Juspay refused the call" in no.output


# --- cash and cancelling


async def test_a_look_that_hears_the_same_calls_nothing_news(here: Path) -> None:
    async with staged(here) as stage:
        await stage.paid("tea-1", "50.00")
        for _ in range(2):
            look = await paystate(stage, "order", "look", "tea-1")
            assert (0, "It is still CHARGED.") == (look.exit_code, look.output.splitlines()[-1])


async def test_a_clerk_tells_of_cash_once(here: Path) -> None:
    async with staged(here) as stage:
        await _cash_on_delivery(stage)
        first, again, opposite = [
            await paystate(stage, "order", "cash", "tea-cod-1", word, "--by", "Ravi", "--note", "receipt 8812")
            for word in ("collected", "collected", "returned")
        ]
        shown = await asyncio.to_thread(CliRunner().invoke, main, ["order", "show", "tea-cod-1"])
    assert (0, True) == (first.exit_code, "The cash of tea-cod-1 is collected." in first.output)
    assert (0, True) == (again.exit_code, "nothing changed" in again.output)
    assert (1, True) == (opposite.exit_code, "(rule G34)" in opposite.output)
    assert "Ravi says that the cash was collected: receipt 8812" in " ".join(shown.output.split())


async def _cash_on_delivery(stage: Stage) -> dict[str, Any]:
    await stage.open_order("tea-cod-1", "50.00")
    app = await stage.app()
    await app.process("tea-cod-1")
    await app.act("chooses cash on delivery", action="pay", method={"cod": ""})
    return await stage.until_status("tea-cod-1", "COD_INITIATED")


async def test_a_clerk_cancels_an_order_once_and_a_paid_one_never(here: Path) -> None:
    async with staged(here) as stage:
        await stage.open_order("tea-off-1", "50.00")
        await stage.paid("tea-on-1", "50.00")
        word = ("--by", "Meera", "--note", "called off")
        first, again = [await paystate(stage, "order", "cancel", "tea-off-1", *word) for _ in range(2)]
        paid = await paystate(stage, "order", "cancel", "tea-on-1", *word)
        nameless = await paystate(stage, "order", "cancel", "tea-off-1", "--by", " ", "--note", "x")
    assert (0, True) == (first.exit_code, "tea-off-1 is cancelled. Nobody can start to pay it now" in first.output)
    assert (0, True) == (again.exit_code, "nothing changed" in again.output)
    assert (1, True) == (paid.exit_code, "(rule S2)" in paid.output)
    assert (1, True) == (nameless.exit_code, "--by: says nothing" in nameless.output)
