"""What is stored comes back equal."""

import json
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import TypeVar

import attrs
import pytest
from contract.samples import KEY, NOW, opens
from hypothesis import given
from hypothesis import strategies as st

from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_fact,
    decoded_looks,
    decoded_order,
    encoded,
    encoded_looks,
)
from paystate.adapters.storage.instants import instant, micros
from paystate.core.checkouts.checkout import Checkout, CheckoutFact, CheckoutOpened, CheckoutState, Issued
from paystate.core.errors import StorageUnavailable
from paystate.core.evidence import Trust
from paystate.core.lifecycle.observations import GatewayReport, Observation
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.attempt import Attempt, AttemptState
from paystate.core.orders.facts import (
    Announcement,
    AnnouncementKind,
    Cancelled,
    Capture,
    Cash,
    CashOutcome,
    Customer,
    Decision,
    Fact,
    FactKind,
    Mismatch,
    Opened,
    PriceChange,
    SettledReason,
)
from paystate.core.orders.hold import HoldKind, HoldOperation
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.timing.look_budget import Asker, BegunLook

T = TypeVar("T")

INSTANTS = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds UTC
NUMBERS = st.integers(-1, 2**53)
WORDS = st.text(max_size=5)


def by_name(values: st.SearchStrategy[T]) -> st.SearchStrategy[dict[str, T]]:
    return st.dictionaries(WORDS, values, max_size=3)


def some(values: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=3).map(tuple)


maybe_instants = st.none() | INSTANTS
reported = st.builds(GatewayReport, WORDS, NUMBERS, WORDS, WORDS, WORDS)
observations = by_name(st.builds(Observation, NUMBERS, NUMBERS, reported))
attempts = st.builds(Attempt, WORDS, st.sampled_from(AttemptState), observations, st.booleans(), WORDS)
refunds = st.builds(
    Refund,
    refund_id=WORDS, amount_minor=NUMBERS, since=INSTANTS, state=st.sampled_from(RefundState), key=st.none() | WORDS,
    automatic=st.booleans(), observations=observations, tries=NUMBERS, not_sent=NUMBERS, sent_at=maybe_instants,
    sent_version=NUMBERS, last_call=st.sampled_from(LastCall), refusal=WORDS, last_unlisted_at_version=NUMBERS,
    tries_exhausted=st.booleans(), doubted=st.booleans(),
    settled_from_state=WORDS, settled_asked=NUMBERS, settled_newest=NUMBERS,
)  # fmt: skip
holds = st.builds(
    HoldOperation,
    hold_id=WORDS, kind=st.sampled_from(HoldKind), key=WORDS, txn_id=WORDS, amount_minor=NUMBERS,
    is_whole=st.booleans(), since=INSTANTS, since_version=NUMBERS, tries=NUMBERS, not_sent=NUMBERS,
    sent_at=maybe_instants, sent_version=NUMBERS, is_last_try=st.booleans(), last_call=st.sampled_from(LastCall),
    refusal=WORDS, is_refused=st.booleans(), failed_asked=NUMBERS,
)  # fmt: skip
mismatches = st.builds(Mismatch, WORDS, WORDS, WORDS, WORDS)
settlements = st.builds(
    SettledReason,
    reason=WORDS, kind=st.sampled_from(ReasonKind), verdict=st.sampled_from(Verdict), by=WORDS, note=WORDS,
    at=INSTANTS, dispute_id=st.none() | WORDS, charged_back_minor=NUMBERS,
)  # fmt: skip
announcements = st.builds(Announcement, st.sampled_from(AnnouncementKind), WORDS)
customers = st.builds(
    Customer, customer_id=WORDS, email=WORDS, phone=WORDS, first_name=WORDS, last_name=WORDS
)  # fmt: skip
amounts = st.builds(Money, NUMBERS, WORDS)
cash = st.builds(Cash, outcome=st.sampled_from(CashOutcome), by=WORDS, note=WORDS, at=INSTANTS)
cancelled = st.builds(Cancelled, by=WORDS, note=WORDS, at=INSTANTS)
price_changes = st.builds(PriceChange, amount=amounts, asked=NUMBERS, at=INSTANTS)
openings = st.builds(
    Opened,
    merchant_id=WORDS, order_id=WORDS, amount=amounts, customer=customers,
    return_url=WORDS, description=WORDS, capture=st.sampled_from(Capture), window_s=NUMBERS,
    adopted=st.booleans(), fulfilled=st.booleans(), sold_at=maybe_instants,
)  # fmt: skip
orders = st.builds(
    Order,
    opened=openings, version=NUMBERS, created_at=INSTANTS, updated_at=INSTANTS, latest=observations,
    attempts=by_name(attempts), refunds=by_name(refunds), holds=by_name(holds),
    mismatches=st.frozensets(mismatches, max_size=3), expires_at=maybe_instants,
    process_signed_at=maybe_instants, announced=st.frozensets(announcements, max_size=3),
    settled=by_name(settlements), cash=st.none() | cash, cancelled=st.none() | cancelled,
    amended=st.none() | amounts, amended_since=NUMBERS, price_change=st.none() | price_changes,
    unsure_for=maybe_instants, unsure_since=NUMBERS,
)  # fmt: skip
facts = st.builds(
    Fact,
    at=INSTANTS, kind=st.sampled_from(FactKind), trust=st.sampled_from(Trust), outcome=st.sampled_from(Outcome),
    rules=some(WORDS), opened=st.none() | openings, process_signed_at=maybe_instants, expires_at=maybe_instants,
    latest=observations, attempts=some(attempts), refunds=some(refunds), holds=some(holds), mismatches=some(mismatches),
    settled=some(settlements), announced=some(announcements), cash=st.none() | cash, cancelled=st.none() | cancelled,
    price_change=st.none() | price_changes, price_change_over=st.booleans(), amended=st.none() | amounts,
    unsure_for=maybe_instants,
)  # fmt: skip
issues = st.none() | st.builds(Issued, token_digest=WORDS, expires_at=INSTANTS)
checkout_openings = st.builds(
    CheckoutOpened,
    merchant_id=WORDS, checkout_id=WORDS, customer_id=WORDS, email=WORDS, phone=WORDS, first_name=WORDS,
    last_name=WORDS,
)  # fmt: skip
checkouts = st.builds(
    Checkout,
    opened=checkout_openings, version=NUMBERS, state=st.sampled_from(CheckoutState),
    created_at=INSTANTS, updated_at=INSTANTS,
    issued=issues, order_id=WORDS, events=NUMBERS,
)  # fmt: skip
checkout_facts = st.builds(
    CheckoutFact,
    at=INSTANTS, kind=WORDS, trust=st.sampled_from(Trust), outcome=st.sampled_from(Outcome), rules=some(WORDS),
    state=st.sampled_from(CheckoutState),
    opened=st.none() | checkout_openings, issued=issues, order_id=WORDS, event=WORDS, reported=WORDS,
)  # fmt: skip


