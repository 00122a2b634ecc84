"""A difference between a settlement report and the orders, as it is told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from paystate.core.settlement.cases import CaseState, CaseVerdict
from paystate.core.settlement.rows import RowKind


class SettlementSumView(msgspec.Struct, frozen=True, kw_only=True):
    """A sum in major units."""

    amount: str
    currency: str


class CaseWordView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person found; `key_id` is the API key with which it was said, empty at a terminal."""

    verdict: CaseVerdict
    by: str
    note: str
    at: datetime
    key_id: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A difference.

    `difference` is a word for the rule: missing, extra, different sum, different currency, does not add up; of a
    resolved case, how both sides agree. `ours` and `theirs` are null where a side has no sum. `besides` has what the
    rows come to in further currencies. `rows` says where in the reports the sum stands. `revision` changes
    with the facts, the rows and the words, not with the instants: whoever closes the case may send the one that was
    looked at.
    """

    id: str
    revision: str
    state: CaseState
    difference: str
    rule: str
    message: str
    kind: RowKind
    order_id: str
    name: str
    ours: SettlementSumView | None
    theirs: SettlementSumView | None
    besides: tuple[SettlementSumView, ...]
    rows: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    words: tuple[CaseWordView, ...]


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them; `next` is null on the last one."""

    cases: tuple[CaseView, ...]
    next: str | None
