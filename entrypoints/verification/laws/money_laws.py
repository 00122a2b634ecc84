"""Laws of an order's money: what proves it, what counts, what may be given back, and whether the goods may go.

These are the invariants in a second wording: written from what was promised, not from the rules that keep the promise.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from paystate.core.evidence import Evidence, OrderAnswer, TxnClaim
from paystate.core.lifecycle.observations import GatewayReport, Observation
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED, Attempt
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Eligible, Mention, Refused
from paystate.core.orders.forgetting import without_customer
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.policy import Policy
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws import claims, unwanted_seen
from paystate.entrypoints.verification.laws.answers_seen import (
    KIND,
    TriedOrder,
    about_the_order,
    evidence_of,
    is_late,
    kinds,
    last,
    minor,
    newest_date,
    ours,
    txns,
)
from paystate.entrypoints.verification.laws.books import MONEY, books
from paystate.entrypoints.verification.laws.hold_laws import is_undecided

FROM_CHARGED = ("CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED")
UNPAID = ("NEW", "FAILED")
FAILED_HOLDS = frozenset({"CAPTURE_FAILED", "VOID_FAILED"})


# --- what proves it ---------------------------------------------------------------------------------------------------


def unproved(tried: TriedOrder) -> str | None:
    """Whether a payment or a refund that was proved is proved no more."""
    for name, was in tried.before.attempts.items():
        now = tried.after.attempts[name].state if name in tried.after.attempts else "gone"
        if was.state in MONEY and now not in MONEY[MONEY.index(was.state) :]:
            return f"{name or 'the attempt without a name'} was {was.state} and is {now}"
    for name, one in tried.before.refunds.items():
        # Found done by a person alone, a person may find it not done; Juspay's own word stands.
        is_proved = one.state == "SUCCESS" and (one.key is None or "SUCCESS" in one.observations)
        if is_proved and tried.after.refunds[name].state != "SUCCESS":
            return f"refund {name} was SUCCESS and is {tried.after.refunds[name].state}"
    was_label, label = status(tried.before), status(tried.after)
    return (
        f"the order was {was_label} and is {label}" if was_label in FROM_CHARGED and label not in FROM_CHARGED else None
    )


def unfounded(tried: TriedOrder) -> str | None:
    """Whether money is proved by what proves none."""
    body = about_the_order(tried)
    proves = KIND.get(body.status) if body else None
    for name, one in tried.after.attempts.items():
        before = tried.before.attempts.get(name)
        if one.state in MONEY and (before is None or before.state != one.state) and proves not in MONEY:
            return f"{name} became {one.state} without an answer that says so of this very order"
        if one.state == "CHARGED" and (before is None or before.state != "CHARGED") and proves != "CHARGED":
            return f"{name} became CHARGED while the order's own word is {proves}"
    return None


def unheard(tried: TriedOrder) -> str | None:
    """Whether an answer that proves money leaves none."""
    body = about_the_order(tried)
    if body is None or KIND[body.status] not in MONEY:
        return None
    least = MONEY.index(KIND[body.status])
    reached = any(one.state in MONEY and MONEY.index(one.state) >= least for one in tried.after.attempts.values())
    return None if reached else f"Juspay says {body.status}, and no attempt has come so far"


def sum_unheard(tried: TriedOrder) -> str | None:
    """Whether a figure that a fitting answer tells is not kept, or another is kept."""
    body = about_the_order(tried)
    if body is None:
        return None
    told, kept = body.eligible, tried.before.eligible
    if told is not None:
        whose = body.txn.txn_id if body.txn and not body.legs else ""
        figures = [Eligible(tried.offer.what.asked, minor(told), whose), *([kept] if kept else [])]
        kept = max(figures, key=_newest_least)
    if kept != tried.after.eligible:
        return f"Juspay will still refund {told}, and {tried.after.eligible} is kept"
    return next((wrong for txn in txns(body) if (wrong := _sum_of(tried, body, txn.txn_id))), None)


def _newest_least(told: Eligible) -> tuple[int, int, str]:
    """Of figures the one asked for last wins; of answers to one question the least; else the later name."""
    return told.asked, -told.amount_minor, told.txn_id


def _sum_of(tried: TriedOrder, body: OrderAnswer, name: str) -> str | None:
    txn, whole = next(one for one in txns(body) if one.txn_id == name), KIND[body.status]
    one, own_kind, is_leg = tried.after.attempts.get(name), KIND[txn.status or body.status], bool(body.legs)
    is_share = is_leg and (own_kind, whole) == ("CHARGED", "PARTIAL")
    if one is None or not (own_kind == whole or is_share) or whole not in MONEY:
        return None
    was, now = _said(tried.before.attempts.get(name), whole), _said(one, whole)
    told = txn.paid if is_leg else body.paid
    paid = max(was.particulars.paid_minor if was else -1, minor(told) if told is not None else -1)
    if now is None or now.particulars.paid_minor != paid:
        return f"{told} was paid with {name}, and {now and now.particulars.paid_minor} is kept"
    taken = _share(body, name) if is_share else body.captured
    most = max(own.price(tried.after), paid)
    part = max(was.amount_minor if was else 0, min(minor(taken), most) if taken is not None else 0)
    if whole == "PARTIAL" and now.amount_minor != part:
        return f"{taken} was captured with {name}, and {now.amount_minor} is kept"
    return None


def _share(body: OrderAnswer, name: str) -> Decimal:
    """What one leg tells of a partial capture; how much the legs took together is cut when they are added up."""
    leg = next(one for one in body.legs if one.txn_id == name)
    return (leg.paid or Decimal(0)) if KIND[leg.status] == "CHARGED" else Decimal(0)


def _said(one: Attempt | None, kind: str) -> GatewayReport | None:
    seen: Observation | None = one.observations.get(kind) if one else None
    return seen.reported if seen else None


# --- what counts, and what may be given back --------------------------------------------------------------------------


def overspent(tried: TriedOrder) -> str | None:
    """Whether more is promised than may be, or the sums are not what follows from the observations."""
    after = tried.after
    is_new = len(after.refunds) > len(tried.before.refunds)
    if isinstance(what := tried.offer.what, RequestRefund) and is_new:
        if own.most_room(after) < 0:
            return f"a refund was reserved, and {books(after).reserved} is held of {books(after).captured} captured"
        if what.txn_id and own.left_of(after, what.txn_id) < 0:
            return f"more is given back of {what.txn_id} than it took"
        held = own.doubts(tried.before)
        return f"a refund was reserved although {held[0]} is open" if held else None
    return _wrong_sums(after)


def _wrong_sums(order: Order) -> str | None:
    money, sure, most = amounts(order), books(order), own.most_captured(order)
    if money.captured > most:
        return f"{money.captured} counts as captured, and no more than {most} can have been"
    if UNNAMED in order.attempts:
        return None
    if sure.reserved > sure.captured and ReasonKind.OVER_REFUNDED not in kinds(order):
        return f"{sure.reserved} is held of {sure.captured} captured, and no person is asked"
    worked = (money.captured, money.kept, money.refunded, money.refunded_of_kept, money.charged_back, money.reserved,
              money.reserved_of_kept, money.refundable)  # fmt: skip
    right = (sure.captured, sure.kept, sure.back, sure.back_of_kept, sure.charged_back, sure.reserved, sure.going,
             sure.refundable)  # fmt: skip
    names = ("captured", "kept", "given back", "given back of what is kept", "charged back", "held",
             "held of what is kept", "refundable")  # fmt: skip
    return next(
        (f"{a} counts as {name}, and it is {b}" for name, a, b in zip(names, worked, right, strict=True) if a != b),
        None,
    )


def refund_withheld(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a refund that may be made is refused, or a key is two refunds."""

    def broken(tried: TriedOrder) -> str | None:
        what, order = tried.offer.what, tried.before
        if not isinstance(what, RequestRefund):
            return None
        if before := order.refunds.get(what.refund_id):
            is_same = before.amount_minor == what.amount.amount_minor and before.key in (None, what.key)
            is_of_another = before.txn_id != what.txn_id and (before.key or (before.txn_id and what.txn_id))
            is_right = tried.after is order and isinstance(tried.result, Refused) != (is_same and not is_of_another)
            return None if is_right else f"the key {what.key} was used before, and is not answered so"
        if not isinstance(tried.result, Refused):
            is_kept = what.refund_id in tried.after.refunds and tried.after.refunds[what.refund_id].state == "REQUESTED"
            return None if is_kept else "a refund is promised and not reserved"
        is_fit = len(order.refunds) < policy.refunds_max and _may_be_refunded(order, what)
        return "a refund that could be made is refused" if is_fit else None

    return broken


