"""What waits, counted along indexes; see `core.ports.backlog`.

Where a count could go through more than it has to, SQLite is told which index to take: without statistics it may prefer
one that holds everything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from paystate.adapters.storage.instants import instant, instant_or_none, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, fetch
from paystate.core.ports.backlog import (
    COUNTED_MAX,
    NOTHING_WAITS,
    OPEN_STATUSES,
    MerchantBacklog,
    SubscriberBacklog,
    To,
    Waiting,
)

DUE: Final = Sql(f"""
    select merchant_id, count(*), min(due_at)
    from (select merchant_id, due_at from orders [by ix_orders_due]
          where due_at <= ? order by due_at, id limit {COUNTED_MAX}) as due
    group by merchant_id
""")  # noqa: S608 - fixed text
_OLDEST_OF_STATUS: Final = ", ".join(
    f"(select min(created_at) from orders [by ix_orders_status] where merchant_id = ? and status = '{one}')"  # noqa: S608
    for one in OPEN_STATUSES
)


def _count(table: str, index: str, which: str) -> str:
    rows = f"select 1 from {table} [by {index}] where merchant_id = ? and {which} limit {COUNTED_MAX}"  # noqa: S608
    return f"(select count(*) from ({rows}) as counted)"  # noqa: S608


OF_MERCHANT: Final = Sql(f"""
    select {_count("inbox", "ix_inbox_waiting", "verdict = ''")},
           (select received_at from inbox [by ix_inbox_waiting]
            where merchant_id = ? and verdict = '' order by id limit 1),
           (select webhooks from quarantines where merchant_id = ?),
           {_count("orders", "ix_orders_refund_open", "refund_open_since is not null")},
           (select min(refund_open_since) from orders [by ix_orders_refund_open]
            where merchant_id = ? and refund_open_since is not null),
           {_count("orders", "ix_orders_review", "open_reasons > 0")},
           {_OLDEST_OF_STATUS}
""")  # noqa: S608
OF_SUBSCRIBER: Final = Sql(f"""
    select waiting.n + behind.n, waiting.since, behind.since, dead.n
    from (select count(*) as n, min(outbox.kept_since) as since
          from (select announcement_id from deliveries [by ix_deliveries_line]
                where merchant_id = ? and subscriber = ? and state = 'waiting' limit {COUNTED_MAX}) as lines
          [cross] join outbox on outbox.id = lines.announcement_id) as waiting
    cross join
         (select count(*) as n, min(kept_since) as since
          from (select kept_since from outbox
                where merchant_id = ? and id > (select after_id from subscribers
                                                where merchant_id = ? and subscriber = ? and paused_at is null)
                order by id limit {COUNTED_MAX}) as ahead) as behind
    cross join
         (select count(*) as n
          from (select subscriber from deliveries [by ix_deliveries_dead]
                where merchant_id = ? and state = 'dead' order by id desc limit {COUNTED_MAX}) as newest
          where subscriber = ?) as dead
""")  # noqa: S608


def of_merchants(merchant_ids: Collection[str], now: datetime) -> Steps[Sequence[MerchantBacklog]]:
    """Return what `Backlogs.backlog` promises."""
    due = {
        merchant_id: Waiting(count=count, since=instant(since))
        for merchant_id, count, since in (yield from fetch(DUE, micros(now)))
    }
    others = NOTHING_WAITS if sum(one.count for one in due.values()) < COUNTED_MAX else None
    found = list[MerchantBacklog]()
    for merchant_id in merchant_ids:
        found.append((yield from _of_merchant(merchant_id, due.get(merchant_id, others))))
    return found


def _of_merchant(merchant_id: str, due: Waiting | None) -> Steps[MerchantBacklog]:
    ((webhooks, received_at, quarantined, refunds, refund_since, under_review, *opened),) = yield from fetch(
        OF_MERCHANT, *(merchant_id,) * OF_MERCHANT.count("?")
    )
    return MerchantBacklog(
        merchant_id=merchant_id,
        open_since={one: instant(at) for one, at in zip(OPEN_STATUSES, opened, strict=True) if at is not None},
        due=due,
        webhooks=Waiting(count=webhooks, since=instant_or_none(received_at)),
        quarantined=quarantined or 0,
        refunds=Waiting(count=refunds, since=instant_or_none(refund_since)),
        under_review=under_review,
    )


def of_subscribers(to: Collection[To]) -> Steps[Sequence[SubscriberBacklog]]:
    """Return what `Backlogs.delivery_backlog` promises."""
    found = list[SubscriberBacklog]()
    for merchant_id, subscriber in to:
        one = (merchant_id, subscriber)
        ((rows, *since, dead),) = yield from fetch(OF_SUBSCRIBER, *one, merchant_id, *one, *one)
        oldest = min([at for at in since if at is not None], default=None)
        waiting = Waiting(count=min(rows, COUNTED_MAX), since=instant_or_none(oldest))
        found.append(SubscriberBacklog(merchant_id=merchant_id, subscriber=subscriber, waiting=waiting, dead=dead))
    return found
