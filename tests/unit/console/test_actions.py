"""What a person does becomes the very command that the API gives, with the person's name and words."""

import pytest
from unit.builders import (
    FULL,
    MERCHANT,
    NOW,
    ORDER,
    after,
    charged,
    new_order,
    open_keys,
    refund,
    rupees,
    settle,
    told,
)
from unit.orders.holds.holding import held

from paystate.core.console.actions import REASON_MAX, Action, ActionKind
from paystate.core.describe.what_if import answer_in_words, what_if
from paystate.core.errors import ValueInvalid
from paystate.core.ids import OrderKey, hold_id_for, refund_id_for
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import CancelOrder
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.reason import Verdict
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester

KEY = OrderKey(MERCHANT, ORDER)
BY = Requester("asha (console)")
HOLD, REFUND = hold_id_for(MERCHANT, "k1"), refund_id_for(MERCHANT, "k1")


def action(kind: ActionKind, minor: int | None = None) -> Action:
    amount = None if minor is None else rupees(minor)
    return Action(kind=kind, key="k1", amount=amount, reason="dispute:d1", verdict=Verdict.DONE, words="why")


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (
            action(ActionKind.REFUND, 500),
            RequestRefund(key="k1", refund_id=REFUND, amount=rupees(500), by=BY, note="why"),
        ),
        (
            action(ActionKind.CAPTURE, 500),
            RequestCapture(key="k1", hold_id=HOLD, amount=rupees(500), by=BY, note="why"),
        ),
        (action(ActionKind.CAPTURE), RequestCapture(key="k1", hold_id=HOLD, amount=None, by=BY, note="why")),
        (action(ActionKind.VOID), RequestVoid(key="k1", hold_id=HOLD, by=BY, note="why")),
        (action(ActionKind.CANCEL), CancelOrder(by=BY, note="why")),
        (action(ActionKind.SETTLE), Settle(reason="dispute:d1", verdict=Verdict.DONE, by=BY, note="why")),
    ],
    ids=["refund", "a part captured", "all captured", "released", "cancelled", "settled"],
)
def test_an_action_is_this_command(wanted: Action, command: Command) -> None:
    assert command == wanted.command(KEY, BY)


def test_the_longest_words_fit_in_a_note() -> None:
    wanted = Action(kind=ActionKind.CANCEL, key="k1", words="w" * REASON_MAX)
    command = wanted.command(KEY, BY)
    assert isinstance(command, CancelOrder)
    assert "w" * REASON_MAX == command.note


@pytest.mark.parametrize("words", ["", "  ", "w" * (REASON_MAX + 1), "4242 4242 4242 4242", "a\u202eb"])
def test_words_are_needed_and_checked_before_anybody_agrees(words: str) -> None:
    with pytest.raises(ValueInvalid):
        Action(kind=ActionKind.CANCEL, key="k1", words=words)


@pytest.mark.parametrize(
    ("wanted", "minor"),
    [
        (action(ActionKind.REFUND, 500), 500),
        (action(ActionKind.CAPTURE, 500), 500),
        (action(ActionKind.CAPTURE), FULL),
        (action(ActionKind.VOID), FULL),
        (action(ActionKind.CANCEL), 0),
        (action(ActionKind.SETTLE), 0),
    ],
)
def test_an_action_on_held_money_moves_so_much(wanted: Action, minor: int) -> None:
    assert rupees(minor) == wanted.moves(held())


def test_where_nothing_is_held_a_release_moves_nothing() -> None:
    assert rupees(0) == action(ActionKind.VOID).moves(charged())


def test_a_refund_counts_with_what_is_reserved_already() -> None:
    assert rupees(500 + 3000) == action(ActionKind.REFUND, 500).counts(charged(refund(3000, "k2")))


@pytest.mark.parametrize(("part", "counts"), [(1, 9_999), (4_000, 6_000), (6_000, 6_000), (10_000, 10_000)])
def test_a_capture_of_a_part_counts_with_what_it_gives_up_where_that_is_more(part: int, counts: int) -> None:
    wanted = action(ActionKind.CAPTURE, part)
    assert rupees(10_000 - part) == wanted.gives_up(held())
    assert rupees(counts) == wanted.counts(held())


@pytest.mark.parametrize("wanted", [action(ActionKind.CAPTURE), action(ActionKind.VOID), action(ActionKind.REFUND, 1)])
def test_nothing_else_gives_up_a_rest(wanted: Action) -> None:
    assert rupees(0) == wanted.gives_up(held())


def test_where_nothing_is_held_nothing_is_given_up() -> None:
    assert rupees(0) == action(ActionKind.CAPTURE, 500).gives_up(charged())


def test_what_one_part_gives_up_is_told_before_it_is_done() -> None:
    would = what_if(held(), action(ActionKind.CAPTURE, 6_000).command(KEY, BY), DEFAULT, NOW)
    expected = "The rest of the held money, 40.00 INR, would be given up: nobody can take it any more."
    assert expected in answer_in_words(would)
    whole = what_if(held(), action(ActionKind.CAPTURE, 10_000).command(KEY, BY), DEFAULT, NOW)
    assert "given up" not in " ".join(answer_in_words(whole))


@pytest.mark.parametrize(
    ("verdict", "by", "was_said"),
    [
        (Verdict.ACCEPTED, "Asha", True),
        (Verdict.DECLINED, "Asha", False),
        (Verdict.ACCEPTED, "Omar", False),
    ],
)
def test_a_verdict_was_said_by_one_person_alone(verdict: Verdict, by: str, was_said: bool) -> None:
    short = after(new_order(), told("CHARGED", amount="90.00"))
    (key,) = open_keys(short)
    wanted = Action(kind=ActionKind.SETTLE, key="k1", reason=key, verdict=verdict, words="why")
    assert not wanted.was_said(short, Requester(by))
    assert was_said is wanted.was_said(after(short, settle(key)), Requester(by))


def test_what_was_taken_already_counts_nothing() -> None:
    again = action(ActionKind.REFUND, 3000)
    once = charged(RequestRefund(key="k1", refund_id=REFUND, amount=rupees(3000)))
    assert again.was_taken(once)
    assert rupees(0) == again.counts(once)


@pytest.mark.parametrize("kind", [ActionKind.CAPTURE, ActionKind.VOID, ActionKind.CANCEL, ActionKind.SETTLE])
def test_the_key_of_a_refund_takes_nothing_else(kind: ActionKind) -> None:
    once = charged(RequestRefund(key="k1", refund_id=REFUND, amount=rupees(1)))
    assert not action(kind).was_taken(once)


def test_a_release_is_taken_under_its_key() -> None:
    released = after(held(), RequestVoid(key="k1", hold_id=HOLD))
    assert action(ActionKind.VOID).was_taken(released)
    assert not action(ActionKind.VOID).was_taken(held())
