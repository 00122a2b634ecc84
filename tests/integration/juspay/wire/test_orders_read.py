"""What an order's body says of money: each shape that Juspay has published, with figures of our own worked by hand.

Shapes: gateway contract, O. Nothing here is judged; what the figures mean together is the core's to say.
"""

from decimal import Decimal
from typing import Any

import pytest
from integration.juspay.played import order, refund, text

from paystate.adapters.juspay import answers
from paystate.core.errors import Unreadable, ValueInvalid
from paystate.core.evidence import OrderAnswer, References, RefundAnswer, RefundsAnswer, TxnAnswer
from paystate.core.money import Money

TXN = "teahouse-tea-041-1"


def read(**changes: Any) -> OrderAnswer:
    return answers.read_order(text(order(**changes)))


def detail(**changes: Any) -> dict[str, Any]:
    return {
        "txn_id": TXN,
        "txn_uuid": "mozTea1",
        "status": "CHARGED",
        "net_amount": 120.5,
        "txn_amount": 120.5,
    } | changes


def leg(number: int, effective: Any, **changes: Any) -> dict[str, Any]:
    whole = {
        "txn_id": f"{TXN}-{number}",
        "txn_uuid": f"mozLeg{number}",
        "status": "CHARGED",
        "effective_amount": effective,
        "payment_method_type": "CARD",
        "payment_method": "VISA",
    }
    return whole | changes


def split(*legs: Any, **changes: Any) -> OrderAnswer:
    body = order(txn_list=list(legs), refunds=[], amount_refunded=0, **changes)
    del body["txn_id"], body["txn_detail"]
    return answers.read_order(text(body))


def one(answer: OrderAnswer) -> RefundAnswer:
    (listed,) = answer.refunds
    return listed


# --- what was paid


def test_an_offer_takes_off_what_the_shopper_need_not_pay() -> None:
    # 1200 ordered, 180 off: 1020 paid.
    answer = read(amount=1200, effective_amount=1020, txn_detail=detail(offer_deduction_amount=180))
    assert (answer.amount, answer.paid, answer.discount) == (Decimal(1200), Decimal(1020), Decimal(180))
    assert answer.surcharge is None


def test_a_surcharge_and_its_tax_are_put_on() -> None:
    # 500 ordered, 9.25 put on and 1.66 of tax on that: 510.91 paid.
    answer = read(
        amount=500, effective_amount=510.91, txn_detail=detail(surcharge_amount=9.25, tax_amount=1.66, net_amount=500)
    )
    assert (answer.amount, answer.paid, answer.surcharge) == (Decimal(500), Decimal("510.91"), Decimal("10.91"))
    assert answer.discount is None


@pytest.mark.parametrize(
    ("surcharge", "tax", "told"),
    [
        (None, None, None),
        (4.5, None, "4.5"),
        (None, 0, "0"),
        ("4.50", "0.81", "5.31"),
        ("FILTERED", 0, None),
        (4.5, "FILTERED", None),
        ({}, {}, None),
    ],
)
def test_a_surcharge_is_told_only_where_all_of_it_is_seen(surcharge: Any, tax: Any, told: str | None) -> None:
    answer = read(txn_detail=detail(surcharge_amount=surcharge, tax_amount=tax))
    assert answer.surcharge == (None if told is None else Decimal(told))


def test_what_stands_in_the_detail_of_another_transaction_is_not_of_this_one() -> None:
    other = detail(txn_id="another-2", offer_deduction_amount=5, surcharge_amount=3, remaining_refundable_amount=1)
    answer = read(txn_detail=other)
    assert (answer.discount, answer.surcharge, answer.eligible) == (None, None, None)


def test_one_uuid_makes_it_the_same_transaction_however_its_id_is_spelt() -> None:
    same = detail(txn_id="TEAHOUSE_OLD-tea-041-1", offer_deduction_amount=5, status="AUTHORIZED")
    answer = read(txn_uuid="mozTea1", txn_detail=same)
    assert answer.discount == Decimal(5)
    assert answer.txn
    assert (answer.txn.txn_id, answer.txn.status) == (TXN, "AUTHORIZED")


