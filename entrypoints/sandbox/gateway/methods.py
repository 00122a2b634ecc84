"""Ways to pay, and what the dummy gateway makes of each: amount bands and magic values.

A card number is looked at once and not kept: only its brand, first six and last four digits are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from paystate.entrypoints.sandbox.marks import Mark


class Plan(StrEnum):
    """How an attempt goes on once the shopper has approved it."""

    CHARGE = "charge"
    REFUSE = "refuse"
    PENDING_CHARGE = "pending_charge"
    PENDING_REFUSE = "pending_refuse"
    STUCK = "stuck"
    LATE_CHARGE = "late_charge"
    DECLINE = "decline"
    COD = "cod"
    TO_BE_CHARGED = "to_be_charged"
    NO_GATEWAY = "no_gateway"
    AUTHENTICATED = "authenticated"


@dataclass(frozen=True, slots=True)
class CardSaid:
    """What a payment says of its card beside the number; as of a made-up card where it says nothing (ours).

    Attributes:
        is_kept: It is one that Juspay keeps for the shopper.
        is_to_be_kept: Juspay is asked to keep it.
        is_tokenized: The card network is asked for a token that stands for it.
    """

    expiry_year: str = "2040"
    expiry_month: str = "01"
    name: str = "SANDBOX SHOPPER"
    is_kept: bool = False
    is_to_be_kept: bool = False
    is_tokenized: bool = False


@dataclass(frozen=True, slots=True)
class Instalments:
    """How a payment is spread over months (recorded, contract O.7); `kind` is such as NO_COST_EMI."""

    bank: str
    tenure: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A chosen way to pay, without anything secret in it."""

    group: str
    name: str
    vpa: str = ""
    card_isin: str = ""
    last_four: str = ""
    card: CardSaid = CardSaid()
    auth_type: str = ""
    """How the shopper proves who they are, where a payment says it: `MOTO` and `NO_THREE_DS` are without the bank."""
    instalments: Instalments | None = None

    @property
    def flow(self) -> str:
        """`txn_flow_type` (documented for UPI, contract F.1; others recorded): a UPI app pays without an address."""
        if self.group == "UPI":
            return "COLLECT" if self.vpa else "INTENT"
        if self.group == "CARD" and self.instalments:
            return "EMI"
        return {"CARD": "CARD_TRANSACTION", "NB": "NET_BANKING"}.get(self.group, self.group)


@dataclass(frozen=True, slots=True)
class Choice:
    """A method, and the plan its value asks for; None leaves it to the amount. `offer_id` is of the offer it takes."""

    method: Method
    plan: Plan | None
    offer_id: str = ""


class MethodInvalid(Exception):
    """The shopper's input is no way to pay; the text can be shown to them."""


@dataclass(frozen=True, slots=True)
class Magic:
    """A value with a fixed outcome."""

    value: str
    plan: Plan
    mark: Mark
    message: str


MAGIC_VPAS: Final = (
    Magic("success@upi", Plan.CHARGE, "documented", "The payment succeeds."),
    Magic("failure@upi", Plan.REFUSE, "documented", "The bank refuses."),
    Magic("pending@upi", Plan.PENDING_CHARGE, "ours", "Pending at first, charged later."),
    Magic("pendingfail@upi", Plan.PENDING_REFUSE, "ours", "Pending at first, refused later."),
    Magic("stuck@upi", Plan.STUCK, "ours", "Pending until somebody settles it by hand."),
    Magic("late@upi", Plan.LATE_CHARGE, "ours", "Refused at first, yet charged later: a late success."),
    Magic("tobecharged@upi", Plan.TO_BE_CHARGED, "ours", "Validated only: somebody has to start the charge."),
    Magic("nogateway@upi", Plan.NO_GATEWAY, "ours", "No gateway is found: STARTED until somebody settles it by hand."),
    Magic("authenticated@upi", Plan.AUTHENTICATED, "ours", "Authenticated, not yet authorised; charged later."),
    Magic("declined@upi", Plan.DECLINE, "ours", "Juspay itself declines."),
)
MAGIC_CARDS: Final = tuple(
    Magic(number, Plan.CHARGE, "documented", "The payment succeeds.")
    for number in (
        "4242424242424242",
        "4111111111111111",
        "5299920210000277",
        "5299920000000149",
        "4012000000001097",
        "5204730541000464",
    )
)
"""Contract K; values win over amounts."""

BANKS: Final = {"NB_AXIS": "Axis Bank", "NB_HDFC": "HDFC Bank", "NB_ICICI": "ICICI Bank", "NB_SBI": "State Bank"}

WALLETS: Final = {"PAYTM": "Paytm", "PHONEPE": "PhonePe", "AMAZONPAY": "Amazon Pay", "MOBIKWIK": "MobiKwik"}
"""Which of Juspay's many the page offers (the names are recorded, contract F.1; the selection is ours)."""

_PLANS: Final = {magic.value: magic.plan for magic in (*MAGIC_VPAS, *MAGIC_CARDS)}
_VPA: Final = re.compile(r"[A-Za-z0-9._-]{2,64}@[A-Za-z][A-Za-z0-9]{1,31}", re.ASCII)
_CARD: Final = re.compile(r"[0-9]{13,19}", re.ASCII)


def chosen(kind: str, value: str) -> Choice:
    """Return the choice that `kind` (upi, intent, card, nb, wallet, cod) and its value make; intent and cod have none.

    Raises:
        MethodInvalid: The kind is unknown or the value is not of it.
    """
    match kind:
        case "upi":
            return _upi(value.strip().lower())
        case "card":
            return _card(re.sub(r"[ -]", "", value))
        case "nb":
            return _net_banking(value)
        case "wallet":
            return _wallet(value)
        case "intent":
            return Choice(Method("UPI", "UPI"), None)
        case "cod":
            return Choice(Method("CASH", "CASH"), Plan.COD)
        case _:
            raise MethodInvalid("Choose a way to pay.")


def plan_for(choice: Choice, amount: Decimal) -> Plan:
    """Return the plan of an attempt: the value's, else the amount band's (documented, contract K)."""
    if choice.plan is not None:
        return choice.plan
    if amount < 500:
        return Plan.CHARGE
    return Plan.REFUSE if amount < 700 else Plan.PENDING_CHARGE


def _upi(vpa: str) -> Choice:
    if not _VPA.fullmatch(vpa):
        raise MethodInvalid("This is not a UPI ID. It looks like name@bank.")
    return Choice(Method("UPI", "UPI", vpa=vpa), _PLANS.get(vpa))


def _card(number: str) -> Choice:
    if not _CARD.fullmatch(number) or not _luhn_holds(number):
        raise MethodInvalid("This is not a card number.")
    method = Method("CARD", card_brand(number), card_isin=number[:6], last_four=number[-4:])
    return Choice(method, _PLANS.get(number))


def _net_banking(bank: str) -> Choice:
    if bank not in BANKS:
        raise MethodInvalid("Choose a bank from the list.")
    return Choice(Method("NB", bank), None)


def _wallet(name: str) -> Choice:
    if name not in WALLETS:
        raise MethodInvalid("Choose a wallet from the list.")
    return Choice(Method("WALLET", name), None)


def card_brand(number: str) -> str:
    """Return the brand that a card number's first digit tells (ours)."""
    if number.startswith("4"):
        return "VISA"
    return "MASTERCARD" if number[0] in "25" else "RUPAY"


def _luhn_holds(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
