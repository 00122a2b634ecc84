"""A database that 0.1.0.dev wrote is opened by this program: nothing in it is lost, and each order goes on.

What is in it, and how it was made, stands in the README beside this file. The database is never written anew.
"""

import gzip
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import httpx
import msgspec
import pytest
from contract.samples import all_due
from integration.api.world import FakeGateway, app_of, merchant

from paystate.adapters.clock import RandomIds, SettableClock
from paystate.adapters.juspay.answers import read_order
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_fact,
    decoded_order,
    encoded,
)
from paystate.adapters.storage.sqlite.migration import is_current, migrate
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.evidence import Answer, Evidence, NotFound
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Decision
from paystate.core.orders.order import Order, fold
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.setup.credentials import Credentials, new_api_key
from paystate.entrypoints.setup.runtime import Merchants, Runtime

RENAMED: Final = {"goods_may_go_out": "may_fulfil"}
"""Members of the API's bodies with another name since 0.1.0.dev, each with its new one, as in CHANGELOG's table."""

VERDICTS: Final = {
    "names no order": "no_order",
    "another merchant's": "other_merchant",
    "unknown order": "unknown_order",
}
"""Verdicts on webhooks with another word since."""

STORED: Final = Path(__file__).parent / "by_0_1_0_dev"
EXPECTED: Final[dict[str, Any]] = json.loads((STORED / "expected.json").read_text(encoding="utf-8"))
ORDERS: Final[list[dict[str, Any]]] = EXPECTED["orders"]
READ_AT: Final = datetime.fromisoformat(EXPECTED["read_at"])
MERCHANTS: Final = sorted({one["merchant_id"] for one in ORDERS})
RECORDS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "orders": ("snapshot", decoded_order),
    "order_journal": ("fact", decoded_fact),
    "checkouts": ("snapshot", decoded_checkout),
    "checkout_journal": ("fact", decoded_checkout_fact),
}
"""Columns that hold a record as JSON text, by table, each with what reads it."""
EMPTY: Final = (None, "", 0, -1, False)
"""Values that tell nothing: a member that holds one of them may go."""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as 0.1.0.dev left it."""
    path = tmp_path_factory.mktemp("stored") / "paystate.db"
    path.write_bytes(gzip.decompress((STORED / "paystate.sqlite.gz").read_bytes()))
    return path


@pytest.fixture(scope="module")
def migrated(stored: Path) -> Path:
    """The same file after `paystate migrate`."""
    path = Path(shutil.copy(stored, stored.with_name("migrated.db")))
    migrate(path)
    return path


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A store on a copy of the test's own."""
    async with SqliteStore(Path(shutil.copy(migrated, tmp_path / "paystate.db"))) as opened:
        yield opened


def key_of(one: dict[str, Any]) -> OrderKey:
    return OrderKey(one["merchant_id"], one["order_id"])


def name_of(one: dict[str, Any]) -> str:
    return f"{one['merchant_id']}/{one['order_id']}"


async def loaded(store: SqliteStore, one: dict[str, Any]) -> Order:
    order = await store.load(key_of(one))
    assert order is not None
    return order


def plain(value: Any) -> Any:
    """A value as JSON tells it."""
    return json.loads(msgspec.json.encode(value))


def members(record: Any, like: dict[str, Any]) -> Any:
    """Those members of a record that `like` has, as JSON tells them."""
    return plain({name: getattr(record, name) for name in like})


def named_anew(value: Any) -> Any:
    """A body with the names that its members have today."""
    if isinstance(value, dict):
        return {RENAMED.get(name, name): named_anew(one) for name, one in value.items()}
    return [named_anew(one) for one in value] if isinstance(value, list) else value


def as_far_as(expected: Any, actual: Any) -> Any:
    """A body without the members that came since: what was told before has to be told still."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {name: as_far_as(one, actual.get(name, "(gone)")) for name, one in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [as_far_as(was, now) for was, now in zip(expected, actual, strict=True)]
    return actual


# --- the rows


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def counts(path: Path, tables: list[str]) -> dict[str, int]:
    return {table: rows(path, f"select count(*) from {table}")[0][0] for table in tables}  # noqa: S608


def values(value: Any) -> Iterator[Any]:
    """Every value within a record's JSON that tells something, whatever its member is called."""
    if isinstance(value, dict) and value.keys() == {"kind", "about"}:  # an announcement, which was one text before
        yield f"{value['kind']}:{value['about']}" if value["about"] else value["kind"]
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from values(one)
    elif value not in EMPTY:
        yield value


