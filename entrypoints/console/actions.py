"""What a person does to an order: first what it would do, then the form that does it.

A form carries the amount that its words are about beside the one in its field, and does nothing where they differ. So
what was shown is what is done. It carries a key too, so one that is sent twice does its work once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve, frozen
from litestar import get, post
from litestar.params import FromPath, FromQuery

from paystate.core.console.actions import MOVES_MONEY, REASON_MAX, Action, ActionKind
from paystate.core.console.proposals import Proposal, needs_second_person
from paystate.core.describe.citations import cited
from paystate.core.describe.grouped import grouped, with_amounts_grouped
from paystate.core.describe.what_if import answer_in_words, what_if
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, ValueInvalid
from paystate.core.money import Money, format_minor
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.facts import Refused
from paystate.core.orders.held_money import held_attempt, held_minor
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.console.act import NotDone, act
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.console.access import (
    AnyRequest,
    console_of,
    may_act,
    needs_sign_in,
    own_form,
    person_at,
)
from paystate.entrypoints.console.orders import NoSuchOrder, order_named, path_of
from paystate.entrypoints.console.proof import needs_proof, unproved
from paystate.entrypoints.console.proposal_rows import ACTION_NAMES
from paystate.entrypoints.console.rendering import NO_ANSWER, Page, page, see_told

_ANY_WORDS: Final = "what if"
_KEY: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""A key as a form of ours carries it; the path of a request has it too."""
_LINE_BREAKS: Final = re.compile(r"\s*[\r\n]\s*")
_PROBLEMS: Final = {
    "invalid_amount": ("amount", "The amount {}."),
    "verdict_not_legal": ("verdict", "Choose on the order's page how the reason is settled."),
    "idempotency_key_invalid": ("words", "This form is not complete. Go back and open it again."),
}
"""At which field a value that will not do is told, and in what words; all else is the reason's."""
_NOT_SHOWN: Final = (
    "Nothing was done: the amount is another one now. Below is what it would do. Press again if it is right."
)
_HAVE_AMOUNTS: Final = (ActionKind.REFUND, ActionKind.CAPTURE)


@frozen(kw_only=True)
class Asked:
    """What a form asks for, as it was sent; `problems` says what is wrong with it, by field."""

    kind: ActionKind
    amount: str
    reason: str
    verdict: str
    words: str
    key: str
    problems: Mapping[str, str] = {}


@get("/orders/{merchant_id:str}/{order_id:str}/{kind:str}", guards=[needs_sign_in, may_act])
async def show_action(
    request: AnyRequest,
    merchant_id: FromPath[str],
    order_id: FromPath[str],
    kind: FromPath[str],
    amount: FromQuery[str | None] = None,
    reason: FromQuery[str] = "",
    verdict: FromQuery[str] = "",
) -> Page:
    """What the action would do, and the form that does it."""
    console = console_of(request)
    merchant, order = await order_named(console, merchant_id, order_id)
    wanted = _kind(kind)
    asked = Asked(
        kind=wanted,
        amount=_most(order, wanted) if amount is None else amount.strip(),
        reason=reason,
        verdict=verdict,
        words="",
        key=console.ports.ids.request_id(),
    )
    return _form(request, merchant, order, asked)


@post("/orders/{merchant_id:str}/{order_id:str}/{kind:str}", guards=[needs_sign_in, may_act])
async def do_action(
    request: AnyRequest, merchant_id: FromPath[str], order_id: FromPath[str], kind: FromPath[str]
) -> Page:
    """Do it, or ask a second person."""
    fields, console, person = await own_form(request), console_of(request), person_at(request)
    merchant, order = await order_named(console, merchant_id, order_id)
    asked = _asked(_kind(kind), fields)
    if "look" in fields:
        return _form(request, merchant, order, asked)
    action = _action(order, asked)
    if isinstance(action, Asked):
        return _form(request, merchant, order, action, status=422)
    if asked.kind in _HAVE_AMOUNTS and fields.get("shown", "").strip() != asked.amount:
        return _form(request, merchant, order, asked, status=409, refusal=_NOT_SHOWN)
    if problem := await unproved(request, fields):
        return _form(request, merchant, order, evolve(asked, problems={"password": problem}), status=422)
    try:
        result = await act(console.ports, merchant, order.key, action, person.user, console.above)
    except (GatewayRejected, GatewayUnreachable, OutcomeUnknown):
        return _form(request, merchant, order, asked, status=503, refusal=NO_ANSWER)
    if isinstance(result, Refused):
        return _form(request, merchant, order, asked, status=409, refusal=f"Nothing was done. {cited(result.rule)}.")
    if isinstance(result, NotDone):
        return _form(request, merchant, order, asked, status=409, refusal=f"Nothing was done. {result}")
    return see_told(path_of(order.key), "asked" if isinstance(result, Proposal) else asked.kind)