def test_a_detail_without_a_name_is_of_the_transaction_at_the_top() -> None:
    assert read(txn_detail=detail(txn_id=None, offer_deduction_amount=5)).discount == Decimal(5)


def test_what_juspay_hides_is_not_told() -> None:
    hidden = dict.fromkeys(("effective_amount", "maximum_eligible_refund_amount", "currency", "txn_uuid"), "FILTERED")
    answer = read(**hidden, txn_detail=detail(offer_deduction_amount="FILTERED", txn_uuid=None))
    assert (answer.paid, answer.eligible, answer.discount, answer.currency) == (None, None, None, None)
    assert answer.amount == Decimal("120.5")
    assert answer.txn
    assert answer.txn.txn_uuid == ""


@pytest.mark.parametrize("wrong", [{}, [], {"value": 7}, [7], True, False], ids=str)
@pytest.mark.parametrize(
    ("member", "told"),
    [("amount", "amount"), ("effective_amount", "paid"), ("maximum_eligible_refund_amount", "eligible")],
)
def test_an_amount_of_the_wrong_type_is_unusable_alone(member: str, told: str, wrong: Any) -> None:
    answer = read(**{member: wrong})
    assert getattr(answer, told) is None
    assert (answer.order_id, answer.status, answer.currency) == ("tea-041", "CHARGED", "INR")


# --- what Juspay itself will still refund


@pytest.mark.parametrize(
    ("changes", "eligible"),
    [
        ({"maximum_eligible_refund_amount": 40.25}, "40.25"),
        ({"maximum_eligible_refund_amount": 0}, "0"),
        ({"txn_detail": detail(remaining_refundable_amount="33.00")}, "33.00"),
        ({"maximum_eligible_refund_amount": 7, "txn_detail": detail(remaining_refundable_amount=8)}, "7"),
        ({"maximum_eligible_refund_amount": "FILTERED", "txn_detail": detail(remaining_refundable_amount=8)}, "8"),
        ({"status": "PARTIAL_CHARGED", "refundable_amount": 12}, "12"),
        ({"refundable_amount": 12}, None),
        ({}, None),
    ],
)
def test_what_juspay_will_still_refund(changes: dict[str, Any], eligible: str | None) -> None:
    assert read(**changes).eligible == (None if eligible is None else Decimal(eligible))


# --- partial captures


def part(amount: Any, **changes: Any) -> dict[str, Any]:
    return {"txn_object_type": "PARTIAL_CAPTURE", "status": "CHARGED", "txn_amount": amount} | changes


def test_of_a_partial_capture_the_whole_is_not_what_was_taken() -> None:
    # Of 90 that were held 25 were taken.
    answer = read(status="PARTIAL_CHARGED", amount=90, effective_amount=90, captured_amount=25, refundable_amount=25)
    assert (answer.paid, answer.captured, answer.eligible) == (Decimal(90), Decimal(25), Decimal(25))


def test_without_a_figure_of_its_own_it_is_the_sum_of_the_captures() -> None:
    # 25.40 and 10.05 were taken, 54.55 released, 1.00 could not be taken.
    parts = [
        part(25.40),
        part("10.05"),
        part(54.55, txn_object_type="PARTIAL_VOID", status="VOIDED"),
        part(1, status="CAPTURE_FAILED"),
    ]
    assert read(status="PARTIAL_CHARGED", txn_sub_details=parts).captured == Decimal("35.45")


@pytest.mark.parametrize(
    "parts", [None, [], {}, "FILTERED", [None, 7], [part(None)], [part(5), part("FILTERED")]], ids=str
)
def test_what_was_taken_is_not_guessed(parts: Any) -> None:
    assert read(status="PARTIAL_CHARGED", txn_sub_details=parts).captured is None


