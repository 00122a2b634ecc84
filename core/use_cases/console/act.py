"""Do to an order what a person wants, or keep it until a second person agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import evolve

from paystate.core.console.actions import Action
from paystate.core.console.proposals import (
    NotDecided,
    Proposal,
    ProposalState,
    agreed,
    declined,
    is_as_asked,
    needs_second_person,
)
from paystate.core.console.users import ConsoleUser, requester_named
from paystate.core.describe.what_if import WhatIf, what_if
from paystate.core.ids import OrderKey
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.decision import DecisionResult, OrderDecision, no_change
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.settle import settle
from paystate.core.use_cases.transact import loaded, transact_by


class NotDone(StrEnum):
    """Why nothing was done, where no rule of the order has refused."""

    NO_LOOK_LEFT = "Juspay must be asked first, and this order has no look left just now. Try again in a minute."
    TOO_MANY_WAIT = "Too many requests about this order wait for a second person already."
    SENT_BEFORE = "This form was sent before, and what it asked for was another thing or is decided. Open it anew."
    SUM_CHANGED = "The sum is another one than when it was asked for. Decline it, and ask anew."


async def would(ports: Ports, merchant: Merchant, key: OrderKey, action: Action, by: Requester) -> WhatIf:
    """What the action would do now; nothing is done.

    Raises:
        LookupError: No such order.
    """
    order = await loaded(ports, key)
    return what_if(order, action.command(key, by), merchant.policy, ports.clock.now())


async def act(
    ports: Ports, merchant: Merchant, key: OrderKey, action: Action, user: ConsoleUser, above: Mapping[str, int]
) -> OrderDecision | Proposal | Refused | NotDone:
    """Do it, or keep it as a proposal where it moves more than one person may.

    The limit is looked at under the order's lock: two refunds at once do not pass it together.

    Args:
        above: The limits, in minor units by currency.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: As `settle` does; nothing was done.
    """

    def is_within_limit(order: Order) -> bool:
        return not needs_second_person(action.counts(order), above)

    done = await _carry_out(ports, merchant, key, action, user.requester, is_within_limit)
    return await _propose(ports, merchant, key, action, user) if done is None else done


async def _propose(
    ports: Ports, merchant: Merchant, key: OrderKey, action: Action, user: ConsoleUser
) -> Proposal | Refused | NotDone:
    before = await would(ports, merchant, key, action, user.requester)
    if before.refused:
        return before.refused
    order = before.before
    proposal = Proposal(
        proposal_id=action.key,
        order=OrderKey(key.merchant_id, order.opened.order_id),
        action=action,
        money=action.moves(order),
        by=user.name,
        made_at=ports.clock.now(),
    )
    kept = await ports.store.add_proposal(proposal)
    if kept is None:
        return NotDone.TOO_MANY_WAIT
    is_the_same = (kept.by, kept.action, kept.state) == (user.name, action, ProposalState.WAITING)
    return kept if is_the_same else NotDone.SENT_BEFORE


async def agree(
    ports: Ports, merchants: Mapping[str, Merchant], proposal_id: str, user: ConsoleUser
) -> OrderDecision | Refused | NotDecided | NotDone | None:
    """Agree to a proposal, and do what it asks for; None where there is no such proposal, or its merchant is gone.

    It is agreed to before it is done, and done under the key that it was made with. So two who agree at once do it
    once, and whoever agrees again finishes what a crash has left.
    """
    proposal = await ports.store.proposal(proposal_id)
    merchant = merchants.get(proposal.order.merchant_id) if proposal else None
    if proposal is None or merchant is None:
        return None
    if not is_as_asked(proposal, await loaded(ports, proposal.order)):
        return NotDone.SUM_CHANGED
    asker, now = await ports.store.console_user(proposal.by), ports.clock.now()
    decided = await ports.store.decide_proposal(proposal_id, lambda kept: agreed(kept, user, asker, now))
    if decided is None or isinstance(decided, NotDecided):
        return decided
    by = evolve(requester_named(decided.by), agreed_by=requester_named(decided.decided_by).person)
    done = await _carry_out(
        ports, merchant, decided.order, decided.action, by, lambda order: is_as_asked(decided, order)
    )
    return NotDone.SUM_CHANGED if done is None else done


async def decline(ports: Ports, proposal_id: str, user: ConsoleUser) -> Proposal | NotDecided | None:
    """Decline a proposal, or take back one's own, also where it was agreed to and not done."""
    proposal, now = await ports.store.proposal(proposal_id), ports.clock.now()
    order = await ports.store.load(proposal.order) if proposal else None
    if proposal and order and proposal.action.was_taken(order):
        return NotDecided.NOT_WAITING
    return await ports.store.decide_proposal(proposal_id, lambda kept: declined(kept, user, now))


async def _carry_out(
    ports: Ports,
    merchant: Merchant,
    key: OrderKey,
    action: Action,
    by: Requester,
    fits: Callable[[Order], bool],
) -> OrderDecision | Refused | NotDone | None:
    """Do it if the order fits, as it is under its lock; None where it does not."""
    command = action.command(key, by)
    if isinstance(command, Settle):
        settled = await settle(ports, merchant, key, command)
        if isinstance(settled, Refused) and action.was_said(order := await loaded(ports, key), by):
            return no_change(order, Outcome.STALE, merchant.policy, ports.clock.now())
        return NotDone.NO_LOOK_LEFT if settled is None else settled

    def decided(order: Order | None, now: datetime) -> DecisionResult:
        if order is not None and not fits(order):
            return no_change(order, Outcome.STALE, merchant.policy, now)
        return decide(order, command, merchant.policy, now)

    result = await transact_by(ports, key, decided)
    return result if isinstance(result, Refused) or fits(result.after) else None
