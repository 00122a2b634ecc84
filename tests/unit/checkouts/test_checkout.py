"""A checkout follows the SDK's steps; what the app claims moves the step it is in and nothing else."""

from datetime import datetime
from typing import Any

import pytest
from attrs import evolve as attrs_evolve
from hypothesis import given
from hypothesis import strategies as st
from unit.builders import NOW, at

from paystate.core.checkouts.checkout import (
    Checkout,
    CheckoutFact,
    CheckoutInput,
    CheckoutOpened,
    CheckoutState,
    Issued,
    OpenCheckout,
    Renew,
    ResumePayment,
    SignProcessFor,
    Terminate,
    decide,
    evolve,
    fold,
    legal_at,
    refuses_app,
    state_at,
)
from paystate.core.describe.explain import explain_checkout
from paystate.core.evidence import SdkEvent, Trust
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.facts import Refused
from paystate.core.policy import DEFAULT, CheckoutMode, Policy

OPENED = CheckoutOpened(merchant_id="acme", checkout_id="chk_1", customer_id="cust-1")
OK = SdkEvent(name="initiate_result", status="success")
BAD = SdkEvent(name="initiate_result", failed=True)
SHOWN = SdkEvent(name="hide_loader")
RESULT = SdkEvent(name="process_result", status="charged")
PROCESS = SignProcessFor("Order-1")
INFERRED = Policy(checkout_mode=CheckoutMode.INFERRED)


def issued(seconds: float = 900) -> Issued:
    return Issued(token_digest=f"digest-{seconds}", expires_at=at(seconds))


def checkout(*inputs: CheckoutInput, now: datetime = NOW, policy: Policy = DEFAULT) -> Checkout:
    known: Checkout | None = None
    for what in (OpenCheckout(OPENED, issued()), *inputs):
        result = decide(known, what, policy, now)
        assert not isinstance(result, Refused), result
        known = result.after
    assert known is not None
    return known


def taken(
    known: Checkout | None, what: CheckoutInput, now: datetime = NOW, policy: Policy = DEFAULT
) -> tuple[CheckoutFact, Checkout]:
    """What is written, and the checkout afterwards."""
    result = decide(known, what, policy, now)
    assert not isinstance(result, Refused), result
    assert result.fact is not None
    return result.fact, result.after


def refused(known: Checkout, what: CheckoutInput, now: datetime = NOW, policy: Policy = DEFAULT) -> Refused:
    result = decide(known, what, policy, now)
    assert isinstance(result, Refused), result
    return result


@pytest.mark.parametrize(
    ("inputs", "state"),
    [
        ((), "INITIATE_SIGNED"),
        ((BAD,), "INITIATE_SIGNED"),
        ((OK,), "INITIATED"),
        ((OK, BAD), "INITIATED"),
        ((OK, PROCESS), "PROCESS_SIGNED"),
        ((OK, PROCESS, PROCESS), "PROCESS_SIGNED"),
        ((OK, PROCESS, SHOWN), "PROCESSING"),
        ((OK, PROCESS, SdkEvent(name="paymentAttempt")), "PROCESSING"),
        ((OK, PROCESS, SHOWN, RESULT), "RETURNED"),
        ((OK, PROCESS, RESULT), "RETURNED"),
        ((OK, PROCESS, SHOWN, RESULT, PROCESS), "PROCESS_SIGNED"),
        ((SHOWN,), "INITIATE_SIGNED"),
        ((RESULT,), "INITIATE_SIGNED"),
        ((OK, Terminate()), "TERMINATED"),
        ((OK, Terminate(), RESULT), "TERMINATED"),
        ((SdkEvent(name="anything"),), "INITIATE_SIGNED"),
    ],
    ids=str,
)
def test_a_run_of_the_sdk_leads_here(inputs: tuple[CheckoutInput, ...], state: str) -> None:
    assert state == checkout(*inputs).state


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        (checkout(), "C10"),
        (checkout(BAD), "C10"),
        (checkout(OK, PROCESS, SHOWN), "C11"),
        (checkout(Terminate()), "C3"),
    ],
    ids=["no initiate_result", "a failed one", "a page is open", "terminated"],
)
def test_process_out_of_order_is_refused_by_this_rule(known: Checkout, rule: str) -> None:
    result = refused(known, PROCESS)
    assert ("checkout_wrong_step", rule) == (result.code, result.rule.id)