@pytest.mark.parametrize("status", ["CHARGED", "VOIDED", "AUTHORIZED"])
def test_beside_another_status_nothing_is_told_of_captures(status: str) -> None:
    assert read(status=status, captured_amount=0, txn_sub_details=[part(5)]).captured is None


# --- the transaction that a status names


def test_a_transaction_with_the_references_of_its_bank() -> None:
    told = {
        "rrn": "503112",
        "arn": "7412",
        "epg_txn_id": "pay_Tea",
        "txn_id": "the gateway's own",
        "resp_message": "ok",
        "created": "2031-02-03T05:00:00Z",
    }
    txn = read(txn_detail=detail(), payment_gateway_response=told).txn
    assert txn == TxnAnswer(
        txn_id=TXN,
        status="CHARGED",
        txn_uuid="mozTea1",
        method="CARD/VISA",
        references=References(gateway="pay_Tea", arn="7412", rrn="503112", processed_at="2031-02-03T05:00:00Z"),
    )


@pytest.mark.parametrize("nothing", [None, "", "NA", "na", "FILTERED", "null", [], {}, True], ids=str)
def test_a_word_for_no_reference_is_none(nothing: Any) -> None:
    told = dict.fromkeys(("rrn", "arn", "epg_txn_id"), nothing)
    txn = read(payment_gateway_response=told).txn
    assert txn
    assert txn.references == References()


@pytest.mark.parametrize("odd", [[], "", "FILTERED", 7, None, True, [None]], ids=str)
def test_where_an_object_should_be_anything_may_stand(odd: Any) -> None:
    answer = read(txn_detail=odd, payment_gateway_response=odd, txn_list=odd, refunds=odd)
    assert (answer.status, answer.amount, answer.paid) == ("CHARGED", Decimal("120.5"), Decimal("120.5"))
    assert answer.txn == TxnAnswer(txn_id=TXN, status="", method="CARD/VISA")
    assert (answer.legs, answer.refunds) == ((), ())


@pytest.mark.parametrize("odd", [{}, [], True, "a\x00b", "x" * 129], ids=repr)
def test_an_odd_name_of_a_transaction_gives_way_to_that_in_its_detail(odd: Any) -> None:
    txn = read(txn_id=odd, txn_detail=detail()).txn
    assert txn
    assert (txn.txn_id, txn.status) == (TXN, "CHARGED")


@pytest.mark.parametrize("number", [40017, 10**19])
def test_a_number_as_an_id_is_read_as_its_text(number: int) -> None:
    answer = read(order_id=number, merchant_id=12, txn_id=8, txn_detail=None)
    assert (answer.order_id, answer.merchant_id) == (str(number), "12")
    assert answer.txn
    assert answer.txn.txn_id == "8"


def test_a_word_is_passed_on_as_it_is_spelt() -> None:
    answer = read(status="Failure", txn_detail=detail(status="Failure"), refunds=[refund(status="Failure")])
    assert answer.txn
    assert (answer.status, answer.txn.status, one(answer).status) == ("Failure", "Failure", "Failure")


# --- split payments


def test_a_split_payment_is_read_from_its_legs() -> None:
    # 30 by card and 70.50 by gift card; all of the card's part is back, and nothing of the other.
    back = refund(unique_request_id="r9", amount=30, status="SUCCESS")
    answer = split(
        leg(1, 30, refunds=[back], amount_refunded=30, payment_gateway_response={"rrn": "11"}),
        leg(2, "70.50", payment_method_type="WALLET", payment_method="GIFT", bank_error_message="held for a while"),
        amount=100.5,
        effective_amount=100.5,
    )
    assert answer.txn is None
    assert answer.refunds == ()
    card, gift = answer.legs
    assert (card.txn_id, card.status, card.txn_uuid, card.method) == (f"{TXN}-1", "CHARGED", "mozLeg1", "CARD/VISA")
    assert (card.paid, gift.paid) == (Decimal(30), Decimal("70.50"))
    assert (gift.method, gift.note, gift.refunds) == ("WALLET/GIFT", "held for a while", ())
    assert card.references == References(rrn="11")
    (listed,) = card.refunds
    assert (listed.refund_id, listed.amount, listed.status, listed.txn_id) == ("r9", Decimal(30), "SUCCESS", f"{TXN}-1")


