"""When a payment or a refund came, and came to where it stands."""

from unit.builders import at, journal, told

from paystate.core.describe.times import NO_TIMES, Times, times_of


def test_a_payment_stands_where_it_stands_since_that_was_recorded() -> None:
    facts = journal(
        (told("PENDING_VBV", 1), at(10)),
        (told("PENDING_VBV", 2, txn="t2"), at(15)),
        (told("CHARGED", 3), at(20)),
        (told("CHARGED", 4, paid="90"), at(30)),  # the same state, told with more
    )
    assert {
        "t1": Times(first_seen_at=at(10), changed_at=at(20)),
        "t2": Times(first_seen_at=at(15), changed_at=at(15)),
    } == times_of(facts).attempts


def test_of_an_order_without_payments_there_is_nothing_to_tell() -> None:
    assert NO_TIMES == times_of(journal())