def test_the_file_is_migrated(migrated: Path) -> None:
    assert is_current(migrated)


def test_no_row_is_lost(stored: Path, migrated: Path) -> None:
    tables = [name for (name,) in rows(stored, "select name from sqlite_schema where type = 'table'")]
    before = counts(stored, [name for name in tables if name != "alembic_version"])
    assert len(ORDERS) == before["orders"]
    assert before == counts(migrated, [*before])


@pytest.mark.parametrize("table", RECORDS)
def test_every_value_of_a_record_is_read(stored: Path, migrated: Path, table: str) -> None:
    """A member under a name that nothing reads any more would be passed over in silence, and its value be gone."""
    column, decoded = RECORDS[table]
    query = f"select id, {column} from {table} order by id"  # noqa: S608 - fixed text
    before, after = dict(rows(stored, query)), dict(rows(migrated, query))
    lost = {
        row: gone
        for row, text in before.items()
        if (gone := Counter(values(json.loads(text))) - Counter(values(json.loads(encoded(decoded(after[row]))))))
    }
    assert {} == lost


# --- what is read


async def test_each_journal_still_folds_to_its_order(store: SqliteStore) -> None:
    for one in ORDERS:
        journal = await store.journal(key_of(one))
        assert one["facts"] == len(journal), name_of(one)
        assert await loaded(store, one) == fold(entry.fact for entry in journal), name_of(one)


async def test_each_order_stands_where_it_stood(store: SqliteStore) -> None:
    for one in ORDERS:
        order, schedule = await loaded(store, one), await store.schedule(key_of(one))
        found = {
            "status": status(order),
            "version": order.version,
            "open_reasons": [[reason.kind, reason.key] for reason in open_reasons(order)],
            "announced": sorted(told.once_key for told in order.announced),
            "schedule": {**members(schedule, one["schedule"]), "looks": [plain(look.at) for look in schedule.looks]},
        }
        assert {name: one[name] for name in found} == found, name_of(one)


async def test_each_checkout_is_as_it_was(store: SqliteStore) -> None:
    for one in EXPECTED["checkouts"]:
        key = CheckoutKey(one["merchant_id"], one["checkout_id"])
        checkout, journal = await store.load_checkout(key), await store.checkout_journal(key)
        assert checkout is not None
        assert checkout == fold_checkout(journal)
        told = {"state", "version", "order_id", "events"}
        assert {name: one[name] for name in told} == members(checkout, dict.fromkeys(told)), key
        assert one["facts"] == len(journal), key


async def test_each_webhook_is_kept_with_its_verdict(store: SqliteStore) -> None:
    found = [row for name in MERCHANTS for row in (await store.inbox(name, limit=1000))[::-1]]
    expected = [{**row, "verdict": VERDICTS.get(row["verdict"], row["verdict"])} for row in EXPECTED["inbox"]]
    assert expected == [members(row, EXPECTED["inbox"][0]) for row in found]


async def test_each_announcement_still_waits(store: SqliteStore) -> None:
    found = [row for name in MERCHANTS for row in await store.outbox(name, limit=1000)]
    assert EXPECTED["outbox"] == [members(row, EXPECTED["outbox"][0]) for row in found]


async def test_each_merchant_s_pace_is_kept(store: SqliteStore) -> None:
    found = {name: await store.pace(name, lambda kept: (kept, kept)) for name in MERCHANTS}
    paces = EXPECTED["paces"]
    assert paces == {
        name: plain({"free_at": pace.free_at, "closed_until": pace.closed_until})
        | {"closed_for_s": pace.closed_for.total_seconds()}
        for name, pace in found.items()
    }


async def test_the_same_orders_are_due_and_the_urgent_ones_first(store: SqliteStore) -> None:
    due = await all_due(store, READ_AT, limit=1000)
    assert EXPECTED["due"] == [[key.merchant_id, key.order_id] for key in due]


