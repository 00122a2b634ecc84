"""A settlement report from its file to closed cases, as finance does it; the page's example is what is run."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beginnings import copied_database
from e2e.cli.terminal import SETTINGS, paystate, set_up

from paystate.adapters.clock import SettableClock
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.evidence import Answer, Evidence, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Customer, Opened
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.core.settlement.rules import DIFFERENCES, SETTLEMENT_RULES
from paystate.entrypoints.setup import bootstrap

PAGE = (Path(__file__).resolve().parents[4] / "docs/how-to/settle-the-day.md").read_text("utf-8")
NIGHT = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
"""1:30 in the night of the 27th in India."""
SHOP = SETTINGS.replace('client_id = "teashop"', 'client_id = "teashop"\ntime_zone = "Asia/Kolkata"')
SOLD = (
    ("tea-1", "500", NIGHT, ()),
    ("tea-2", "200", NIGHT, ()),
    ("tea-3", "100", NIGHT, (RefundAnswer(refund_id="rf3", amount=Decimal(40), status="SUCCESS"),)),
    ("tea-4", "70", NIGHT, ()),
    ("tea-5", "60", NIGHT, ()),
    ("tea-6", "90", NIGHT - timedelta(hours=2), ()),
)
"""What the teashop has captured, the last one on the 26th."""


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


REPORT = block("csv")
HELD = "Held against all reports together: what the file's rows are about, and what moved on these days.\n"


async def _sold(path: Path) -> None:
    async with SqliteStore(path) as store:
        for order_id, rupees, at, refunds in SOLD:
            price = Money.parse(rupees, "INR")
            opened = Opened(merchant_id="teashop", order_id=order_id, amount=price, customer=Customer(customer_id="a"))
            txn = TxnAnswer(txn_id=f"teashop-{order_id}-1", status="CHARGED")
            body = OrderAnswer(
                merchant_id="teashop", order_id=order_id, amount=Decimal(rupees), currency="INR", status="CHARGED",
                txn=txn, refunds=refunds,
            )  # fmt: skip
            for what in (OpenOrder(opened), Evidence(asked=1, answer=Answer(body=body, dated=at))):

                def decided(order: Order | None, what: Command | Evidence = what, at: datetime = at) -> DecisionResult:
                    return decide(order, what, DEFAULT, at)

                await store.transact(OrderKey("teashop", order_id), decided)


@pytest.fixture
def shop(here: Path) -> Path:
    """The teashop of the page, with its report."""
    set_up(here, f"{SHOP}\n{block('toml')}")
    copied_database(here / "paystate.sqlite3")
    asyncio.run(_sold(here / "paystate.sqlite3"))
    (here / "report.csv").write_text(REPORT, "utf-8")
    return here


def told(*command: str) -> Any:
    done = paystate(*command, "--json")
    assert 0 == done.exit_code, done.output
    return json.loads(done.output)


def imported(*options: str) -> Any:
    return told("settle", "import", "report.csv", "--format", "cashfree", *options)


def as_told(case: Any) -> tuple[str, ...]:
    def sum_of(money: Any) -> str:
        return f"{money['amount']} {money['currency']}" if money else "nothing"

    named = f"{case['kind']} {case['name']}".strip()
    sums = (sum_of(case["ours"]), sum_of(case["theirs"]))
    return case["difference"], case["rule"], case["order_id"], named, *sums


def rows_of_the_page(first: str) -> list[tuple[str, ...]]:
    """The cells of the table that has this heading."""
    lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n")[0].split("\n")[2:]
    return [tuple(cell.strip() for cell in line.strip("| \n").split("|")) for line in lines if line]


def test_the_page_s_report_has_the_differences_that_the_page_tells_and_no_other(shop: Path) -> None:
    done = imported()
    assert sorted(rows_of_the_page("what")) == sorted(as_told(case) for case in done["changed"])
    assert (3, 5, 1) == (done["matched"], done["rows"], done["left_out"])
    assert {"first": "2026-11-27", "last": "2026-11-27"} == done["covers"]


def test_the_page_tells_every_rule() -> None:
    rules = [(rule.id, DIFFERENCES[rule.id], rule.message) for rule in SETTLEMENT_RULES.values()]
    assert rules == rows_of_the_page("Rule")


def test_the_settings_of_the_page_are_taken(shop: Path) -> None:
    assert "settlement_formats" not in paystate("doctor").output


def test_the_same_report_again_changes_nothing(shop: Path) -> None:
    imported()
    before = told("settle", "list", "--state", "all")
    again = imported()
    assert (True, []) == (again["is_again"], again["changed"])
    assert before == told("settle", "list", "--state", "all")


def test_finance_lists_shows_and_closes_a_case(shop: Path) -> None:
    said = paystate("settle", "import", "report.csv", "--format", "cashfree").output
    assert "Cases that have changed: 5 open, 0 resolved." in said
    listed = told("settle", "list")["cases"]
    (case,) = [one["id"] for one in listed if one["order_id"] == "tea-1"]
    shown = " ".join(paystate("settle", "show", case).output.split())
    assert "B6: The report and the order have different sums." in shown
    assert "ours 500.00 INR the report's 499.00 INR stands in settlement 45345, line 2" in shown
    closed = paystate(
        "settle", "close", case, "--verdict", "corrected", "--by", "Meera, finance", "--note", "They pay on Monday."
    )
    assert (0, True) == (closed.exit_code, "is closed: corrected" in closed.output)
    imported()
    assert case not in [one["id"] for one in told("settle", "list")["cases"]]
    assert "Meera, finance: corrected. They pay on Monday." in paystate("settle", "show", case).output
    again = paystate("settle", "close", case, "--verdict", "explained", "--by", "Meera", "--note", "x")
    assert (1, True) == (again.exit_code, "Only an open case can be closed; this one is closed already" in again.output)
    word = ("--verdict", "explained", "--by", "Meera", "--note", "x")
    (problem,) = json.loads(paystate("settle", "close", case, *word, "--json").output)["problems"]
    assert ("case", "case_not_open", "B11") == (problem["setting"], problem["code"], problem["rule"])


def test_a_case_is_closed_as_it_was_seen_or_not_at_all(shop: Path) -> None:
    imported()
    case = told("settle", "list")["cases"][0]["id"]
    shown = paystate("settle", "show", case).output
    seen = shown.partition("--revision ")[2].split()[0]
    word = ("settle", "close", case, "--verdict", "explained", "--by", "Meera", "--note", "x", "--revision")
    (problem,) = json.loads(paystate(*word, "0" * 16, "--json").output)["problems"]
    assert ("case", "case_changed", "B12") == (problem["setting"], problem["code"], problem["rule"])
    assert 0 == paystate(*word, seen).exit_code


def test_an_import_says_what_the_report_comes_to(shop: Path) -> None:
    net = "In INR: 5 payments of 841.00, 0 refunds of 0.00. Net, as it should be paid out: 820.57."
    assert net in paystate("settle", "import", "report.csv", "--format", "cashfree").output
    total = {"payments": 5, "amount_paid": "841.00", "refunds": 0, "amount_refunded": "0.00", "net": "820.57"}
    assert [{"currency": "INR", **total}] == imported()["totals"]


def test_an_import_says_what_each_number_counts(shop: Path) -> None:
    said = paystate("settle", "import", "report.csv", "--format", "cashfree").output
    assert said.startswith("The file has 5 rows of payments and refunds.\n")
    assert "Rows that the format leaves out: 1.\nIt covers 2026-11-27.\n" in said
    differ = "1 different sum, 2 missing, 1 extra, 1 does not add up"
    counts = f"Payments and refunds that agree: 3. Differences, closed cases among them: {differ}.\n"
    assert HELD + counts in said
    assert f"    {HELD}    {counts}" in PAGE


def test_of_a_later_report_the_file_s_rows_are_told_from_what_all_reports_say_of_its_days(shop: Path) -> None:
    imported()
    rest = REPORT.replace("45345", "45346").replace("499.00,9.98,1.80,487.22", "1.00,0.00,0.00,1.00")
    (shop / "report.csv").write_text("\n".join(rest.splitlines()[:2]), "utf-8")
    said = paystate("settle", "import", "report.csv", "--format", "cashfree").output
    assert said.startswith("The file has 1 row of a payment or refund.\nIn INR: 1 payment of 1.00")
    assert HELD + "Payments and refunds that agree: 4. Differences, closed cases among them: 2 missing.\n" in said


def test_a_report_without_days_is_held_against_its_rows_alone(shop: Path) -> None:
    (shop / "paystate.toml").write_text(f"{SHOP}\n{block('toml')}".replace('day = "event_time"', ""), "utf-8")
    said = paystate("settle", "import", "report.csv", "--format", "cashfree").output
    assert "It tells no days" in said
    assert "Held against all reports together: what the file's rows are about.\n" in said


@pytest.mark.parametrize(
    ("now", "days", "says"),
    [
        ("2026-11-27T18:29:59Z", "2026-11-27", "This day is not over in Asia/Kolkata: "),
        ("2026-11-27T18:29:59Z", "2026-11-26..2026-11-27", "These days are not over in Asia/Kolkata: "),
        ("2026-11-27T18:30:00Z", "2026-11-27", ""),
    ],
)
def test_days_that_are_not_over_where_the_merchant_is_are_pointed_out(
    shop: Path, monkeypatch: pytest.MonkeyPatch, now: str, days: str, says: str
) -> None:
    monkeypatch.setattr(bootstrap, "clock", lambda *_: SettableClock(datetime.fromisoformat(now)))
    done = paystate("settle", "import", "report.csv", "--format", "cashfree", "--days", days)
    assert (0, bool(says)) == (done.exit_code, " not over " in done.output)
    assert says in done.output


def test_a_row_that_does_not_add_up_is_shown_against_itself(shop: Path) -> None:
    (case,) = [one["id"] for one in imported()["changed"] if one["rule"] == "B8"]
    shown = " ".join(paystate("settle", "show", case).output.split())
    assert "less its costs 58.58 INR net in the report 58.00 INR" in shown


def test_what_fixes_several_lines_is_told_once(shop: Path) -> None:
    (shop / "report.csv").write_text(REPORT.replace("PAYMENT,", "BONUS,"), "utf-8")
    no = paystate("settle", "import", "report.csv", "--format", "cashfree").output
    assert (5, 1) == (no.count("event_type: says that the row is something"), no.count("to fix it:"))


def test_what_was_imported_is_listed_once(shop: Path) -> None:
    assert "Nothing was imported." in paystate("settle", "imports").output
    imported()
    heading, *rows = REPORT.splitlines()
    (shop / "report.csv").write_text("\n".join([heading, *rows[::-1]]), "utf-8")
    imported()
    (one,) = told("settle", "imports")["imports"]
    assert ("report.csv", 5, 64) == (one["file_name"], one["rows"], len(one["rows_digest"]))
    assert one["rows_digest"][:16] in paystate("settle", "imports").output


def test_a_corrected_report_says_what_differs_and_is_taken_when_it_is_meant(shop: Path) -> None:
    imported()
    right = REPORT.replace("499.00,9.98,1.80,487.22", "500.00,9.98,1.80,488.22")
    (shop / "report.csv").write_text(right, "utf-8")
    refused = paystate("settle", "import", "report.csv", "--format", "cashfree")
    assert 1 == refused.exit_code
    assert "settlement 45345: was imported with other rows: 1 row is gone, 1 row is new." in refused.output
    assert "499.00 INR" in refused.output
    assert "is now, line 2: payment tea-1 500.00 INR" in refused.output
    assert 5 == len(told("settle", "list")["cases"])
    assert [("matched", "resolved")] == [(one["difference"], one["state"]) for one in imported("--replace")["changed"]]


@pytest.mark.parametrize(
    ("was", "becomes", "place", "message"),
    [
        ("499.00", "4,99", "line 2", "has 12 cells where the heading has 11"),
        ("499.00", "49.9.0", "line 2, event_amount", "must be digits"),
        ("PAYMENT,coffee-9", "BONUS,coffee-9", "line 5, event_type", "something which the format does not name"),
        ("event_amount", "sum", "line 1, event_amount", "is no column of this file"),
        ("coffee-9", '"coffee-9', "line 7", "unexpected end of data"),
        ("coffee-9", "c" * 10_001, "line 5", "is longer than 10,000 characters"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(shop: Path, was: str, becomes: str, place: str, message: str) -> None:
    (shop / "report.csv").write_text(REPORT.replace(was, becomes, 1), "utf-8")
    no = paystate("settle", "import", "report.csv", "--format", "cashfree")
    assert (1, True) == (no.exit_code, no.output.startswith(f"{place}: ")), no.output
    assert message in no.output
    assert "No case." in paystate("settle", "list", "--state", "all").output


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + REPORT.encode(),
        REPORT.replace("\n", "\r\n").encode(),
        REPORT.replace("\n", "\r").encode(),
        REPORT.replace("\n", "\n\n").encode(),
        "\n".join(f'{line},"a\nb"' for line in REPORT.splitlines()).replace('"a\nb"', "note", 1).encode(),
        "\n".join(f"{line},a\u2028b\x0bc\x85d" for line in REPORT.splitlines()).encode(),
    ],
    ids=["byte order mark", "CRLF", "CR", "empty lines", "a line break in a cell", "odd line ends in a cell"],
)
def test_a_file_is_read_however_a_program_ended_its_lines(shop: Path, content: bytes) -> None:
    (shop / "report.csv").write_bytes(content)
    done = imported()
    assert (5, 5) == (done["rows"], len(done["changed"]))


def test_a_format_without_a_column_for_the_pay_out_asks_for_its_id(shop: Path) -> None:
    (shop / "paystate.toml").write_text(f"{SHOP}\n{block('toml')}".replace('settlement = "cf', '# "cf'), "utf-8")
    asked = paystate("settle", "import", "report.csv", "--format", "cashfree")
    assert (1, True) == (asked.exit_code, asked.output.startswith("--settlement: is needed"))
    assert 5 == imported("--settlement", "45345")["rows"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (REPORT.encode("utf-16"), "is not UTF-8 text"),
        (REPORT.split("\n", maxsplit=1)[0].encode(), "has no row of a payment or a refund below it"),
    ],
)
def test_a_file_that_is_no_report_is_told(shop: Path, content: bytes, message: str) -> None:
    (shop / "report.csv").write_bytes(content)
    no = paystate("settle", "import", "report.csv", "--format", "cashfree")
    assert (1, True) == (no.exit_code, message in no.output)


def test_a_file_that_is_not_there_is_named_as_it_was_and_so_is_where_its_path_counts_from(shop: Path) -> None:
    (shop / "elsewhere").mkdir()
    (shop / "paystate.toml").rename(shop / "elsewhere/paystate.toml")
    file = ("bank/nofile.csv", "--format", "cashfree", "--settings", "elsewhere/paystate.toml")
    no = paystate("settle", "import", *file)
    assert (1, True) == (no.exit_code, no.output.startswith("bank/nofile.csv: cannot be read (FileNotFoundError)\n"))
    assert "create it, or correct the path: it counts from the current folder" in no.output
    assert "settings" not in no.output


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ((), "--format: is needed here"),
        (("--format", "hdfc"), "--format: is none of the formats"),
        (("--format", "cashfree", "--days", "27.11.2026"), "--days"),
        (("--format", "cashfree", "--days", ""), "--days"),
        (("--format", "cashfree", "--settlement", "S" * 201), "--settlement"),
        (("--merchant", "nobody"), "--merchant"),
    ],
)
def test_an_option_that_does_not_fit_is_told(shop: Path, options: tuple[str, ...], place: str) -> None:
    no = paystate("settle", "import", "report.csv", *options)
    assert (1, True) == (no.exit_code, no.output.startswith(place))


def test_a_case_that_is_not_there_is_told(shop: Path) -> None:
    words = ("--verdict", "explained", "--by", "Meera", "--note", "x")
    for command in (("show", "case_9"), ("close", "case_9", *words)):
        no = paystate("settle", *command)
        assert (1, True) == (no.exit_code, "teashop has no case case_9" in no.output)


@pytest.mark.parametrize(
    ("was", "becomes", "setting"),
    [
        ('amount = "event_amount"', 'amount = ""', "cashfree.amount"),
        ('payments = ["PAYMENT"]', "payments = []", "cashfree.payments"),
        ('payments = ["PAYMENT"]', 'payments = ["refund"]', "cashfree"),
        ('amount = "txn_amount"', 'amount = "txn_amount"\nalways_in = "XXX"', "juspay.always_in"),
        ('kind = "event_type"', 'kind = "event_type"\ncolour = "red"', "cashfree.colour: is no setting"),
        ('fee = "payment', 'feee = "payment', "did you mean fee?"),
        ('amount = "event_amount"\n', "", ".amount: is missing"),
        ('day = "event_time"', 'day = "event_time"\nday_form = "US"', ".day_form: is none of the values"),
        ('kind = "event_type"', 'kind = "event_type"\ndelimiter = ";;"', "cashfree.delimiter: is no delimiter"),
        ('kind = "event_type"', "kind = 'event_type'\ndelimiter = '\"'", "cashfree.delimiter: is no delimiter"),
    ],
)
def test_a_format_that_cannot_be_used_is_told(here: Path, was: str, becomes: str, setting: str) -> None:
    set_up(here, SHOP)
    (here / "paystate.toml").write_text(f"{SHOP}\n{block('toml').replace(was, becomes, 1)}", "utf-8")
    no = paystate("doctor")
    assert (1, True) == (no.exit_code, setting in no.output)
