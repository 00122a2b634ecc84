"""An order as a case file: where it stands, how it came there, its money, and what may be done about it.

Everything is read off the core; what may be done is what the rules themselves would decide now.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen
from litestar import get, post
from litestar.params import FromPath

from paystate.core.console.actions import Action, ActionKind
from paystate.core.console.users import ConsoleUser, Power
from paystate.core.describe.citations import cited
from paystate.core.describe.explain import explain_order
from paystate.core.describe.grouped import grouped, grouped_signed, with_amounts_grouped
from paystate.core.describe.lifecycle_map import answers_without_effect
from paystate.core.describe.path import Stage, lifecycle_path
from paystate.core.describe.reply import reply_to_customer
from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.what_if import answer_in_words, what_if
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact
from paystate.core.orders.held_money import held_attempt, held_minor
from paystate.core.orders.order import Order, fold
from paystate.core.orders.reason import Reason
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.describe_order import read_facts
from paystate.core.use_cases.look import look_now
from paystate.entrypoints.console.access import (
    AnyRequest,
    Console,
    console_of,
    may_act,
    needs_sign_in,
    own_form,
    person_at,
)
from paystate.entrypoints.console.drawing.lifecycle import picture
from paystate.entrypoints.console.orders import NoSuchOrder, label_of, order_named, path_of, tone_of
from paystate.entrypoints.console.proposal_rows import ACTION_NAMES, proposal_row
from paystate.entrypoints.console.rendering import NO_ANSWER, Page, page, see_told, told_at
from paystate.entrypoints.console.watching.revisions import revision_of_order
from paystate.entrypoints.interface.orders import FACTS_MAX, explanation_of, moments_of
from paystate.entrypoints.interface.zones import clock_in, lasting, localized, time_in

MOMENTS_MAX: Final = 300
_OFFERED: Final = (ActionKind.REFUND, ActionKind.CAPTURE, ActionKind.VOID, ActionKind.CANCEL)
_TOLD: Final = {
    "refund": "The refund is stored, and its money is reserved. The worker sends it to Juspay.",
    "capture": "The capture is stored. The worker sends it to Juspay.",
    "void": "The release is stored. The worker sends it to Juspay.",
    "cancel": "The order is cancelled.",
    "settle": "The reason is settled.",
    "asked": "It needs a second person, so nothing is done yet. An admin has to agree within a day.",
    "looked": "Juspay has answered. What it said is below.",
    "no-look": "Juspay was asked too often about this order. Try again in a minute.",
    "no-answer": NO_ANSWER,
}
_BAD_NEWS: Final = frozenset({"no-look", "no-answer"})


@frozen(kw_only=True)
class Sum:
    """A line of the money box."""

    name: str
    amount: str
    is_total: bool = False


@frozen(kw_only=True)
class Moment:
    """A line of the timeline.

    Attributes:
        later: How long after the moment before; `""` for the first.
        past: Where the order is shown as it was then; `""` for what is no fact of the order.
    """

    day: str
    at: str
    later: str
    title: str
    details: Sequence[str]
    source: str
    rules: Sequence[str]
    past: str


@frozen(kw_only=True)
class Step:
    """A status on the order's way."""

    label: str
    tone: str
    at: str
    why: str
    past: str
    is_now: bool


@frozen(kw_only=True)
class Offer:
    """Something that may be done, and what it would do."""

    path: str
    name: str
    sentences: Sequence[str]


@frozen(kw_only=True)
class NotOffered:
    """Something that may not be done now, and the rule that says so."""

    name: str
    why: str


@frozen(kw_only=True)
class OpenReason:
    """Why a person must look."""

    key: str
    message: str
    holds_back: str
    settles: Sequence[tuple[str, str]]


