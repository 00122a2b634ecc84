"""When each payment came to where it stands: a record does not keep that, but its journal does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.facts import Fact


def attempts_since(journal: Iterable[Fact]) -> Mapping[str, datetime]:
    """By transaction: when the fact was recorded that brought it to its state."""
    stands: dict[str, tuple[AttemptState, datetime]] = {}
    for fact in journal:
        for seen in fact.attempts:
            known = stands.get(seen.txn_id)
            if known is None or known[0] != seen.state:
                stands[seen.txn_id] = (seen.state, fact.at)
    return {txn_id: since for txn_id, (_, since) in stands.items()}