@pytest.mark.parametrize("inputs", [(OK, PROCESS), (OK, PROCESS, SHOWN)], ids=["signed", "shown"])
def test_a_payment_may_go_on_while_a_page_may_be_open_and_nothing_is_written(inputs: tuple[CheckoutInput, ...]) -> None:
    known = checkout(*inputs)
    result = decide(known, ResumePayment(), DEFAULT, NOW)
    assert not isinstance(result, Refused)
    assert (Outcome.ALREADY, None, known) == (result.outcome, result.fact, result.after)


@pytest.mark.parametrize(
    ("inputs", "rule"),
    [((), "C27"), ((OK,), "C27"), ((OK, PROCESS, SHOWN, RESULT), "C27"), ((OK, PROCESS, Terminate()), "C3")],
    ids=["opened", "ready", "returned", "terminated"],
)
def test_without_a_page_no_payment_waits(inputs: tuple[CheckoutInput, ...], rule: str) -> None:
    result = refused(checkout(*inputs), ResumePayment())
    assert ("checkout_wrong_step", rule) == (result.code, result.rule.id)


def test_a_payment_does_not_go_on_after_the_checkout_s_time() -> None:
    assert "C12" == refused(checkout(OK, PROCESS, SHOWN), ResumePayment(), at(900)).rule.id


def test_a_refusal_says_what_is_legal_instead() -> None:
    assert ("sign initiate", "terminate") == refused(checkout(), PROCESS).legal


def test_a_policy_may_take_process_for_a_good_initiate_and_journals_it_so() -> None:
    fact, signed = taken(checkout(), PROCESS, policy=INFERRED)
    assert ("PROCESS_SIGNED", ("C24", "C8")) == (signed.state, fact.rules)


def test_even_then_a_page_that_is_open_comes_first() -> None:
    assert "C11" == refused(checkout(OK, PROCESS, SHOWN), PROCESS, policy=INFERRED).rule.id


def test_the_order_that_was_signed_last_is_kept() -> None:
    assert "Order-2" == checkout(OK, PROCESS, SignProcessFor("Order-2")).order_id


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_checkout_runs_out_with_its_payload() -> None:
    assert ("INITIATED", "EXPIRED") == (state_at(checkout(OK), at(899.9)), state_at(checkout(OK), at(900)))


@pytest.mark.parametrize("known", [checkout(), checkout(OK), checkout(OK, PROCESS)], ids=lambda known: known.state)
def test_process_after_that_is_refused(known: Checkout) -> None:
    result = refused(known, PROCESS, at(900))
    assert ("checkout_expired", "C12", ("sign initiate", "terminate")) == (result.code, result.rule.id, result.legal)


def test_a_renewed_checkout_starts_over() -> None:
    _, renewed = taken(checkout(OK), Renew(issued(1800)), at(900))
    assert ("INITIATE_SIGNED", issued(1800)) == (renewed.state, renewed.issued)


def test_renewed_in_time_it_keeps_its_step_and_the_old_token_is_worthless() -> None:
    _, renewed = taken(checkout(OK), Renew(issued(1800)), at(10))
    assert ("INITIATED", issued(1800)) == (renewed.state, renewed.issued)


def test_a_terminated_checkout_is_not_renewed_and_does_not_expire() -> None:
    assert "C3" == refused(checkout(Terminate()), Renew(issued(1800))).rule.id
    assert "TERMINATED" == state_at(checkout(Terminate()), at(10**6))


def test_a_late_event_is_noted_and_moves_nothing() -> None:
    late = decide(checkout(OK, PROCESS), RESULT, DEFAULT, at(900))
    assert not isinstance(late, Refused)
    assert late.fact is not None
    assert ("EXPIRED", "charged", "stale") == (late.after.state, late.fact.reported, late.outcome)


# --- what the app tells -----------------------------------------------------------------------------------------------


def test_terminating_twice_writes_nothing() -> None:
    again = decide(checkout(Terminate()), Terminate(), DEFAULT, NOW)
    assert not isinstance(again, Refused)
    assert (None, Outcome.ALREADY, checkout(Terminate())) == (again.fact, again.outcome, again.after)


def test_an_event_is_noted_as_a_claim_of_the_apps() -> None:
    fact, _ = taken(checkout(OK, PROCESS), RESULT)
    assert ("T0", "process_result", "charged") == (fact.trust, fact.event, fact.reported)