@given(value=orders)
def test_an_order_comes_back_equal(value: Order) -> None:
    assert value == decoded_order(encoded(value))


@given(value=facts)
def test_a_fact_comes_back_equal(value: Fact) -> None:
    assert value == decoded_fact(encoded(value))


@given(value=checkouts)
def test_a_checkout_comes_back_equal(value: Checkout) -> None:
    assert value == decoded_checkout(encoded(value))


@given(value=checkout_facts)
def test_a_checkout_fact_comes_back_equal(value: CheckoutFact) -> None:
    assert value == decoded_checkout_fact(encoded(value))


@given(value=orders)
def test_mappings_keep_their_order(value: Order) -> None:
    after = decoded_order(encoded(value))
    for name in ("latest", "attempts", "refunds", "holds", "settled"):
        assert list(getattr(value, name)) == list(getattr(after, name))


def test_a_mapping_need_not_be_a_dictionary() -> None:
    decision = opens()(None)
    assert isinstance(decision, Decision)
    order = attrs.evolve(decision.after, latest=MappingProxyType({"NEW": Observation(1, 2, GatewayReport("NEW"))}))
    assert order == decoded_order(encoded(order))


def test_keys_of_a_newer_program_are_passed_over() -> None:
    decision = opens()(None)
    assert isinstance(decision, Decision)
    stored = json.loads(encoded(decision.after))
    stored["invented_later"] = {"anything": [1]}
    stored["opened"]["invented_later"] = None
    assert decision.after == decoded_order(json.dumps(stored))


def test_keys_that_an_older_program_did_not_write_take_their_defaults() -> None:
    decision = opens()(None)
    assert isinstance(decision, Decision)
    stored = json.loads(encoded(decision.after))
    defaults = ("settled", "announced", "expires_at", "holds", "cash", "cancelled", "amended", "price_change")
    for name in (*defaults, "unsure_since"):
        del stored[name]
    for name in ("capture", "adopted", "hold_window_s"):
        del stored["opened"][name]
    assert decision.after == decoded_order(json.dumps(stored))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"version": "1"}'])
def test_what_cannot_be_read_is_no_order(text: str) -> None:
    with pytest.raises(StorageUnavailable) as caught:
        decoded_order(text)
    assert KEY.order_id not in str(caught.value)


@given(at=INSTANTS)
def test_an_instant_is_exact_as_a_number(at: datetime) -> None:
    assert at == instant(micros(at))


@given(at=INSTANTS, minutes=st.integers(-720, 720))
def test_an_instant_is_the_same_in_every_zone(at: datetime, minutes: int) -> None:
    assert micros(at) == micros(at.astimezone(timezone(timedelta(minutes=minutes))))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(NOW.replace(tzinfo=None))


@given(looks=st.lists(st.builds(BegunLook, INSTANTS, st.sampled_from(Asker)), max_size=5).map(tuple))
def test_looks_come_back_equal(looks: tuple[BegunLook, ...]) -> None:
    assert looks == decoded_looks(encoded_looks(looks))
