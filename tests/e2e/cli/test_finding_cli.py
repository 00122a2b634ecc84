"""Finding an order, and acting on it, as support does at the terminal."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve
from beginnings import copied_database
from e2e.cli.terminal import SETTINGS, paystate, set_up

from paystate.adapters.clock import SettableClock
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.evidence import Answer, Evidence, OrderAnswer, References, TxnAnswer
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Customer, Opened
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.entrypoints.cli.main import main
from paystate.entrypoints.setup import bootstrap

NOON = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
"""1:30 in the night of the 27th in India."""
SHOP = SETTINGS.replace('client_id = "teashop"', 'client_id = "teashop"\ntime_zone = "Asia/Kolkata"')
FILTERS = (
    "--customer", "--phone", "--email", "--purchase", "--txn", "--reference", "--refund", "--amount", "--currency",
    "--day", "--changed-since",
)  # fmt: skip
WORD = ("--by", "Meera", "--note", "a broken cup")


def sold(order_id: str, customer: Customer, rupees: int) -> OpenOrder:
    return OpenOrder(
        Opened(merchant_id="teashop", order_id=order_id, amount=Money(rupees * 100, "INR"), customer=customer)
    )


def paid(order_id: str, rupees: int, payment: int = 1, word: str = "CHARGED") -> Evidence:
    references = References(rrn="633012345678", gateway="epg-7")
    txn = TxnAnswer(txn_id=f"teashop-{order_id}-{payment}", status=word, method="UPI", references=references)
    body = OrderAnswer(
        merchant_id="teashop", order_id=order_id, amount=Decimal(rupees), currency="INR", status="CHARGED", txn=txn
    )
    return Evidence(asked=1, answer=Answer(body=body, dated=NOON + timedelta(minutes=1)))


async def _told(path: Path, order_id: str, *inputs: Command | Evidence) -> None:
    async with SqliteStore(path) as store:
        for number, what in enumerate(inputs):

            def decided(order: Order | None, what: Command | Evidence = what, number: int = number) -> DecisionResult:
                return decide(order, what, DEFAULT, NOON + timedelta(seconds=number))

            await store.transact(OrderKey("teashop", order_id), decided)


@pytest.fixture
def shop(here: Path) -> Path:
    """A teashop with a paid order of Asha's for 500 INR and one of Ravi's that nobody has paid."""
    set_up(here, SHOP)
    copied_database(here / "paystate.sqlite3")
    asha = Customer(customer_id="asha", email="asha@example.test", phone="+91 98765 43210")
    database = here / "paystate.sqlite3"
    asyncio.run(_told(database, "tea-4711", sold("tea-4711", asha, 500), paid("tea-4711", 500)))
    asyncio.run(_told(database, "tea-1", sold("tea-1", Customer(customer_id="ravi"), 70)))
    return here


def told(*command: str) -> Any:
    done = paystate(*command, "--json")
    assert 0 == done.exit_code, done.output
    return json.loads(done.output)


@pytest.mark.parametrize(
    "word", ["tea-4711", "TEA-47", "4711", "teashop-tea-4711-1", "633012345678", "epg-7", "asha", "9876543210",
             "asha@example.test"],
)  # fmt: skip
def test_an_order_is_found_by_any_one_word(shop: Path, word: str) -> None:
    found = paystate("order", "find", word)
    assert 0 == found.exit_code
    assert "tea-4711" in found.output
    assert "ravi" not in found.output


def test_what_stands_nowhere_is_told(shop: Path) -> None:
    told = " ".join(paystate("order", "find", "4712").output.split())
    assert "Nothing of that name stands on any order. Another part of an order's id than its beginning is found" in told
    assert told.endswith("among the merchant's newest 20,000 orders.")


@pytest.mark.parametrize("word", ["", "  ", "\t"])
def test_a_blank_word_finds_nothing_and_is_refused(shop: Path, word: str) -> None:
    no = paystate("order", "find", word)
    assert (1, True) == (no.exit_code, no.output.startswith("word: is blank\n"))


def test_orders_are_listed_by_filters(shop: Path) -> None:
    assert ["tea-4711"] == ids(told("order", "list", "--status", "CHARGED"))
    assert ["tea-1"] == ids(told("order", "list", "--amount", "70", "--currency", "INR"))
    assert ["tea-1", "tea-4711"] == ids(told("order", "list", "--day", "2026-11-27"))
    assert [] == ids(told("order", "list", "--day", "2026-11-26"))
    assert "No order fits." in paystate("order", "list", "--review").output


def ids(page: Any) -> list[str]:
    return [order["order_id"] for order in page["orders"]]


def test_a_page_says_where_the_next_one_begins(shop: Path) -> None:
    first = told("order", "list", "--limit", "1")
    assert (["tea-1"], "tea-1") == (ids(first), first["next"])
    assert ["tea-4711"] == ids(told("order", "list", "--after", first["next"]))
    assert "--after tea-1" in paystate("order", "list", "--limit", "1").output


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (("--amount", "70"), "--currency"),
        (("--amount", "x", "--currency", "INR"), "--amount"),
        (("--currency", "rupees"), "--currency"),
        (("--day", "27.11.2026"), "--day"),
        (("--changed-since", "yesterday"), "--changed-since"),
        (("--merchant", "nobody"), "--merchant"),
        *(((option, ""), option) for option in FILTERS),
        (("--customer", " "), "--customer"),
        (("--phone", "none"), "--phone"),
    ],
)
def test_a_filter_that_is_not_well_formed_is_told(shop: Path, options: tuple[str, ...], option: str) -> None:
    no = paystate("order", "list", *options)
    assert (1, True) == (no.exit_code, no.output.startswith(option))


def test_an_order_is_shown_with_its_payments_on_the_merchant_s_clock(shop: Path) -> None:
    shown = " ".join(paystate("order", "show", "tea-4711").output.split())
    assert "opened 2026-11-27 01:30:00 Asia/Kolkata" in shown
    took = "payment attempt teashop-tea-4711-1 by UPI took the money (Juspay: CHARGED)"
    assert f"{took}, since 2026-11-27 01:30:01 Asia/Kolkata; RRN 633012345678; gateway's id epg-7" in shown
    assert "told nothing was sent to an endpoint or handler" in shown


def test_an_order_is_shown_with_what_was_told_of_it(shop: Path) -> None:
    async def queued() -> None:
        async with SqliteStore(shop / "paystate.sqlite3") as store:
            (row,) = await store.outbox("teashop")
            await store.requeue_delivery(row, "books", NOON)

    asyncio.run(queued())
    words = "books is due to be told order.paid at 2026-11-27 01:30:00 Asia/Kolkata."
    assert f"told {words}" in " ".join(paystate("order", "show", "tea-4711").output.split())
    assert words in paystate("order", "explain", "tea-4711").output
    assert ["books"] == [one["endpoint"] for one in told("order", "show", "tea-4711")["deliveries"]]


def test_sentences_and_moments_are_on_the_merchant_s_clock_too(shop: Path) -> None:
    assert "2026-11-27 01:30:01 Asia/Kolkata" in paystate("order", "explain", "tea-4711").output
    told_of = paystate("order", "timeline", "tea-4711").output
    assert "2026-11-27 (Asia/Kolkata)" in told_of
    assert "  01:30:01  " in told_of


def test_a_refund_is_asked_for_with_a_name_and_a_reason(shop: Path) -> None:
    ask = ("order", "refund", "tea-4711", "120.00", "--key", "cup-1", *WORD)
    first = paystate(*ask)
    assert 0 == first.exit_code, first.output
    assert "of 120.00 INR is reserved and not sent yet." in first.output
    assert "380.00 INR may still be refunded." in first.output
    assert "120.00" == told(*ask)["amount_reserved"]  # the same key, the same refund
    assert "asked for by Meera: a broken cup" in paystate("order", "timeline", "tea-4711").output
    shown = " ".join(paystate("order", "show", "tea-4711").output.split())
    assert "of 120.00 INR is reserved and not sent yet, asked for by Meera, since 20" in shown
    assert "; first seen" not in shown


def test_of_two_payments_a_refund_says_that_juspay_chooses_unless_one_is_named(shop: Path) -> None:
    twice = sold("tea-2", Customer(customer_id="asha"), 70), paid("tea-2", 70), paid("tea-2", 70, 2)
    asyncio.run(_told(shop / "paystate.sqlite3", "tea-2", *twice))
    ask = ("order", "refund", "tea-2", "20", *WORD)
    assert "Juspay chooses which one" in paystate(*ask, "--key", "a").output
    assert "Juspay chooses" not in paystate(*ask, "--key", "b", "--txn", "teashop-tea-2-2").output
    assert "Juspay chooses" not in paystate("order", "refund", "tea-4711", "20", "--key", "c", *WORD).output


def test_of_two_payments_of_which_one_went_back_by_itself_there_is_nothing_to_choose(shop: Path) -> None:
    twice = sold("tea-2", Customer(customer_id="asha"), 70), paid("tea-2", 70), paid("tea-2", 70, 2)
    asyncio.run(_told(shop / "paystate.sqlite3", "tea-2", *twice, paid("tea-2", 70, 1, "AUTO_REFUNDED")))
    said = paystate("order", "refund", "tea-2", "20", "--key", "a", *WORD).output
    assert ("of 20.00 INR is reserved" in said, "Juspay chooses" in said) == (True, False), said


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (("500.01", "--key", "k", *WORD), "refused"),
        (("much", "--key", "k", *WORD), "amount: is not an amount of INR"),
        (("1.00", "--key", "no blanks", *WORD), "--key: is not a valid key"),
        (("1.00", "--key", "k", "--txn", "", *WORD), "--txn: is blank"),
        (("1.00", "--key", "k", "--by", " ", "--note", "x"), "--by: says nothing"),
        (("1.00", "--key", "k", "--by", "Meera", "--note", " "), "--note: says nothing"),
    ],
)
def test_a_refund_that_cannot_be_is_told_and_nothing_is_changed(
    shop: Path, changes: tuple[str, ...], says: str
) -> None:
    no = paystate("order", "refund", "tea-4711", *changes)
    assert (1, True) == (no.exit_code, no.output.startswith(says)), no.output
    assert [] == told("order", "show", "tea-4711")["refunds"]


def test_a_refund_without_a_reason_is_not_taken(shop: Path) -> None:
    no = paystate("order", "refund", "tea-4711", "1.00", "--key", "k", "--by", "Meera")
    assert (2, True) == (no.exit_code, "--note" in no.output)


def test_a_look_that_gets_no_answer_says_so(shop: Path) -> None:
    no = paystate("order", "look", "tea-1")  # nobody listens at the address in the settings
    assert (1, True) == (no.exit_code, "nothing is changed: tea-1 is still NEW" in no.output)


def test_an_order_of_a_merchant_that_is_set_up_no_more_can_be_read(shop: Path) -> None:
    (shop / "paystate.toml").write_text(SHOP.replace("merchants.teashop", "merchants.coffeeshop"), "utf-8")
    of_it = ("--merchant", "teashop")
    assert [0, 0, 0] == [
        paystate(*read, "tea-4711", *of_it).exit_code
        for read in (("order", "show"), ("order", "timeline"), ("review", "show"))
    ]
    said = "--merchant: teashop is not set up, and no order tea-9 of it is stored\n"
    assert said in paystate("order", "show", "tea-9", *of_it).output


def test_what_is_wrong_is_json_as_well(shop: Path) -> None:
    no = paystate("order", "show", "tea-9", "--json")
    (problem,) = json.loads(no.output)["problems"]
    assert (1, "order") == (no.exit_code, problem["setting"])
    assert {"setting", "message", "fix"} == problem.keys()


def test_a_rule_s_refusal_is_json_with_the_rule_and_what_it_looked_at(shop: Path) -> None:
    no = paystate("order", "refund", "tea-4711", "500.01", "--key", "k", *WORD, "--json")
    (problem,) = json.loads(no.output)["problems"]
    assert (1, "refused", "amount_exceeds_refundable") == (no.exit_code, problem["setting"], problem["code"])
    assert problem["message"] == f"{problem['detail'].rstrip('.')} (rule {problem['rule']})"
    assert problem["facts"]
    assert problem["help"].endswith(f"/docs/reference/lifecycle.md#{problem['rule'].lower()}")


def test_each_document_is_the_body_of_the_api(shop: Path) -> None:
    assert "CHARGED" == told("order", "show", "tea-4711")["status"]
    assert "Your backend opened" in told("order", "timeline", "tea-4711")["timeline"][0]["title"]
    assert told("order", "explain", "tea-4711")["sentences"]
    assert "NEW" == told("order", "at", "tea-4711", "2026-11-26T20:00:00Z")["order"]["status"]
    assert "CHARGED" == told("order", "what-if", "tea-1", "--juspay", "CHARGED")["status_then"]
    assert [] == told("review", "list")["orders"]
    assert [] == told("review", "show", "tea-1")["reasons"]
    assert "cancelled" in str(told("order", "cancel", "tea-1", *WORD))


def test_of_other_commands_the_printed_parts_are_the_document(shop: Path) -> None:
    assert {"lines": ["paystate.sqlite3 is at this version's schema."]} == told("migrate")
    assert {"lines": ["Every webhook could be used, or still waits."]} == told("inbox", "list")
    assert ["abcdefgh"] == [key["key_id"] for key in told("keys", "list")]
    assert told("keys", "new", "--api-key-only")["api_key"].startswith("pst_test_")


RUN_ON = {("demo",), ("serve",), ("worker",), ("sandbox",), ("console", "serve")}
"""They run until they are stopped, or play something for people to watch."""


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


def test_every_command_that_prints_something_prints_it_as_json() -> None:
    known = dict(commands(main))
    without = {path for path, one in known.items() if "--json" not in {opt for p in one.params for opt in p.opts}}
    assert RUN_ON == without
    assert ("order", "refund") in known


# --- the day


def test_a_day_is_told_in_sums_on_the_merchant_s_clock(shop: Path) -> None:
    assert "Nothing was opened, and no money moved." in paystate("day", "2026-11-26").output
    told_of = " ".join(paystate("day", "2026-11-27").output.split())
    assert told_of.startswith("teashop, 2026-11-27 (Asia/Kolkata)")
    assert "opened 2 570.00 INR" in told_of
    assert "of them paid 1 500.00 INR of them waiting 1 70.00 INR" in told_of
    assert "captured UPI 1 500.00 INR" in told_of


def test_each_sum_is_traced_to_its_rows(shop: Path) -> None:
    rows = " ".join(paystate("day", "2026-11-27", "--rows", "captured").output.split())
    assert "tea-4711 2026-11-27 01:30:01 teashop-tea-4711-1 UPI 500.00 INR" in rows
    assert "at (Asia/Kolkata)" in rows
    (day,) = told("day", "2026-11-27", "--rows", "waiting")["days"]
    assert ["tea-1"] == [row["order_id"] for row in day["rows"]]
    assert {"of": "captured", "method": "UPI", "currency": "INR", "count": 1, "amount": "500.00"} in day["sums"]


def test_a_day_goes_into_a_spreadsheet(shop: Path) -> None:
    lines = paystate("day", "2026-11-27", "--csv").output.splitlines()
    assert "merchant_id,of,order_id,at,name,method,status,currency,amount" == lines[0]
    assert "teashop,captured,tea-4711,2026-11-27T01:30:01+05:30,teashop-tea-4711-1,UPI,,INR,500.00" in lines
    assert 6 == len(lines)  # two orders twice, the money once, and the heading


def test_the_rows_behind_one_sum_go_into_a_spreadsheet_alone(shop: Path) -> None:
    rows = [*csv.DictReader(paystate("day", "2026-11-27", "--csv", "--rows", "waiting").output.splitlines())]
    assert [("waiting", "tea-1")] == [(row["of"], row["order_id"]) for row in rows]


def test_a_day_is_told_in_one_form(shop: Path) -> None:
    no = paystate("day", "2026-11-27", "--csv", "--json")
    (problem,) = json.loads(no.output)["problems"]
    assert (1, "--csv", "cannot be given beside --json") == (no.exit_code, problem["setting"], problem["message"])


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2026-11-27T18:29:59Z", "This day has not begun."),
        ("2026-11-27T18:30:00Z", "This day is not over: more may be opened, and more money may move."),
        ("2026-11-28T18:29:59Z", "This day is not over: more may be opened, and more money may move."),
        ("2026-11-28T18:30:00Z", "Nothing was opened, and no money moved."),
    ],
)
def test_a_day_says_by_the_merchant_s_clock_whether_it_has_begun_and_is_over(
    shop: Path, monkeypatch: pytest.MonkeyPatch, now: str, says: str
) -> None:
    monkeypatch.setattr(bootstrap, "clock", lambda *_: SettableClock(datetime.fromisoformat(now)))
    told_of = paystate("day", "2026-11-28").output
    assert ["teashop, 2026-11-28 (Asia/Kolkata)", says] == told_of.splitlines()[:2]
    assert ("not begun" in says) == ("Nothing was opened" not in told_of)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-2+3", "@A1", "\t=1"])
def test_no_name_is_a_formula_in_a_spreadsheet(shop: Path, name: str) -> None:
    taken = paid("tea-1", 70)
    assert isinstance(taken.answer.body, OrderAnswer)
    body = evolve(taken.answer.body, txn=TxnAnswer(txn_id=name, status="CHARGED"))
    odd = evolve(taken, answer=evolve(taken.answer, body=body))
    asyncio.run(_told(shop / "paystate.sqlite3", "tea-1", odd))
    rows = [*csv.DictReader(paystate("day", "2026-11-27", "--csv").output.splitlines())]
    assert [f"'{name}"] == [row["name"] for row in rows if (row["of"], row["order_id"]) == ("captured", "tea-1")]


@pytest.mark.parametrize("date", ["yesterday", "2026-02-30", "2026-11-01..2026-11-30"])
def test_what_is_not_one_day_is_told(shop: Path, date: str) -> None:
    no = paystate("day", date)
    assert (1, True) == (no.exit_code, no.output.startswith("date: must be one day such as 2026-11-27\n"))


def test_what_may_have_been_paid_twice_and_what_waits_for_too_long_are_pointed_out(shop: Path) -> None:
    asha = Customer(customer_id="asha")
    again = (sold("tea-4712", asha, 500), paid("tea-4712", 500))
    asyncio.run(_told(shop / "paystate.sqlite3", "tea-4712", *again))
    paystate("order", "refund", "tea-4711", "20", "--key", "k", *WORD)
    told_of = " ".join(paystate("day", "2026-11-27").output.split())
    assert "tea-4711 (500.00 INR) and tea-4712 (500.00 INR): customer asha" in told_of
    assert "Refunds that wait for too long" not in told_of