def test_so_many_events_are_kept_and_no_more() -> None:
    policy = Policy(checkout_events_max=2)
    result = refused(checkout(SHOWN, SHOWN, policy=policy), SHOWN, policy=policy)
    assert ("rate_limited", "C25") == (result.code, result.rule.id)


def test_so_many_payloads_are_handed_out_and_no_more() -> None:
    policy = Policy(checkout_rows_max=4)
    many = checkout(OK, PROCESS, PROCESS, policy=policy)
    result = refused(many, PROCESS, policy=policy)
    assert ("too_many_payloads", "C28", (("rows", 4),)) == (result.code, result.rule.id, result.looked_at)


def test_a_checkout_with_as_many_payloads_as_it_may_have_still_takes_events() -> None:
    policy = Policy(checkout_rows_max=4)
    assert 5 == taken(checkout(OK, PROCESS, PROCESS, policy=policy), RESULT)[1].version


def test_commands_do_not_count_as_events() -> None:
    assert 1 == checkout(OK, PROCESS, PROCESS, Terminate()).events


# --- journal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "what", "policy", "expected"),
    [
        (None, OpenCheckout(OPENED, issued()), DEFAULT,
         {"kind": "sign initiate", "rules": ("C1",), "state": "INITIATE_SIGNED", "opened": OPENED, "issued": issued()}),
        (checkout(OK), PROCESS, DEFAULT,
         {"kind": "sign process", "rules": ("C8",), "state": "PROCESS_SIGNED", "order_id": "Order-1"}),
        (checkout(), PROCESS, INFERRED,
         {"kind": "sign process", "rules": ("C24", "C8"), "state": "PROCESS_SIGNED", "order_id": "Order-1"}),
        (checkout(OK), Terminate(), DEFAULT, {"kind": "terminate", "rules": ("C20",), "state": "TERMINATED"}),
        (checkout(OK, PROCESS), RESULT, DEFAULT,
         {"kind": "process_result", "rules": ("C15",), "state": "RETURNED", "trust": Trust.APP,
          "event": "process_result", "reported": "charged"}),
    ],
    ids=["open", "sign", "sign at once", "terminate", "event"],
)  # fmt: skip
def test_a_step_is_written_down_like_this(
    known: Checkout | None, what: CheckoutInput, policy: Policy, expected: dict[str, Any]
) -> None:
    result = decide(known, what, policy, at(60))
    assert not isinstance(result, Refused)
    values: dict[str, Any] = {"at": at(60), "trust": Trust.MERCHANT, "outcome": Outcome.MOVES, **expected}
    assert (Outcome.MOVES, CheckoutFact(**values)) == (result.outcome, result.fact)


def test_a_checkout_keeps_what_its_steps_tell() -> None:
    begun = decide(None, OpenCheckout(OPENED, issued()), DEFAULT, NOW)
    assert not isinstance(begun, Refused)
    known = begun.after
    assert Checkout(opened=OPENED, version=1, state=CheckoutState.INITIATE_SIGNED, created_at=NOW, updated_at=NOW,
                    issued=issued()) == known  # fmt: skip
    for seconds, what in ((1, OK), (2, PROCESS), (3, SHOWN)):
        result = decide(known, what, DEFAULT, at(seconds))
        assert not isinstance(result, Refused)
        known = result.after
    assert Checkout(opened=OPENED, version=4, state=CheckoutState.PROCESSING, created_at=NOW,
                    updated_at=at(3), issued=issued(),
                    order_id="Order-1", events=2) == known  # fmt: skip


def test_a_refusal_says_which_rule_looked_at_what() -> None:
    early = refused(checkout(), PROCESS)
    assert ("checkout_wrong_step", "C10") == (early.code, early.rule.id)
    assert ((("state", "INITIATE_SIGNED"),), ("sign initiate", "terminate")) == (early.facts, early.legal)
    many = refused(checkout(OK), OK, policy=Policy(checkout_events_max=1))
    assert ("rate_limited", (("events", "1"),)) == (many.code, many.facts)


def test_an_app_may_read_until_its_time_is_over() -> None:
    assert refuses_app(checkout(), at(899)) is None
    late = refuses_app(checkout(), at(900))
    assert late
    assert ("checkout_expired", "C12") == (late.code, late.rule.id)
    assert ((("state", "EXPIRED"),), ("sign initiate", "terminate")) == (late.facts, late.legal)


