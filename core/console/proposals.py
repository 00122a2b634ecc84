"""Above a limit, money moves only after a second person has agreed: the request that waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import evolve, frozen

from paystate.core.console.actions import REASON_MAX, Action
from paystate.core.console.users import ConsoleUser, Power
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.orders.forgetting import note_without
from paystate.core.orders.order import Order

EXPIRES: Final = timedelta(hours=24)
"""How long a proposal waits. What is older was decided on with another order in mind."""
WAITING_MAX: Final = 20
"""Proposals of one order that wait at the same time."""
LISTED_MAX: Final = 100
"""Proposals of all orders that one list has."""


class ProposalState(StrEnum):
    """Where a proposal stands."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"
    EXPIRED = "expired"
    """Nobody decided in time. This is never stored: it follows from the clock."""


class NotDecided(StrEnum):
    """Why somebody cannot decide."""

    NOT_WAITING = "It was decided already, or it has expired."
    OWN = "A second person must agree. This is your own request."
    NO_POWER = "Only an admin may agree or decline."
    ASKER_IS_OUT = "Whoever asked may not act any more. Decline it, and ask anew."


@frozen(kw_only=True)
class Proposal:
    """An action of one person that waits for another.

    Attributes:
        money: What it would move, as it was known when it was asked for.
        by: Who asks for it, by name.
        state: As it was stored; `state_at` says how it is at an instant.
        decided_by: Who agreed or declined, by name; `""` before.
    """

    proposal_id: str
    order: OrderKey
    action: Action
    money: Money
    by: str
    made_at: datetime
    state: ProposalState = ProposalState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        """When it waits no longer."""
        return self.made_at + EXPIRES


def needs_second_person(money: Money, above: Mapping[str, int]) -> bool:
    """Whether so much needs two people; `above` has the limits, in minor units by currency."""
    return money.currency in above and money.amount_minor > above[money.currency]


def state_at(proposal: Proposal, now: datetime) -> ProposalState:
    """Where it stands at an instant."""
    is_over = proposal.state is ProposalState.WAITING and now >= proposal.expires_at
    return ProposalState.EXPIRED if is_over else proposal.state


def is_agreed(proposal: Proposal, now: datetime) -> bool:
    """Whether somebody has agreed, and its day is not over."""
    return proposal.state is ProposalState.AGREED and now < proposal.expires_at


def is_unfinished(proposal: Proposal, order: Order, now: datetime) -> bool:
    """Whether it was agreed to and not done: a rule has refused it, or a crash has come between."""
    return is_agreed(proposal, now) and not proposal.action.was_taken(order)


def is_as_asked(proposal: Proposal, order: Order) -> bool:
    """Whether it moves what it was said to move, or has done so: how much is held may have changed meanwhile."""
    return proposal.action.was_taken(order) or proposal.action.moves(order) == proposal.money


def agreed(proposal: Proposal, user: ConsoleUser, asker: ConsoleUser | None, now: datetime) -> Proposal | NotDecided:
    """The proposal after a second person has agreed.

    One that was agreed to stays as it is until it expires, so that an admin finishes what a crash has left.

    Args:
        asker: Who asked, as that person is now.
    """
    if proposal.by == user.name:
        return NotDecided.OWN
    if asker is None or not asker.may(Power.ACT):
        return NotDecided.ASKER_IS_OUT
    if is_agreed(proposal, now) and user.may(Power.AGREE):
        return proposal
    if why := _cannot_decide(proposal, user, now):
        return why
    return evolve(proposal, state=ProposalState.AGREED, decided_by=user.name, decided_at=now)


def declined(proposal: Proposal, user: ConsoleUser, now: datetime) -> Proposal | NotDecided:
    """The proposal after a second person has declined, or the first one has taken it back.

    One that was agreed to is declined as well, within its day: the caller has seen that it was not done.
    """
    if why := _cannot_decide(proposal, user, now):
        return why
    return evolve(proposal, state=ProposalState.DECLINED, decided_by=user.name, decided_at=now)


def without_customer(proposal: Proposal, customer: Customer) -> Proposal:
    """The proposal without what its words say of a customer who is forgotten."""
    words = note_without(proposal.action.words, customer)[:REASON_MAX]
    return evolve(proposal, action=evolve(proposal.action, words=words))


def _cannot_decide(proposal: Proposal, user: ConsoleUser, now: datetime) -> NotDecided | None:
    if state_at(proposal, now) is not ProposalState.WAITING and not is_agreed(proposal, now):
        return NotDecided.NOT_WAITING
    if proposal.by != user.name and not user.may(Power.AGREE):
        return NotDecided.NO_POWER
    return None