# --- what the API tells


@asynccontextmanager
async def service(store: SqliteStore) -> AsyncGenerator[Callable[[dict[str, Any], str], Any]]:
    """The service on this store; asks it for an order, or for something of it."""
    issued = {name: new_api_key("sandbox") for name in MERCHANTS}
    current = Merchants(
        merchants={name: merchant(name, FakeGateway(name)) for name in MERCHANTS},
        credentials={name: Credentials(api_keys=(kept,), webhook_logins=()) for name, (_, kept) in issued.items()},
    )
    runtime = Runtime(
        ports=Ports(store=store, clock=SettableClock(READ_AT), ids=RandomIds()),
        current=current,
        merchants_from=lambda _: current,
        read_webhook=read_webhook,
        public_url="https://pay.example.test",
        serves_docs=False,
        hosts=("testserver.local",),
    )
    # In the store's own event loop: a client that begins another leaves it with writes that nobody finishes.
    transport = httpx.ASGITransport(cast("Any", app_of(runtime)))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as http:

        async def get(one: dict[str, Any], more: str = "") -> Any:
            headers = {"authorization": f"Bearer {issued[one['merchant_id']][0]}"}
            answer: httpx.Response = await http.get(f"/v1/orders/{one['order_id']}{more}", headers=headers)
            assert 200 == answer.status_code, (name_of(one), more, answer.text)
            return answer.json()

        yield get
    await runtime.key_uses.finish()


async def test_the_api_tells_of_each_order_what_it_told(store: SqliteStore) -> None:
    async with service(store) as get:
        for one in ORDERS:
            expected = named_anew(one["body"])
            assert expected == as_far_as(expected, await get(one, "")), name_of(one)


async def test_every_moment_of_each_order_can_still_be_told(store: SqliteStore) -> None:
    """The journal names rules, and a rule that nobody knows any more cannot be told."""
    async with service(store) as get:
        for one in ORDERS:
            assert one["facts"] <= len((await get(one, "/timeline"))["timeline"]), name_of(one)
            assert (await get(one, "/explain"))["sentences"], name_of(one)


# --- what is decided


def answer(newest: dict[str, Any]) -> Evidence:
    """An answer in Juspay's words, as it was read then."""
    body = NotFound() if newest["body"] is None else read_order(json.dumps(newest["body"]).encode())
    return Evidence(asked=newest["asked"], answer=Answer(body=body, dated=datetime.fromisoformat(newest["dated"])))


@pytest.mark.parametrize("one", [one for one in ORDERS if one["newest_answer"]], ids=name_of)
async def test_the_newest_answer_told_again_is_known(store: SqliteStore, one: dict[str, Any]) -> None:
    again = decide(await loaded(store, one), answer(one["newest_answer"]), DEFAULT, READ_AT)
    assert isinstance(again, Decision)
    assert again.fact is None


async def test_each_order_takes_a_new_answer(store: SqliteStore) -> None:
    """That Juspay knows no such order is news to every one of them; the journal goes on where it was."""

    def denied(order: Order | None) -> Any:
        assert order is not None
        evidence = Evidence(asked=order.version, answer=Answer(body=NotFound(), dated=READ_AT))
        return decide(order, evidence, DEFAULT, READ_AT + timedelta(seconds=1))

    for one in ORDERS:
        await store.transact(key_of(one), denied)
        after = await loaded(store, one)
        assert one["version"] + 1 == after.version, name_of(one)
        assert after == fold(entry.fact for entry in await store.journal(key_of(one))), name_of(one)


async def test_a_person_can_settle_every_open_reason(store: SqliteStore) -> None:
    for one in ORDERS:
        order = await loaded(store, one)
        for reason in open_reasons(order):
            for verdict in reason.verdicts:
                word = Settle(reason=reason.key, verdict=verdict, by=Requester("Asha"), note="looked into it")
                settled = decide(order, word, DEFAULT, READ_AT)
                assert isinstance(settled, Decision), (name_of(one), reason.key, verdict)
                assert reason.key in settled.after.settled