def test_any_other_event_moves_nothing() -> None:
    known = checkout(OK, PROCESS, SHOWN, SdkEvent(name="something_new", status="charged"))
    assert ("PROCESSING", 3) == (known.state, known.events)


def test_a_checkout_is_opened_once() -> None:
    with pytest.raises(ValueError, match=r"^a checkout is opened once$"):
        decide(checkout(), OpenCheckout(OPENED, issued()), DEFAULT, NOW)


def test_a_journal_begins_with_the_opening() -> None:
    with pytest.raises(ValueError, match=r"^a journal begins with the checkout being opened, once$"):
        evolve(None, taken(checkout(), OK)[0])


def test_a_checkout_may_be_opened_with_nothing_handed_out() -> None:
    bare = CheckoutFact(at=NOW, kind="open", trust=Trust.MERCHANT, outcome=Outcome.MOVES, rules=(),
                        state=CheckoutState.OPENED,
                        opened=OPENED)  # fmt: skip
    assert Checkout(opened=OPENED, version=1, state=CheckoutState.OPENED, created_at=NOW, updated_at=NOW) == evolve(
        None, bare
    )


def test_nothing_happens_to_a_checkout_that_is_not_there() -> None:
    with pytest.raises(LookupError, match=r"^no such checkout$"):
        decide(None, OK, DEFAULT, NOW)


def test_an_empty_journal_is_no_checkout() -> None:
    assert fold([]) is None


STATES = {"INITIATE_SIGNED", "INITIATED", "PROCESS_SIGNED", "PROCESSING", "RETURNED", "TERMINATED", "EXPIRED"}
INPUTS = st.sampled_from(
    [
        OK,
        BAD,
        SHOWN,
        RESULT,
        SdkEvent(name="", status="?"),
        PROCESS,
        SignProcessFor("o2"),
        ResumePayment(),
        Terminate(),
        Renew(issued(2000)),
    ]
)


@given(st.lists(st.tuples(INPUTS, st.integers(-100, 3000))), st.sampled_from([DEFAULT, INFERRED]))
def test_any_run_folds_to_its_snapshot(run: list[tuple[CheckoutInput, int]], policy: Policy) -> None:
    known = checkout()
    journal = [taken(None, OpenCheckout(OPENED, issued()), policy=policy)[0]]
    for what, seconds in run:
        result = decide(known, what, policy, at(seconds))
        if isinstance(result, Refused) or result.fact is None:
            continue
        assert result.after == evolve(known, result.fact)
        assert result.after.state in STATES
        assert known.version + 1 == result.after.version
        known = result.after
        journal.append(result.fact)
    assert known == fold(journal)
    assert OPENED == known.opened


@given(st.lists(INPUTS), st.integers(0, 3000))
def test_what_is_called_legal_is_not_refused(run: list[CheckoutInput], seconds: int) -> None:
    known = checkout()
    for what in run:
        result = decide(known, what, DEFAULT, NOW)
        known = known if isinstance(result, Refused) else result.after
    commands: dict[str, CheckoutInput] = {
        "sign initiate": Renew(issued(9000)),
        "sign process": PROCESS,
        "resume payment": ResumePayment(),
        "terminate": Terminate(),
    }
    for name, what in commands.items():
        is_refused = isinstance(decide(known, what, DEFAULT, at(seconds)), Refused)
        assert is_refused == (name not in legal_at(known, at(seconds)))


# --- in words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", CheckoutState)
def test_a_checkout_is_explained_in_every_state(state: CheckoutState) -> None:
    sentences = explain_checkout(attrs_evolve(checkout(OK, PROCESS), state=state), NOW)
    assert f"Checkout chk_1 of customer cust-1 is {state}. " in sentences[0]
    assert all(sentence.endswith(".") for sentence in sentences)


def test_a_checkout_names_its_order_and_what_may_be_done() -> None:
    sentences = explain_checkout(checkout(OK, PROCESS), NOW)
    assert "It was last used to pay order Order-1. The order shows how that ended." in sentences
    assert "What may be done now: sign initiate, sign process, resume payment, terminate." == sentences[-1]


def test_a_checkout_whose_time_ran_out_is_explained_as_expired() -> None:
    assert "is EXPIRED. " in explain_checkout(checkout(OK), at(900))[0]
