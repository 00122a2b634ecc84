"""When a payment came to where it stands."""

from unit.builders import at, journal, told

from paystate.core.describe.attempt_times import attempts_since


def test_a_payment_stands_where_it_stands_since_that_was_recorded() -> None:
    facts = journal(
        (told("PENDING_VBV", 1), at(10)),
        (told("PENDING_VBV", 2, txn="t2"), at(15)),
        (told("CHARGED", 3), at(20)),
        (told("CHARGED", 4, paid="90"), at(30)),  # the same state, told with more
    )
    assert {"t1": at(20), "t2": at(15)} == attempts_since(facts)


def test_of_an_order_without_payments_there_is_nothing_to_tell() -> None:
    assert {} == attempts_since(journal())