def test_each_leg_has_a_status_of_its_own() -> None:
    given_back = refund(unique_request_id="ARTea", amount=95, status="MANUAL_REVIEW", initiated_by="AUTO_REFUNDED")
    answer = split(
        leg(1, 5, status="Failure", refunds=None),
        leg(2, 95, status="AUTO_REFUNDED", refunds=[given_back]),
        status="AUTO_REFUNDED",
    )
    assert [one.status for one in answer.legs] == ["Failure", "AUTO_REFUNDED"]
    assert [(one.automatic, one.status) for one in answer.legs[1].refunds] == [(True, "MANUAL_REVIEW")]


def test_the_parts_of_one_refund_stay_with_their_legs() -> None:
    answer = split(
        leg(1, 60, refunds=[refund(unique_request_id="r7", amount=60)]),
        leg(2, 40, refunds=[refund(unique_request_id="r7-1", amount=15)]),
    )
    listed = [(one.txn_id, part.refund_id, part.amount) for one in answer.legs for part in one.refunds]
    assert listed == [(f"{TXN}-1", "r7", Decimal(60)), (f"{TXN}-2", "r7-1", Decimal(15))]


def test_odd_members_of_a_split_payment_spoil_no_other() -> None:
    answer = split(None, "x", 7, {}, [], leg(1, {}, refunds=[None]), {"effective_amount": 3})
    assert [(one.txn_id, one.paid, one.refunds) for one in answer.legs] == [(f"{TXN}-1", None, ())]


@pytest.mark.parametrize("hidden", ["FILTERED", None, "", {}], ids=str)
def test_a_leg_that_hides_what_was_paid_tells_it_in_its_detail(hidden: Any) -> None:
    # 84 by points and 36.50 by card; `net_amount` of each is the whole order's 120.50.
    points, card = (detail(txn_id=f"{TXN}-{number}", txn_amount=part) for number, part in ((1, 84), (2, "36.50")))
    answer = split(leg(1, hidden, txn_detail=points), leg(2, hidden, txn_detail=card))
    assert [one.paid for one in answer.legs] == [Decimal(84), Decimal("36.50")]


def test_what_a_leg_says_for_itself_stands_before_its_detail() -> None:
    assert [one.paid for one in split(leg(1, 0, txn_detail=detail(txn_amount=120.5))).legs] == [Decimal(0)]


def test_a_leg_s_share_is_not_taken_from_the_detail_of_another_transaction() -> None:
    other = detail(txn_id=f"{TXN}-2", txn_uuid="mozLeg2", txn_amount=36.5)
    assert [one.paid for one in split(leg(1, None, txn_detail=other)).legs] == [None]


@pytest.mark.parametrize("hidden", ["FILTERED", None], ids=str)
def test_a_leg_s_share_is_never_taken_from_what_is_the_whole_order_s(hidden: Any) -> None:
    answer = split(leg(1, hidden, txn_detail=detail(txn_amount=hidden, net_amount=120.5)))
    assert [one.paid for one in answer.legs] == [None]


def test_a_leg_may_be_named_by_its_detail_by_its_uuid_or_not_at_all() -> None:
    answer = split(
        leg(1, 1, txn_id=None, status=None, txn_detail={"txn_id": "by-detail", "status": "CHARGED"}),
        leg(2, 2, txn_id=None),
        leg(3, 3, txn_id=None, txn_uuid=None),
    )
    assert [(one.txn_id, one.status) for one in answer.legs] == [
        ("by-detail", "CHARGED"), ("mozLeg2", "CHARGED"), ("unnamed-leg-3", "CHARGED"),
    ]  # fmt: skip