def _may_be_refunded(order: Order, what: RequestRefund) -> bool:
    """Whether it surely may: where money has no name, more may be in doubt than is worked out here."""
    left = books(order).refundable
    if what.txn_id:
        left = min(left, own.left_of(order, what.txn_id))
    is_left = 0 < what.amount.amount_minor <= left
    return is_left and not own.doubts(order) and UNNAMED not in order.attempts


def changed_for_ever(tried: TriedOrder) -> str | None:
    """Whether something changed that never may."""
    before, after = tried.before, tried.after
    if isinstance(tried.offer.what, OpenOrder):
        return None if after is before else "an order was opened twice"
    opened = without_customer(before.opened) if isinstance(tried.offer.what, ForgetCustomer) else before.opened
    if after.opened not in (before.opened, opened) or before.created_at != after.created_at:
        return "what the order was opened with has changed"
    for known, now in (
        (before.attempts, after.attempts),
        (before.refunds, after.refunds),
        (before.mentioned, after.mentioned),
        (before.disputes, after.disputes),
        (before.prices_taken, after.prices_taken),
    ):
        if not {*known} <= {*now}:
            return "something that was known is gone"
    for one in ours(before):
        now_one = after.refunds[one.refund_id]
        if (one.key, one.amount_minor, one.txn_id) != (now_one.key, now_one.amount_minor, now_one.txn_id):
            return f"refund {one.key} of {one.amount_minor} is now {now_one.key} of {now_one.amount_minor}"
    return None


