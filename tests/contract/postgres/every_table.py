"""Writes what a file needs to have a row in every table, beside what an old release wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contract import console_contract as console
from contract.samples import KEY, MERCHANT, after_s, announces, opens
from contract.store.settlements import missing, placed, take

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.heartbeats import Heartbeat
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.core.signature_failures import RETURN, SignatureFailure, failed_at


def webhook(event_id: str) -> ReceivedWebhook:
    body = b'{"content": {"order": {"order_id": "nobody-opened-it"}}}'
    return ReceivedWebhook(
        merchant_id=MERCHANT, body=body, received_at=after_s(1), event_id=event_id, order_key="nobody-opened-it",
        verdict=InboxVerdict.UNKNOWN_ORDER,
    )  # fmt: skip


async def written_since(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.subscribe(MERCHANT, "shop")
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("a", "b"))
        await store.queue_deliveries(MERCHANT, "shop", await kinds(store), after_s(9))
        await take(store, placed("S1", "t1", "k1"), findings=(missing("case_1"),))
        await store.append_inbox(webhook("e1"))
        await store.leave_heartbeat(
            Heartbeat(worker_id="w", host="h", pid=1, version="1", started_at=after_s(0), beat_at=after_s(1), steps=1)
        )
        await store.note_key_use(MERCHANT, "key", after_s(1))
        await store.add_failures([failed_at(SignatureFailure(MERCHANT, RETURN, "c"), after_s(1))], after_s(1))
        await store.add_console_user(console.ASHA)
        assert await console.begins(store, console.session("d1"))
        await store.add_proposal(console.proposal("p1"))


async def kinds(store: SqliteStore) -> frozenset[Any]:
    return frozenset(row.kind for row in await store.outbox(MERCHANT))