def test_nameless_refunds_of_two_legs_are_two() -> None:
    nameless = refund(unique_request_id=None)
    answer = split(leg(1, 1, refunds=[nameless]), leg(2, 2, refunds=[nameless]))
    first, second = (one.refunds[0].refund_id for one in answer.legs)
    assert first != second


def test_a_transaction_that_is_named_at_the_top_and_as_a_leg_is_told_once() -> None:
    answer = read(txn_list=[leg(1, 120.5, txn_id=TXN)])
    assert (answer.txn, [one.txn_id for one in answer.legs]) == (None, [TXN])


# --- refunds


@pytest.mark.parametrize(
    ("who", "automatic"),
    [
        *[("AUTO_REFUNDED", True), ("auto_refunded", True), ("AUTOREFUND_WORKFLOW", True), ("JUSPAY", True)],
        *[("juspay", True), ("API", False), ("asha", False), ("FILTERED", False), (None, False), (1, False)],
    ],
)
def test_who_began_a_refund(who: Any, automatic: bool) -> None:
    assert one(read(refunds=[refund(initiated_by=who)])).automatic is automatic


@pytest.mark.parametrize("hidden", ["FILTERED", None, "", "NA", {}], ids=str)
@pytest.mark.parametrize(
    ("refund_id", "automatic"),
    [("AR7kQ2mWz9pLtXbe", True), ("ARTea", True), ("arx4k2m7q5w3nb6c2dza", False), ("rfnd-AR7", False), ("r1", False)],
)
def test_where_it_is_hidden_who_began_a_refund_its_id_tells(hidden: Any, refund_id: str, automatic: bool) -> None:
    assert one(read(refunds=[refund(unique_request_id=refund_id, initiated_by=hidden)])).automatic is automatic


def test_a_refund_whose_member_of_who_began_it_is_missing_is_told_by_its_id() -> None:
    nobody = refund(unique_request_id="AR7kQ2mWz9pLtXbe")
    nobody.pop("initiated_by", None)
    assert one(read(refunds=[nobody])).automatic


@pytest.mark.parametrize("who", ["API", "api", "asha", "shp_desk", "teahouse", 1])
def test_who_is_named_decides_before_the_id_does(who: Any) -> None:
    assert not one(read(refunds=[refund(unique_request_id="AR7kQ2mWz9pLtXbe", initiated_by=who)])).automatic


def test_a_refund_that_juspay_made_by_itself() -> None:
    answer = read(
        status="AUTO_REFUNDED",
        amount=7.5,
        refunds=[
            refund(
                unique_request_id="ARTea", id="g7", amount=7.50, status="SUCCESS", initiated_by="AUTO_REFUNDED",
                ref="rfnd_7", arn="7001", pg_processed_at="2031-02-03T05:00:00.250Z",
            )
        ],
    )  # fmt: skip
    listed = one(answer)
    assert (listed.refund_id, listed.amount, listed.automatic) == ("ARTea", Decimal("7.5"), True)
    assert listed.references == References(gateway="rfnd_7", arn="7001", processed_at="2031-02-03T05:00:00Z")


def test_entries_that_repeat_one_id_all_come_through() -> None:
    tries = [refund(unique_request_id="ARTea", status="FAILURE", id=f"ARTea_{n}") for n in range(5)]
    assert [r.refund_id for r in read(refunds=tries).refunds] == ["ARTea"] * 5


def test_what_stands_between_refunds_and_is_none_is_passed_over() -> None:
    answer = read(refunds=[None, "r0", [], {}, {"note": "x"}, refund(unique_request_id=77), 5])
    assert one(answer).refund_id == "77"