# --- the order's status -----------------------------------------------------------------------------------------------


def wrong_label(tried: TriedOrder) -> str | None:
    """Whether the status is not what follows from the observations."""
    label = status(tried.after)
    expected = _label(tried.after)
    return None if expected is None or label == expected else f"the order is {label}, and should be {expected}"


def _label(order: Order) -> str | None:
    """The status that follows from the observations; None where a tie, or money without a name, leaves it open."""
    if UNNAMED in order.attempts:
        return None
    states = {one.state for one in own.captured_attempts(order)}
    if not states:
        return _unpaid_label(order)
    money = books(order)
    if states & {"CHARGED", "PARTIAL"} and 0 < money.kept <= money.back_of_kept:
        return "REFUNDED"
    if "CHARGED" in states:
        return "PARTIALLY_REFUNDED" if money.back_of_kept else "CHARGED"
    return "PARTIAL_CHARGED" if "PARTIAL" in states else "AUTO_REFUNDED"


def _unpaid_label(order: Order) -> str | None:
    told = {kind: seen for kind, seen in order.latest.items() if kind != "NOT_FOUND"}
    words = {seen.reported.status_word for seen in told.values() if seen.asked_last == last(told)}
    date = newest_date(order)
    if len(words) > 1 or (date is None and order.latest):
        return None
    kind = KIND[words.pop()] if words else "NEW"
    is_over = kind in UNPAID and is_late(date, order)
    return "EXPIRED" if is_over else {"COD": "COD_INITIATED", "HELD": "AUTHORIZED"}.get(kind, kind)


# --- the goods --------------------------------------------------------------------------------------------------------


def announced(tried: TriedOrder) -> str | None:
    """Whether order.paid is told too often, too soon or not at all."""
    effects = effects_of(tried)
    if again := [name for name in effects if name in told_so_far(tried.before) or name not in told_so_far(tried.after)]:
        return f"{again[0]} is announced and can be announced again"
    if not told_so_far(tried.before) <= told_so_far(tried.after):
        return "an announcement is forgotten"
    may_go = _is_surely_paid(tried.after) and not own.is_price_going(tried.after)
    if may_go and "order.paid" not in told_so_far(tried.after):
        return "the order is paid and nobody is told"
    wrong = held_goods(tried.after) if "order.paid" in effects else None
    return f"order.paid is announced {wrong}" if wrong else None


@Order.memoized
def told_so_far(order: Order) -> set[str]:
    """Names of all that the merchant is told of the order."""
    return {one.once_key for one in order.announced}


def effects_of(tried: TriedOrder) -> set[str]:
    """What is announced with this step."""
    return set() if isinstance(tried.result, Refused) else {one.once_key for one in tried.result.effects}


def _is_surely_paid(order: Order) -> bool:
    states = {one.state for one in own.captured_attempts(order)} or {one.state for one in order.attempts.values()}
    # Money without a name beside a capture may be another payment's.
    is_as_asked = all(
        one.kind == "capture" and one.is_whole and UNNAMED not in order.attempts for one in order.holds.values()
    )
    is_whole = "CHARGED" in states and "PARTIAL" not in states and is_as_asked
    is_clear = own.is_settled(order) and not own.is_declined(order) and not _is_too_cheap(order)
    is_wanted = not own.is_delivered(order) and (not unwanted_seen.unwanted(order) or _is_surely_taken(order))
    return is_whole and is_clear and is_wanted


