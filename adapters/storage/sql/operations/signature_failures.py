"""Failures of signatures and logins: a table with a row for each kind and hour."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from attrs import astuple

from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, Value, change, change_each, fetch
from paystate.core.signature_failures import (
    FailuresTold,
    HourOfFailures,
    SignatureFailure,
    kept_since,
    recent_since,
)

_ADD: Final = Sql("""
    insert into signature_failures (merchant_id, source, code, key_id, hour_at, failures, last_at)
    values (?, ?, ?, ?, ?, ?, ?)
    on conflict (merchant_id, source, code, key_id, hour_at) do update
    set failures = signature_failures.failures + excluded.failures,
        last_at = case when excluded.last_at > signature_failures.last_at
                       then excluded.last_at else signature_failures.last_at end
""")
_FORGET: Final = Sql("delete from signature_failures where hour_at < ?")
_TOLD: Final = Sql("""
    select merchant_id, source, code, key_id,
           cast(sum(case when hour_at >= ? then failures else 0 end) as bigint), max(last_at)
    from signature_failures where hour_at >= ?
    group by merchant_id, source, code, key_id order by merchant_id, source, code, key_id
""")


def add(counted: Collection[HourOfFailures], now: datetime) -> Steps[None]:
    """Do what `Store.add_failures` promises, short of the commit."""
    yield from change_each(_ADD, sorted(map(_values, counted)))  # sorted: no two processes wait for each other
    yield from change(_FORGET, micros(kept_since(now)))


def read(now: datetime) -> Steps[Sequence[FailuresTold]]:
    """Return what is told of each kind."""
    rows = yield from fetch(_TOLD, micros(recent_since(now)), micros(kept_since(now)))
    return [FailuresTold(SignatureFailure(*kind), recent, instant(last_at)) for *kind, recent, last_at in rows]


def _values(one: HourOfFailures) -> tuple[Value, ...]:
    return (*astuple(one.failure), micros(one.hour_at), one.count, micros(one.last_at))