@get("/orders/{merchant_id:str}/{order_id:str}", guards=[needs_sign_in])
async def show_order(request: AnyRequest, merchant_id: FromPath[str], order_id: FromPath[str]) -> Page:
    """The case file."""
    console, user = console_of(request), person_at(request).user
    merchant, order = await order_named(console, merchant_id, order_id)
    revision = await revision_of_order(console.ports.store, order.key)  # first, so that what comes meanwhile is news
    facts = await _facts(console, order)
    stages = await to_thread(lifecycle_path, facts)
    sentences = await explanation_of(console.ports, merchant, order)
    moments = await moments_of(console.ports, order)
    schedule = await console.ports.store.schedule(order.key)
    proposals = await console.ports.store.proposals_of(order.key)
    offers, not_offered = _offers(console, merchant, order, user)
    zone, told = merchant.time_zone, told_at(request, path_of(order.key))
    return page(
        request,
        "order.html",
        **_head(order),
        revision=revision,
        told=_TOLD.get(told, ""),
        told_tone="bad" if told in _BAD_NEWS else "good",
        headline=_said(sentences[0], zone),
        sentences=[_said(one, zone) for one in sentences[1:-1]],  # the last lists what may be done, as links do here
        steps=_steps(order, merchant, stages),
        map=stages and picture(stages, await to_thread(answers_without_effect, facts), zone),
        sums=_sums(order),
        moments=_moments(order, merchant, moments[-MOMENTS_MAX:]),
        left_out=max(0, len(moments) - MOMENTS_MAX),
        reasons=[_reason(order, one) for one in open_reasons(order)],
        offers=offers,
        not_offered=not_offered,
        may_act=user.may(Power.ACT),
        next_look=clock_in(schedule.due_at, zone) if schedule.due_at else "",
        reply=reply_to_customer(order),
        proposals=[proposal_row(console, one, order) for one in proposals],
        zone=str(zone),
    )


@get("/orders/{merchant_id:str}/{order_id:str}/at/{version:int}", guards=[needs_sign_in])
async def show_past(
    request: AnyRequest, merchant_id: FromPath[str], order_id: FromPath[str], version: FromPath[int]
) -> Page:
    """The order as it was known after a fact, told from its journal alone."""
    console = console_of(request)
    merchant, order = await order_named(console, merchant_id, order_id)
    facts = (await _facts(console, order))[:version]
    then = fold(facts)
    if then is None or len(facts) != version:
        raise NoSuchOrder
    policy, zone, at = merchant.policy, merchant.time_zone, facts[-1].at
    return page(
        request,
        "past.html",
        **_head(order),
        version=version,
        newest=order.version,
        at=clock_in(at, zone),
        was=label_of(status(then)),
        was_tone=tone_of(status(then)),
        sentences=[_said(one, zone) for one in await to_thread(explain_order, facts, None, policy, at)],
        sums=_sums(then),
    )


@post("/orders/{merchant_id:str}/{order_id:str}/look", guards=[needs_sign_in, may_act])
async def look(request: AnyRequest, merchant_id: FromPath[str], order_id: FromPath[str]) -> Page:
    """Ask Juspay now."""
    await own_form(request)
    console = console_of(request)
    merchant, order = await order_named(console, merchant_id, order_id)
    try:
        told = "looked" if await look_now(console.ports, merchant, order.key) else "no-look"
    except (GatewayRejected, GatewayUnreachable, OutcomeUnknown):
        told = "no-answer"
    return see_told(path_of(order.key), told)


HANDLERS: Final = (show_order, show_past, look)


async def _facts(console: Console, order: Order) -> list[Fact]:
    """The journal; of an order with very many facts nothing, as in every other answer."""
    return [] if order.version > FACTS_MAX else await read_facts(console.ports.store, order.key)


def _head(order: Order) -> dict[str, Any]:
    opened, stands = order.opened, status(order)
    return {
        "path": path_of(order.key),
        "order_id": opened.order_id,
        "merchant_id": opened.merchant_id,
        "description": opened.description,
        "purchase": opened.purchase,
        "customer": opened.customer,
        "label": label_of(stands),
        "tone": tone_of(stands),
        "price": grouped(order.amount.amount_minor, order.amount.currency),
    }


def _steps(order: Order, merchant: Merchant, stages: Sequence[Stage]) -> list[Step]:
    return [
        Step(
            label=label_of(stage.status),
            tone=tone_of(stage.status),
            at=time_in(stage.at, merchant.time_zone),
            why=f"{stage.source}{_rules(stage.rules)}",
            past=f"{path_of(order.key)}/at/{stage.version}",
            is_now=stage is stages[-1],
        )
        for stage in stages
    ]