def _is_surely_taken(order: Order) -> bool:
    """Whether a person has taken just what came for a sale that was over, and has declined none of it before."""
    is_declined = any(word.verdict == "declined" for word in order.settled.values())
    is_taken = unwanted_seen.came_or_held(order) <= unwanted_seen.taken_unwanted(order)
    return is_taken and UNNAMED not in order.attempts and not is_declined


def held_goods(order: Order) -> str | None:
    """Why the goods may not go out, as far as nothing has gone back; None if they may."""
    states = {one.state for one in order.attempts.values()}
    if not {"CHARGED", "PARTIAL"} & states:
        return "while no money stands"
    if own.is_delivered(order):
        return "although they were handed over for cash"
    if own.is_declined(order):
        return "although a person has declined the payment"
    if (why := unwanted_seen.unwanted(order)) and not unwanted_seen.took_unwanted(order):
        return f"although the order was {why}, and no person has taken the money"
    settled = sum(name.startswith("mismatch:") for name in order.settled)
    if settled < len(own.mismatches(order)):
        return "while an answer that did not fit waits for a person"
    is_settled = any(name.startswith("partial_capture:") for name in order.settled)
    if "CHARGED" not in states and not is_settled and not _is_part_as_asked(order):
        return "for a part, and nobody has settled that"
    return "for less than the merchant allows" if _is_too_cheap(order) else None


def _is_part_as_asked(order: Order) -> bool:
    """Whether the merchant asked for just the part that was taken."""
    asked = [one.amount_minor for one in order.holds.values() if one.kind == "capture"]
    return asked[-1:] == [own.took(one) for one in order.attempts.values() if one.state == "PARTIAL"]


def _is_too_cheap(order: Order) -> bool:
    """Whether an offer took more off the price than the merchant allows without a person, and nobody settled that."""
    off = max((own.discount(one) for one in own.captured_attempts(order)), default=0)
    price = own.price(order)
    return off * 100 > order.opened.discount_max_percent * price and f"discount:{off}:{price}" not in order.settled


def goods_wrong(tried: TriedOrder) -> str | None:
    """Whether goods go out that may not, or stay that may go."""
    order, may_go = tried.after, may_fulfil(tried.after)
    if UNNAMED in order.attempts:
        return None
    if may_go and own.is_price_going(order):
        return "the goods may go out, and the price is back with the shopper or on its way"
    if may_go:
        wrong = held_goods(order)
        return f"the goods may go out {wrong}" if wrong else None
    is_whole = _is_surely_paid(order) and not order.settled and not own.is_price_going(order)
    return "the goods stay although the order is paid" if is_whole else None


def withdrawn(tried: TriedOrder) -> str | None:
    """Whether nobody hears that goods went out for money that Juspay has given back since."""
    order = tried.after
    stands = any(one.state in ("CHARGED", "PARTIAL") for one in order.attempts.values())
    is_back = not stands or (UNNAMED not in order.attempts and own.is_back_by_juspay(order))
    if not is_back or "order.paid" not in told_so_far(order):
        return None
    if "order.withdrawn" not in told_so_far(order):
        return "the goods were released, the payment is given back, and the merchant is not told"
    return None if ReasonKind.WITHDRAWN in kinds(order) else "the goods were released, and no person is asked"


# --- money that is not explained, failed to go back, or is disputed ---------------------------------------------------


def unexplained_unseen(tried: TriedOrder) -> str | None:
    """Whether a payment that may have been made beside the one that stands calls nobody, or a settled one does."""
    order = tried.after
    asked = {parts[0] for parts in evidence_of(order, ReasonKind.UNEXPLAINED_PAYMENT)}
    expected = claims.unexplained(order)
    if missed := expected - asked:
        return f"payment {min(missed)} was named, nothing tells how it ended, and nobody is asked"
    automatic = {name for name, one in order.refunds.items() if one.automatic}
    if wrong := asked - expected - automatic:
        return f"payment {min(wrong)} has ended, and a person is asked about it"
    if UNNAMED in order.attempts:
        return None
    stand = [own.taken(order)[one.txn_id] for one in own.captured_attempts(order) if one.state != "AUTO_REFUNDED"]
    back = [own.paid(one) for one in own.captured_attempts(order) if one.state == "AUTO_REFUNDED"]
    if (bool(stand) and own.books(order).captured > sum(stand) + sum(back)) != bool(asked & automatic):
        return "Juspay gives back a payment that no answer has shown, and nobody is asked, or the other way round"
    return None


