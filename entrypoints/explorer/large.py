"""The large worlds: for `make prove`, and too long for every run of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from paystate.core.catalogue import Paid, Refunded
from paystate.core.explore import World
from paystate.core.policy import DEFAULT, CheckoutMode
from paystate.entrypoints.explorer import worlds
from paystate.entrypoints.explorer.checkouts import checkout_world, crossed_world
from paystate.entrypoints.explorer.money_worlds import money_worlds
from paystate.entrypoints.explorer.offers import TOO_LATE, fresh, process
from paystate.entrypoints.explorer.sale_worlds import sale_worlds

_MONEY = (Paid.PARTIAL, Paid.CHARGED, Paid.AUTO_REFUNDED)


def large_worlds() -> tuple[World[Any], ...]:
    """All of them, the longest first."""
    crossing = (*worlds.answers((Paid.PENDING, Paid.FAILED, Paid.CHARGED)), process(), process(TOO_LATE))
    return (
        worlds.words_to_the_end(tuple(Paid)),
        worlds.three_attempts((Paid.FAILED, *_MONEY[1:]), None),
        worlds.refunds_together(5),
        worlds.calls_of_a_refund("calls of a refund", tuple(Refunded), 5),
        worlds.calls_of_a_refund("calls again", (Refunded.SUCCESS,), 9),
        worlds.listings_of_a_refund(5),
        worlds.end_of_life(4),
        worlds.two_attempts(None),
        worlds.words_apart(4),
        worlds.every_word(4),
        worlds.money_without_a_name(5),
        worlds.mismatches(5),
        worlds.denials(5),
        worlds.a_shorter_life(5),
        worlds.commands_in_every_status(4),
        worlds.refunds_by_juspay(6),
        worlds.a_refund_of_another_amount(7),
        worlds.made_elsewhere(),
        worlds.three_questions(),
        *money_worlds(1),
        *sale_worlds(1),
        *_under_other_policies(),
        crossed_world(fresh, crossing),
        *(checkout_world(mode) for mode in CheckoutMode),
    )


def _under_other_policies() -> Iterator[World[Any]]:
    """What a merchant's policy may choose, at its ends: one call or three, one refund or many, a short window."""
    for tries in (1, 3):
        policy = evolve(DEFAULT, refund_tries_max=tries)
        name = f"calls again, {tries} permitted"
        yield worlds.calls_of_a_refund(name, (Refunded.PENDING, Refunded.SUCCESS), 6, policy)
    for refunds in (1, 25):
        world = worlds.commands_in_every_status(4, evolve(DEFAULT, refunds_max=refunds))
        yield evolve(world, name=f"{world.name}, {refunds} refunds")