@pytest.mark.parametrize("wrong", [{}, [], True, "much", None, "FILTERED"], ids=str)
def test_a_refund_s_amount_of_the_wrong_type_becomes_no_money_and_the_rest_counts(wrong: Any) -> None:
    answer = read(refunds=[refund(amount=wrong), refund(unique_request_id="r2", amount=3)])
    bad, good = answer.refunds
    with pytest.raises(ValueInvalid):
        Money.from_decimal(bad.amount, "INR")
    assert (bad.refund_id, good.amount) == ("r1", Decimal(3))


@pytest.mark.parametrize("wrong", [{}, [], True, 7, "a\x00"], ids=repr)
def test_a_refund_s_status_that_is_no_word_is_none(wrong: Any) -> None:
    assert one(read(refunds=[refund(status=wrong)])).status == ""


@pytest.mark.parametrize(
    ("told", "gateway"),
    [
        ({"ref": "g1", "reference_id": "g2", "epg_txn_id": "g3"}, "g1"),
        ({"ref": None, "reference_id": "g2"}, "g2"),
        ({"reference_id": "r1", "epg_txn_id": "g3"}, "g3"),
        ({"ref": "NA"}, ""),
    ],
)
def test_the_gateway_s_own_id_of_a_refund_is_not_ours(told: dict[str, Any], gateway: str) -> None:
    assert one(read(refunds=[refund(**told)])).references.gateway == gateway


# --- what a refund call answers


def refunded(**changes: Any) -> dict[str, Any]:
    whole = {
        "unique_request_id": "r5",
        "order_id": "tea-041",
        "amount": 80.25,
        "status": "PENDING",
        "txn_id": f"{TXN}-1",
        "created": "2031-02-03T04:05:06Z",
        "initiated_by": "API",
        "refund_arn": "7100",
    }
    return whole | changes


def test_the_refund_of_one_transaction_comes_back_alone() -> None:
    answer = answers.read_refunded(text(refunded()))
    assert isinstance(answer, RefundsAnswer)
    assert answer.order_id == "tea-041"
    (told,) = answer.refunds
    assert (told.refund_id, told.amount, told.status) == ("r5", Decimal("80.25"), "PENDING")
    assert (told.txn_id, told.references.arn, told.automatic) == (f"{TXN}-1", "7100", False)


def test_the_refund_of_a_split_order_is_one_whatever_it_is_made_of() -> None:
    # 80.25 = 60.00 from the first leg and 20.25 from the second.
    shares = [
        {"unique_request_id": "r5", "amount": 60, "status": "SUCCESS", "txn_id": f"{TXN}-1"},
        {"unique_request_id": "r5-1", "amount": 20.25, "status": "PENDING", "txn_id": f"{TXN}-2"},
    ]
    answer = answers.read_refunded(text(refunded(split_refund_details=shares)))
    assert isinstance(answer, RefundsAnswer)
    assert [(r.refund_id, r.amount, r.status, r.txn_id) for r in answer.refunds] == [
        ("r5", Decimal("80.25"), "PENDING", "")
    ]


def test_the_whole_order_may_come_back_too() -> None:
    answer = answers.read_refunded(text(order(refunds=[refund()])))
    assert answer == read(refunds=[refund()])


def test_a_refund_without_an_amount_is_no_money() -> None:
    answer = answers.read_refunded(text(refunded(amount=None)))
    assert isinstance(answer, RefundsAnswer)
    assert answer.refunds[0].amount.is_nan()


@pytest.mark.parametrize("changes", [{"status": None}, {"status": 7}, {"unique_request_id": {}}, {"order_id": {}}])
def test_what_is_neither_order_nor_refund_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        answers.read_refunded(text(refunded(**changes)))


@pytest.mark.parametrize("item", ["{}", '{"id":1}', '{"amount":1}'])
@pytest.mark.parametrize("member", ["refunds", "txn_list"])
def test_a_list_without_end_is_not_built(member: str, item: str) -> None:
    listed = ",".join([item] * ((1 << 20) // (len(item) + 1)))
    body = text(order(**{member: "listed"})).replace(b'"listed"', f"[{listed}]".encode())
    with pytest.raises(Unreadable):
        answers.read_order(body)