def second_charge_unseen(tried: TriedOrder) -> str | None:
    """Whether the shopper paid twice, be it that no answer names both, and nobody is asked."""
    charged = [one for one in own.captured_attempts(tried.after) if one.state == "CHARGED"]
    names = {one.txn_id for one in charged}
    paid = {one.txn_id.rpartition("-")[0] if one.leg else one.txn_id for one in charged}
    told = evidence_of(tried.after, ReasonKind.SECOND_CHARGE)
    if charged and own.is_delivered(tried.after) and not any(parts[:-1] == ("cash",) for parts in told):
        return f"the cash was collected, {min(names)} is charged as well, and nobody is asked"
    asked = [set(parts[0].split(",")) for parts in told if len(parts) == 1]
    if len(paid) < 2 or any(names <= every for every in asked):
        return None
    return f"{' and '.join(sorted(names))} are charged, and nobody is asked"


def failed_unseen(tried: TriedOrder) -> str | None:
    """Whether money that Juspay or the bank failed to move calls nobody."""
    order, asked = tried.after, kinds(tried.after)
    if wrong := _dispute_unseen(order):
        return wrong
    if UNNAMED not in order.attempts and own.missing(order) != (ReasonKind.AUTO_REFUND_FAILED in asked):
        return "Juspay meant to give the money back and failed, and nobody is asked, or the other way round"
    is_held = status(order) == "AUTHORIZED"
    words = {one.reported.status_word for one in order.attempts.values() if one.state == "HELD"}
    words = {*FAILED_HOLDS} & (words | {order.latest["HELD"].reported.status_word if is_held else ""})
    is_under_way = any(is_undecided(order, one) for one in order.holds.values())  # then something is being done
    if is_held and words and not is_under_way and ReasonKind.CAPTURE_FAILED not in asked:
        return f"Juspay says {min(words)}, and nobody is asked"
    return None


def _dispute_unseen(order: Order) -> str | None:
    """Whether a dispute calls nobody: once when it begins, and once more when it has ended."""
    asked = evidence_of(order, ReasonKind.DISPUTE)
    for one in order.disputes:
        about = [parts[-1] for parts in asked if parts[0] == one.dispute_id]
        if not about:
            return "the shopper's bank disputes the payment, and nobody is asked"
        if one.stage.startswith("RESOLVED") and not any(one.stage in told for told in about):
            return f"the dispute was {one.stage}, and nobody is told"
    return None


def hinted_money(tried: TriedOrder) -> str | None:
    """Whether what a webhook names moves more than names, or an answer to a refund call more than refunds."""
    what, before, after = tried.offer.what, tried.before, tried.after
    is_refunds_only = isinstance(what, Evidence) and what.refunds_only
    if isinstance(what, Evidence) and not is_refunds_only:
        return None
    moved = [
        field
        for field in ("latest", "attempts", "eligible", "mismatches", "expires_at")
        if getattr(before, field) != getattr(after, field)
    ]
    if is_refunds_only and moved == ["mismatches"]:
        moved = [field for field in moved if own.mismatches(before) != own.mismatches(after)]
    return f"{moved[0]} has changed, and no answer about the order says so" if moved else None


def name_forgotten(tried: TriedOrder) -> str | None:
    """Whether a payment or a dispute that a webhook names leaves no trace."""
    what, before, after = tried.offer.what, tried.before, tried.after
    for claim in getattr(what, "txns", ()):
        kept = before.mentions.get(claim.txn_id)
        if _is_news(before, claim):
            kept = Mention(claim.status, after.version)
        if after.mentions.get(claim.txn_id) != kept:
            return f"a webhook names payment {claim.txn_id} as {claim.status}, and what is kept of it is wrong"
    dispute = getattr(what, "dispute", None)
    stages = {(one.dispute_id, one.stage) for one in after.disputes}
    if dispute is not None and (dispute.dispute_id, dispute.stage) not in stages:
        return f"a webhook tells of a dispute that is {dispute.stage}, and that is forgotten"
    return None


def _is_news(order: Order, claim: TxnClaim) -> bool:
    """Whether no answer and no webhook has told so much: that it was paid is more than any other word.

    A claim that an answer has denied is news once more.
    """
    known, was = order.attempts.get(claim.txn_id), order.mentioned.get(claim.txn_id)
    state = known.state if known else ""
    if KIND.get(claim.status) in MONEY:
        is_open = was is not None and KIND.get(was) in MONEY and not claims.has_ended(order, claim.txn_id)
        legs = (one.state for name, one in order.attempts.items() if name.startswith(f"{claim.txn_id}-"))
        return state not in MONEY and not is_open and not {*MONEY} & {*legs}
    return state not in own.ENDED and was is None
