"""What waits for a second person, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from attrs import frozen

from paystate.core.console.actions import ActionKind
from paystate.core.console.proposals import (
    EXPIRES,
    LISTED_MAX,
    Proposal,
    ProposalState,
    is_unfinished,
    state_at,
)
from paystate.core.describe.grouped import grouped
from paystate.core.orders.order import Order
from paystate.entrypoints.console.access import Console
from paystate.entrypoints.interface.zones import clock_in

ACTION_NAMES: Final = {
    ActionKind.REFUND: "Refund",
    ActionKind.CAPTURE: "Capture",
    ActionKind.VOID: "Release the held money",
    ActionKind.CANCEL: "Cancel the order",
    ActionKind.SETTLE: "Settle a review reason",
}


@frozen(kw_only=True)
class ProposalRow:
    """One request that needs a second person.

    Attributes:
        decided: Who decided and when, in words; `""` before.
    """

    path: str
    order_path: str
    order_id: str
    merchant_id: str
    what: str
    amount: str
    by: str
    words: str
    made: str
    expires: str
    state: ProposalState
    decided: str
    is_unfinished: bool

    @property
    def label(self) -> str:
        """How it stands."""
        return "Agreed, not done" if self.is_unfinished else self.state.capitalize()

    @property
    def tone(self) -> str:
        """The colour in which that is shown."""
        return "bad" if self.is_unfinished else "waiting" if self.state is ProposalState.WAITING else "calm"


async def open_rows(console: Console) -> tuple[Sequence[ProposalRow], bool]:
    """What somebody has to decide on or to finish, and whether there may be more than is listed."""
    store, since = console.ports.store, console.now() - EXPIRES
    waiting = await store.proposals_in(ProposalState.WAITING, since)
    agreed = await store.proposals_in(ProposalState.AGREED, since)
    rows = [proposal_row(console, one, await store.load(one.order)) for one in agreed]
    rows += [proposal_row(console, one, None) for one in waiting]  # that one waits is told by no order
    is_cut = max(len(agreed), len(waiting)) >= LISTED_MAX
    return [row for row in rows if row.is_unfinished or row.state is ProposalState.WAITING], is_cut


def proposal_row(console: Console, proposal: Proposal, known: Order | None) -> ProposalRow:
    """The request as it stands now; `known` is its order."""
    order, money = proposal.order, proposal.money
    merchant = console.merchants.get(order.merchant_id)
    zone = merchant.time_zone if merchant else UTC
    decided = proposal.decided_at
    return ProposalRow(
        path=f"/requests/{proposal.proposal_id}",
        order_path=f"/orders/{order.merchant_id}/{order.order_id}",
        order_id=order.order_id,
        merchant_id=order.merchant_id,
        what=ACTION_NAMES[proposal.action.kind],
        amount=grouped(money.amount_minor, money.currency),
        by=proposal.by,
        words=proposal.action.words,
        made=clock_in(proposal.made_at, zone),
        expires=clock_in(proposal.expires_at, zone),
        state=state_at(proposal, console.now()),
        is_unfinished=known is not None and is_unfinished(proposal, known, console.now()),
        decided=f"{proposal.decided_by}, {clock_in(decided, zone)}" if decided else "",
    )