def _said(sentence: str, zone: tzinfo) -> str:
    """A sentence with its instants and amounts as the merchant's people write them."""
    return with_amounts_grouped(localized(sentence, zone))


def _rules(rules: Sequence[str]) -> str:
    return f" ({'rule' if len(rules) == 1 else 'rules'} {', '.join(rules)})" if rules else ""


def _sums(order: Order) -> list[Sum]:
    money, held = amounts(order), held_attempt(order)
    always = {"Price": money.price, "Paid": money.paid, "Captured": money.captured, "Refunded": money.refunded}
    sometimes = {
        "Offer": -money.discount,
        "Surcharge": money.surcharge,
        "Held by the bank": held_minor(order, held) if held else 0,
        "Taken back by the bank": money.charged_back,
    }
    shown = {**always, **{name: minor for name, minor in sometimes.items() if minor}, "Reserved": money.reserved}
    places = ("Price", "Offer", "Surcharge", "Paid", "Held by the bank", "Captured", "Refunded")
    rest = ("Taken back by the bank", "Reserved")
    currency = order.amount.currency
    lines = [Sum(name=name, amount=grouped_signed(shown[name], currency)) for name in (*places, *rest) if name in shown]
    return [*lines, Sum(name="Refundable", amount=grouped(money.refundable, currency), is_total=True)]


def _moments(order: Order, merchant: Merchant, entries: Sequence[TimelineEntry]) -> list[Moment]:
    zone, moments, before = merchant.time_zone, list[Moment](), None
    for entry in entries:
        day, at = time_in(entry.at, zone).split()
        moments.append(
            Moment(
                day=day,
                at=at,
                later=_later(entry.at - before) if before else "",
                title=entry.title,
                details=[_said(one, zone) for one in entry.details],
                source=entry.source,
                rules=entry.rules,
                past=f"{path_of(order.key)}/at/{entry.version}" if entry.version else "",
            )
        )
        before = entry.at
    return moments


def _later(span: timedelta) -> str:
    return f"{lasting(span)} later" if span >= timedelta(seconds=1) else "at once"


def _reason(order: Order, reason: Reason) -> OpenReason:
    held = [what for what, held in (("goods", reason.blocks_fulfilment), ("refunds", reason.blocks_refunds)) if held]
    return OpenReason(
        key=reason.key,
        message=with_amounts_grouped(reason.message),
        holds_back=f"Until it is settled, {' and '.join(held)} are held back." if held else "",
        settles=[
            (
                verdict.replace("_", " "),
                f"{path_of(order.key)}/settle?{urlencode({'reason': reason.key, 'verdict': verdict})}",
            )
            for verdict in reason.verdicts
        ],
    )


def _offers(
    console: Console, merchant: Merchant, order: Order, user: ConsoleUser
) -> tuple[Sequence[Offer], Sequence[NotOffered]]:
    """What the rules would take now, with what it would do in full, and what they would refuse, with the rule."""
    offered, refused, now = list[Offer](), list[NotOffered](), console.now()
    for kind in _OFFERED:
        would, name = what_if(order, _whole(order, kind, user), merchant.policy, now), ACTION_NAMES[kind]
        if would.refused:
            refused.append(NotOffered(name=name, why=cited(would.refused.rule)))
        elif would.after is not order:
            sentences = [with_amounts_grouped(one) for one in answer_in_words(would)]
            offered.append(Offer(path=f"{path_of(order.key)}/{kind}", name=name, sentences=sentences))
    return offered, refused


def _whole(order: Order, kind: ActionKind, user: ConsoleUser) -> Command:
    """The action on all of the money that there is."""
    most = Money(max(1, amounts(order).refundable), order.amount.currency)
    amount = most if kind is ActionKind.REFUND else None
    action = Action(kind=kind, key="what if", amount=amount, words="what if")  # no backend's key has a blank in it
    return action.command(order.key, user.requester)