HANDLERS: Final = (show_action, do_action)


def _kind(text: str) -> ActionKind:
    try:
        return ActionKind(text)
    except ValueError:
        raise NoSuchOrder from None


def _asked(kind: ActionKind, fields: Mapping[str, str]) -> Asked:
    amount, reason, verdict, words, key = (
        fields.get(name, "").strip() for name in ("amount", "reason", "verdict", "words", "key")
    )
    in_one_line = _LINE_BREAKS.sub(" ", words)
    return Asked(kind=kind, amount=amount, reason=reason, verdict=verdict, words=in_one_line, key=key)


def _most(order: Order, kind: ActionKind) -> str:
    """As much as may be asked for, to begin with."""
    held = held_attempt(order)
    minor = amounts(order).refundable if kind is ActionKind.REFUND else held_minor(order, held) if held else 0
    return format_minor(minor, order.amount.currency) if kind in _HAVE_AMOUNTS else ""


def _action(order: Order, asked: Asked) -> Action | Asked:
    """The action that is asked for, or the form again with what is wrong."""
    amount, verdict = None, None
    try:
        if not _KEY.fullmatch(asked.key):
            raise ValueInvalid("idempotency_key_invalid")
        if asked.kind in _HAVE_AMOUNTS:
            amount = Money.parse(asked.amount, order.amount.currency)
        if asked.kind is ActionKind.SETTLE:
            verdict = _verdict(asked.verdict)
        return Action(
            kind=asked.kind, key=asked.key, amount=amount, reason=asked.reason, verdict=verdict, words=asked.words
        )
    except ValueInvalid as wrong:
        field, says = _PROBLEMS.get(wrong.code, ("words", "The reason {}."))
        return evolve(asked, problems={field: says.format(wrong.rule)})


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise ValueInvalid("verdict_not_legal") from None


def _form(
    request: AnyRequest, merchant: Merchant, order: Order, asked: Asked, *, status: int = 200, refusal: str = ""
) -> Page:
    console, person = console_of(request), person_at(request)
    tried = _action(order, evolve(asked, words=_ANY_WORDS))
    sentences, is_refused, needs_second = tuple[str, ...](), True, False
    problems = dict(asked.problems)
    if isinstance(tried, Action):
        would = what_if(order, tried.command(order.key, person.user.requester), merchant.policy, console.now())
        sentences = (*_first(order, asked), *map(with_amounts_grouped, answer_in_words(would)))
        is_refused = would.refused is not None
        needs_second = needs_second_person(tried.counts(order), console.above)
    else:
        problems = {**tried.problems, **problems}
    currency = order.amount.currency
    return page(
        request,
        "action.html",
        status,
        path=path_of(order.key),
        order_id=order.opened.order_id,
        kind=asked.kind,
        name=ACTION_NAMES[asked.kind],
        asked=asked,
        has_amount=asked.kind in _HAVE_AMOUNTS,
        moves_money=asked.kind in MOVES_MONEY,
        amount_said=_said(tried, order),
        currency=currency,
        price=grouped(order.amount.amount_minor, currency),
        sentences=sentences,
        is_possible=not is_refused,
        needs_second=needs_second,
        problems=problems,
        refusal=refusal,
        needs_password=needs_proof(request),
        words_max=REASON_MAX,
    )


def _first(order: Order, asked: Asked) -> Iterator[str]:
    """What comes before the action itself."""
    if asked.kind is ActionKind.SETTLE and any(
        one.ends_refund for one in open_reasons(order) if one.key == asked.reason
    ):
        yield "Juspay is asked first. If its answer settles the reason, nothing more is done."


def _said(tried: Action | Asked, order: Order) -> str:
    """The money it moves, and what it gives up, as people write it; `""` where it moves none."""
    if not isinstance(tried, Action) or not (money := tried.moves(order)).amount_minor:
        return ""
    rest = tried.gives_up(order)
    given_up = f", and give up {grouped(rest.amount_minor, rest.currency)}" if rest.amount_minor else ""
    return f"{grouped(money.amount_minor, money.currency)}{given_up}"
