"""What is above a limit waits for a second person, who is an admin and somebody else, and not for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from unit.builders import FULL, MERCHANT, NOW, ORDER, after, charged, rupees
from unit.orders.holds.holding import held

from paystate.core.console.actions import REASON_MAX, Action, ActionKind
from paystate.core.console.proposals import (
    EXPIRES,
    NotDecided,
    Proposal,
    ProposalState,
    agreed,
    declined,
    is_as_asked,
    is_unfinished,
    needs_second_person,
    state_at,
    without_customer,
)
from paystate.core.console.users import ConsoleUser, Role
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.facts import Customer

OMAR = ConsoleUser(name="omar", role=Role.OPERATOR, password_hash="", added_at=NOW)
ASHA = evolve(OMAR, name="asha", role=Role.ADMIN)
ACTION = Action(kind=ActionKind.REFUND, key="k1", amount=rupees(9000), words="why")
WAITS = Proposal(
    proposal_id="p1", order=OrderKey(MERCHANT, ORDER), action=ACTION, money=rupees(9000), by="omar", made_at=NOW
)
LAST = NOW + EXPIRES - timedelta(microseconds=1)


def agrees(proposal: Proposal, user: ConsoleUser, now: datetime) -> Proposal | NotDecided:
    """Somebody agrees while the asker is still an operator."""
    return agreed(proposal, user, OMAR, now)


@pytest.mark.parametrize(
    ("money", "needs"),
    [(rupees(8000), False), (rupees(8001), True), (Money(10**9, "USD"), False), (rupees(0), False)],
)
def test_more_than_the_limit_of_its_currency_needs_two(money: Money, needs: bool) -> None:
    assert needs is needs_second_person(money, {"INR": 8000})


def test_with_a_limit_of_nothing_two_people_are_always_needed() -> None:
    assert needs_second_person(rupees(1), {"INR": 0})


def test_without_limits_one_person_is_enough() -> None:
    assert not needs_second_person(rupees(10**12), {})


def test_an_admin_agrees_until_it_expires() -> None:
    expected = evolve(WAITS, state=ProposalState.AGREED, decided_by="asha", decided_at=LAST)
    assert expected == agrees(WAITS, ASHA, LAST)
    assert NotDecided.NOT_WAITING == agrees(WAITS, ASHA, NOW + EXPIRES)


def test_an_admin_declines() -> None:
    expected = evolve(WAITS, state=ProposalState.DECLINED, decided_by="asha", decided_at=NOW)
    assert expected == declined(WAITS, ASHA, NOW)


def test_who_asked_takes_it_back() -> None:
    taken_back = declined(WAITS, OMAR, NOW)
    assert isinstance(taken_back, Proposal)
    assert (ProposalState.DECLINED, "omar") == (taken_back.state, taken_back.decided_by)


@pytest.mark.parametrize("role", Role)
def test_nobody_agrees_to_their_own(role: Role) -> None:
    assert NotDecided.OWN == agrees(WAITS, evolve(OMAR, role=role), NOW)


@pytest.mark.parametrize("decide", [agrees, declined])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_an_admin_decides_on_another_s(decide: Callable[..., Proposal | NotDecided], role: Role) -> None:
    assert NotDecided.NO_POWER == decide(WAITS, evolve(ASHA, role=role), NOW)


def test_an_admin_who_was_disabled_agrees_to_nothing() -> None:
    assert NotDecided.NO_POWER == agrees(WAITS, evolve(ASHA, disabled_at=NOW), NOW)


@pytest.mark.parametrize("state", [ProposalState.AGREED, ProposalState.DECLINED])
def test_what_is_decided_stays_so(state: ProposalState) -> None:
    over = evolve(WAITS, state=state)
    assert NotDecided.NOT_WAITING == declined(over, ASHA, NOW + EXPIRES)
    assert state is state_at(over, NOW + EXPIRES)


def test_what_was_declined_is_not_declined_again() -> None:
    assert NotDecided.NOT_WAITING == declined(evolve(WAITS, state=ProposalState.DECLINED), ASHA, NOW)


@pytest.mark.parametrize("user", [ASHA, OMAR])
def test_what_was_agreed_to_is_declined_or_taken_back_within_its_day(user: ConsoleUser) -> None:
    over = evolve(WAITS, state=ProposalState.AGREED, decided_by="zoya", decided_at=NOW)
    after_all = declined(over, user, LAST)
    assert isinstance(after_all, Proposal)
    assert (ProposalState.DECLINED, user.name) == (after_all.state, after_all.decided_by)
    other = evolve(ASHA, name="nina", role=Role.OPERATOR)
    assert NotDecided.NO_POWER == declined(over, other, LAST)


def test_what_was_agreed_to_is_unfinished_until_it_is_done_or_its_day_is_over() -> None:
    over = evolve(WAITS, state=ProposalState.AGREED)
    command = RequestRefund(key="k1", refund_id=refund_id_for(MERCHANT, "k1"), amount=rupees(9000))
    assert is_unfinished(over, charged(), LAST)
    assert not is_unfinished(over, charged(command), LAST)
    assert not is_unfinished(over, charged(), NOW + EXPIRES)
    assert not is_unfinished(WAITS, charged(), NOW)


def test_what_is_declined_is_not_agreed_to() -> None:
    assert NotDecided.NOT_WAITING == agrees(evolve(WAITS, state=ProposalState.DECLINED), ASHA, NOW)


def test_an_admin_agrees_again_to_what_was_agreed_to_until_it_expires() -> None:
    over = evolve(WAITS, state=ProposalState.AGREED, decided_by="zoya", decided_at=NOW)
    assert over == agrees(over, ASHA, LAST)
    assert NotDecided.NOT_WAITING == agrees(over, ASHA, NOW + EXPIRES)
    assert NotDecided.NO_POWER == agrees(over, evolve(ASHA, role=Role.OPERATOR), NOW)


@pytest.mark.parametrize("asker", [None, evolve(OMAR, disabled_at=NOW), evolve(OMAR, role=Role.VIEWER)])
def test_nobody_agrees_with_somebody_who_may_not_act_any_more(asker: ConsoleUser | None) -> None:
    assert NotDecided.ASKER_IS_OUT == agreed(WAITS, ASHA, asker, NOW)


def test_a_refund_is_as_asked_while_it_has_its_amount() -> None:
    assert is_as_asked(WAITS, charged())
    assert not is_as_asked(evolve(WAITS, money=rupees(9001)), charged())


def test_a_release_is_as_asked_while_as_much_is_held() -> None:
    release = evolve(WAITS, action=Action(kind=ActionKind.VOID, key="k1", words="why"), money=rupees(FULL))
    assert is_as_asked(release, held())
    assert not is_as_asked(release, charged())


def test_what_was_done_is_as_asked() -> None:
    again = RequestRefund(key="k1", refund_id=refund_id_for(MERCHANT, "k1"), amount=rupees(9000))
    assert is_as_asked(evolve(WAITS, money=rupees(1)), after(charged(), again))


def test_a_customer_who_is_forgotten_goes_out_of_the_words() -> None:
    told = evolve(WAITS, action=evolve(ACTION, words="Asha (reach@example.com) called"))
    forgotten = without_customer(told, Customer(customer_id="c-1", first_name="Asha"))
    assert "*** (***) called" == forgotten.action.words
    assert evolve(told, action=forgotten.action) == forgotten


def test_words_that_would_grow_too_long_are_cut() -> None:
    told = evolve(WAITS, action=evolve(ACTION, words="a " * (REASON_MAX // 2)))
    assert REASON_MAX == len(without_customer(told, Customer(customer_id="a")).action.words)


def test_a_proposal_expires_by_the_clock() -> None:
    assert [ProposalState.WAITING, ProposalState.EXPIRED] == [state_at(WAITS, at) for at in (LAST, NOW + EXPIRES)]
