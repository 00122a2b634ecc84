"""Mistakes that somebody might make in the product, each of which a crash test must see.

Each is planted in the product's own code while a test runs, and names the run in which it shows: a scenario, and what
happens to the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import pytest
from attrs import frozen
from crashes.scenarios import paid_and_told, refund_ends, refunded, told_when_looks_are_rare
from crashes.world import Scenario, World

from paystate.adapters.storage.sql import outbox, writes
from paystate.adapters.storage.sql.steps import Change, ChangeEach, Sql, Step, Steps
from paystate.adapters.storage.sql.store import SqlStore
from paystate.adapters.storage.sqlite import connections, group_commit
from paystate.core.announcements.delivery import Delivered, TryEnd
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.order import Order
from paystate.core.ports.notifier import Subscriber
from paystate.core.ports.store import InboxVerdict
from paystate.core.use_cases import refund
from paystate.core.use_cases.announcements.deliver import keep
from paystate.core.use_cases.calls import routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.transact import loaded
from paystate.entrypoints.engine import shop
from paystate.entrypoints.service import deliverer

Patch = pytest.MonkeyPatch


@frozen
class Dies:
    """The process dies at a site of this name; at none it lives, and what is wrong shows all the same."""

    site: str = ""


@frozen
class StandsStill:
    """The process stands still at a site of this name, and is woken when another one has done its work."""

    site: str


@frozen
class LosesPower:
    """The machine loses its power, anywhere."""


@frozen
class Mistake:
    """One mistake, and the run in which it shows."""

    plant: Callable[[Patch], None]
    scenario: Scenario
    fate: Dies | StandsStill | LosesPower

    @property
    def name(self) -> str:
        return self.plant.__name__


# --- in what is promised to others


def answered_before_it_is_stored(patch: Patch) -> None:
    """Webhooks wait in memory for the worker, who stores them all."""
    stored, taken = SqlStore.append_inbox, SqlStore.take_inbox
    waiting = list[Any]()

    async def append_inbox(_: SqlStore, *some: Any, **__: Any) -> bool:
        waiting.append(some)
        return True

    async def take_inbox(self: SqlStore, **named: Any) -> Any:
        while waiting:
            await stored(self, *waiting.pop())
        return await taken(self, **named)

    patch.setattr(SqlStore, "append_inbox", append_inbox)
    patch.setattr(SqlStore, "take_inbox", take_inbox)


def another_refund_id_in_each_life(patch: Patch) -> None:
    lives, begin = list[int](), World.begin

    async def counted(self: World) -> None:
        lives.append(1)
        await begin(self)

    patch.setattr(World, "begin", counted)
    for module in (refund, shop):
        patch.setattr(module, "refund_id_for", lambda merchant, key: refund_id_for(merchant, f"{key}{len(lives)}"))


def refund_is_sent_before_it_is_counted(patch: Patch) -> None:
    counted = refund.send_refund

    async def early(ports: Ports, merchant: Merchant, key: OrderKey, refund_id: str) -> Order:
        order = await loaded(ports, key)
        amount = Money(order.refunds[refund_id].amount_minor, order.amount.currency)
        await merchant.gateway.refund(order.opened.order_id, refund_id, amount, routing_id=routing_id(order))
        return await counted(ports, merchant, key, refund_id)

    patch.setattr(refund, "send_refund", early)


def noted_as_delivered_before_it_is_sent(patch: Patch) -> None:
    async def early(ports: Any, subscriber: Subscriber, row: Any, message_of: Any) -> TryEnd:
        now: datetime = ports.clock.now()
        await keep(ports, subscriber, row, Delivered("200"))
        return await subscriber.notifier.deliver(await message_of(row.announcement), now)  # type: ignore[union-attr]

    patch.setattr(deliverer, "deliver", early)


# --- in what commits together


def announced_in_a_commit_of_its_own(patch: Patch) -> None:
    _in_two_commits(patch, "transact", writes.transact, outbox._INSERT)


def journaled_in_a_commit_of_its_own(patch: Patch) -> None:
    _in_two_commits(patch, "transact", writes.transact, writes._INSERT_FACT)


def queue_moves_on_before_the_deliveries_are_queued(patch: Patch) -> None:
    _in_two_commits(patch, "queue_deliveries", outbox.queue, outbox._QUEUE)


def webhook_is_settled_before_its_order_is_due(patch: Patch) -> None:
    together = SqlStore.reschedule

    async def reschedule(self: SqlStore, key: OrderKey, fn: Any, *, consumes: int | None = None) -> Any:
        if consumes is not None:
            await self.end_inbox(consumes, InboxVerdict.LOOKED)
        return await together(self, key, fn)

    patch.setattr(SqlStore, "reschedule", reschedule)


def _in_two_commits(patch: Patch, method: str, written: Callable[..., Steps[Any]], statement: Sql) -> None:
    """A method of the store commits what one statement writes after all else."""

    async def in_two_commits(self: SqlStore, *some: Any, **named: Any) -> Any:
        later = list[Step]()
        value = await self._write(lambda: _without(statement, written(*some, *named.values()), later))
        for step in later:
            await _write_later(self, step)
        return value

    patch.setattr(SqlStore, method, in_two_commits)


async def _write_later(store: SqlStore, step: Step) -> None:
    await store._write(lambda: _alone(step))


def _without(statement: Sql, steps: Steps[Any], later: list[Step]) -> Steps[Any]:
    later.clear()
    found: Any = None
    while True:
        try:
            step = steps.send(found)
        except StopIteration as end:
            return end.value
        if isinstance(step, Change | ChangeEach) and step.statement == statement:
            later.append(step)
            found = 1
        else:
            found = yield step


def _alone(step: Step) -> Steps[None]:
    yield step


# --- in who may do a thing


def begun_without_asking_for_the_lease(patch: Patch) -> None:
    patch.setattr(outbox, "_BEGIN", Sql(outbox._BEGIN.partition("where")[0] + "where id = ? and ? >= 0 and ? > 0"))


def decided_on_what_was_read_before(patch: Patch) -> None:
    """And no version is checked, in the store or by the database: the last one wins."""
    together = SqlStore.transact

    async def transact(self: SqlStore, key: OrderKey, fn: Any) -> Any:
        decided = fn(await self.load(key))
        return await together(self, key, lambda _: decided)

    insert = writes._INSERT_FACT.replace("insert", "insert or replace", 1)
    update = writes._UPDATE_ORDER.rstrip().removesuffix("and version = ?") + "and ? >= 0"
    patch.setattr(SqlStore, "transact", transact)
    patch.setattr(writes, "check_order", lambda *_: None)
    patch.setattr(writes, "_INSERT_FACT", Sql(insert))
    patch.setattr(writes, "_UPDATE_ORDER", Sql(update))


# --- in what the disk is asked to do


def commits_are_not_synced(patch: Patch) -> None:
    _set_up_with(patch, "pragma synchronous = normal")


def the_journal_is_kept_in_memory(patch: Patch) -> None:
    _set_up_with(patch, "pragma journal_mode = memory")


def the_log_is_folded_in_without_a_sync(patch: Patch) -> None:
    run_batch = group_commit._run_batch

    def folding(connection: sqlite3.Connection, jobs: Sequence[Any]) -> Any:
        ended = run_batch(connection, jobs)
        for pragma in ("synchronous = off", "wal_checkpoint(truncate)", "synchronous = full"):
            connection.execute(f"pragma {pragma}").fetchall()
        return ended

    patch.setattr(group_commit, "_run_batch", folding)


def _set_up_with(patch: Patch, pragma: str) -> None:
    set_up = connections.set_up

    def weakly(connection: sqlite3.Connection) -> None:
        set_up(connection)
        connection.execute(pragma).fetchall()

    patch.setattr(connections, "set_up", weakly)


PLANTED: Final[tuple[Mistake, ...]] = (
    Mistake(answered_before_it_is_stored, refund_ends, Dies("store append_inbox: before")),
    Mistake(another_refund_id_in_each_life, refund_ends, Dies("juspay refund: done")),
    Mistake(refund_is_sent_before_it_is_counted, refunded, Dies()),
    Mistake(noted_as_delivered_before_it_is_sent, refund_ends, Dies("told: before")),
    Mistake(announced_in_a_commit_of_its_own, paid_and_told, Dies("store _write_later: before")),
    Mistake(journaled_in_a_commit_of_its_own, paid_and_told, Dies("store _write_later: before")),
    Mistake(queue_moves_on_before_the_deliveries_are_queued, paid_and_told, Dies("store _write_later: before")),
    Mistake(webhook_is_settled_before_its_order_is_due, told_when_looks_are_rare, Dies("store end_inbox: done")),
    Mistake(begun_without_asking_for_the_lease, paid_and_told, StandsStill("store begin_delivery: before")),
    Mistake(decided_on_what_was_read_before, paid_and_told, StandsStill("store transact: before")),
    Mistake(commits_are_not_synced, paid_and_told, LosesPower()),
    Mistake(the_journal_is_kept_in_memory, paid_and_told, LosesPower()),
    Mistake(the_log_is_folded_in_without_a_sync, paid_and_told, LosesPower()),
)
